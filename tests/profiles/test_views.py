"""How profiles are shown: values in, blocks out."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from bot.ayrshare.model import Account, Profile
from bot.ayrshare.networks import OfferedNetworks, network_name
from bot.core.errors import NextStep
from bot.core.model import RefId, UserId
from bot.profiles.errors import NotMapped
from bot.profiles.model import TITLES_NAMED, ProfileRef, ProfileStatus
from bot.profiles.views import (
    picker,
    plain_status,
    profile_status,
    status,
    titles,
)
from bot.slack.actions import ASK_ADMIN, PICK_PROFILE
from bot.slack.blocks import MOST_OPTIONS

BEN = UserId("U0BEN0001")
JANE = Account("instagram", "Jane & Co")
DUE = Account("linkedin", None, datetime(2026, 11, 9, 12, tzinfo=UTC), needs_attention=True)
LOST = Account("twitter", "acme", needs_attention=True)


def profiles(count: int) -> list[Profile]:
    return [Profile(RefId(f"{number:040x}"), f"Brand {number}", SecretStr("key")) for number in range(count)]


def test_only_the_person_without_a_profile_can_ask_an_admin() -> None:
    assert NotMapped(BEN, "/connect").next_step == NextStep(ASK_ADMIN, only_for=BEN)


def test_the_picker_offers_each_profile_of_its_owner() -> None:
    message = picker(profiles(2), owner=BEN)
    _, choice = message.blocks
    (select,) = choice["elements"]
    assert select["action_id"] == PICK_PROFILE
    assert [option["text"]["text"] for option in select["options"]] == ["Brand 0", "Brand 1"]
    assert [option["value"] for option in select["options"]] == [f"{BEN}:{one.ref_id}" for one in profiles(2)]
    assert message.text.endswith("2 fit.")


def test_a_picker_says_that_it_does_not_offer_all_profiles() -> None:
    _, choice, note = picker(profiles(MOST_OPTIONS + 1), owner=BEN).blocks
    assert len(choice["elements"][0]["options"]) == MOST_OPTIONS
    assert f"{MOST_OPTIONS + 1} profiles fit" in note["elements"][0]["text"]


def test_a_status_names_what_needs_attention_and_by_when() -> None:
    shown = ProfileStatus("Acme <1>", (JANE, DUE, LOST))
    assert profile_status(shown).split("\n") == [
        "*Acme &lt;1&gt;*",
        "Linked: Instagram (Jane &amp; Co).",
        "Needs attention by <!date^1794225600^{date_short}|09 Nov 2026>: LinkedIn. Sign in to LinkedIn again.",
        "Needs attention now: X (acme). Sign in to X again.",
    ]
    assert plain_status(shown) == (
        "Acme &lt;1&gt;: Instagram (Jane &amp; Co), LinkedIn needs attention, X (acme) needs attention."
    )


def test_a_status_without_accounts_says_so_or_why() -> None:
    assert profile_status(ProfileStatus("Acme")) == "*Acme*\nNothing is linked yet."
    assert plain_status(ProfileStatus("Acme")) == "Acme: nothing is linked yet."
    unknown = ProfileStatus("Acme", trouble="Ayrshare is away.")
    assert profile_status(unknown) == "*Acme*\nAyrshare is away."
    assert plain_status(unknown) == "Acme: Ayrshare is away."


def test_statuses_are_one_section_each_and_say_how_many_are_left_out() -> None:
    shown = [ProfileStatus("Acme"), ProfileStatus("Globex")]
    assert [
        block["type"]
        for block in status(
            shown, owner=UserId("U0BEN"), offered=OfferedNetworks(), left_out=0, command="/connect"
        ).blocks
    ] == ["section", "section"]
    message = status(shown, owner=UserId("U0BEN"), offered=OfferedNetworks(), left_out=3, command="/connect")
    assert message.blocks[-1]["elements"][0]["text"].startswith("3 more profiles are not shown. `/connect status`")
    assert message.text.count("\n") == 1


@pytest.mark.parametrize(("name", "shown"), [("gmb", "Google Business Profile"), ("myspace", "Myspace")])
def test_a_network_has_the_name_that_people_write(name: str, shown: str) -> None:
    assert network_name(name) == shown


def test_more_titles_than_a_sentence_can_hold_are_counted() -> None:
    held = [ProfileRef(RefId(str(number)), f"A&{number}", default=False) for number in range(TITLES_NAMED + 2)]
    assert titles(held[:2]) == "*A&amp;0*, *A&amp;1*"
    assert titles(held).endswith(f"*A&amp;{TITLES_NAMED - 1}* and 2 more")
