"""How profiles are shown: values in, blocks out."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from bot.ayrshare.model import Account, AccountChange, Profile
from bot.ayrshare.networks import OfferedNetworks, network_name
from bot.core.errors import NextStep
from bot.core.model import RefId, UserId
from bot.profiles.account_change_views import change_told, name_and_handle
from bot.profiles.errors import NotMapped
from bot.profiles.model import SIGN_IN_REQUIRED, TITLES_NAMED, Disconnected, ProfileRef, ProfileStatus, Snapshot
from bot.profiles.views import (
    picker,
    plain_status,
    profile_status,
    status,
    titles,
)
from bot.slack.actions import ASK_ADMIN, MAP_A_PROFILE, PICK_PROFILE
from bot.slack.blocks import MOST_OPTIONS
from bot.slack.text import date

BEN, REF = UserId("U0BEN0001"), RefId("a" * 40)
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
JANE = Account("instagram", "Jane & Co")
DUE_BY = datetime(2026, 11, 9, 12, tzinfo=UTC)
DUE = Account("linkedin", None, DUE_BY, needs_attention=True)
LOST = Disconnected("twitter", "acme", NOW, SIGN_IN_REQUIRED)


def profiles(count: int) -> list[Profile]:
    return [Profile(RefId(f"{number:040x}"), f"Brand {number}", SecretStr("key")) for number in range(count)]


def test_only_the_person_without_a_profile_can_ask_an_admin() -> None:
    assert NotMapped(BEN).step_for(BEN) == NextStep(ASK_ADMIN)
    assert NotMapped(BEN).step_for(None) == NextStep(MAP_A_PROFILE, BEN)


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


def seen(*accounts: Account, title: str = "Acme", lost: tuple[Disconnected, ...] = ()) -> ProfileStatus:
    return ProfileStatus(REF, title, Snapshot(NOW, accounts, disconnected=lost))


def test_a_status_names_what_needs_a_sign_in_and_by_when() -> None:
    shown = seen(JANE, DUE, lost=(LOST,), title="Acme <1>")
    assert profile_status(shown).split("\n") == [
        "*Acme &lt;1&gt;*",
        f"🔴 X (acme) has been disconnected since {date(NOW)}: {SIGN_IN_REQUIRED}. Posts to X won't go out.",
        f"🟡 LinkedIn expires soon. Reconnect by {date(DUE_BY)} to keep posting.",
        "🟢 Connected: Instagram (Jane &amp; Co).",
    ]
    assert plain_status(shown) == (
        f"Acme &lt;1&gt;: 🔴 X (acme) has been disconnected since 02 Nov 2026: {SIGN_IN_REQUIRED}. "
        "Posts to X won't go out. "
        "🟡 LinkedIn expires soon. Reconnect by 09 Nov 2026 to keep posting. "
        "🟢 Connected: Instagram (Jane &amp; Co)."
    )


def test_a_status_without_accounts_says_so_or_why() -> None:
    assert profile_status(seen()) == "*Acme*\n⚪ Nothing connected yet."
    unknown = ProfileStatus(REF, "Acme", trouble="Ayrshare is away.")
    assert profile_status(unknown) == "*Acme*\nAyrshare is away."
    assert plain_status(unknown) == "Acme: Ayrshare is away."


def test_a_status_has_the_worst_profile_first_and_one_primary_button() -> None:
    message = status(
        [seen(JANE), seen(title="Initech"), seen(DUE, title="Globex")],
        owner=BEN,
        offered=OfferedNetworks(),
        left_out=3,
    )
    *rows, more = message.blocks
    assert [row["text"]["text"].split("*")[1] for row in rows] == ["Globex", "Initech", "Acme"]
    assert [(row["accessory"]["text"]["text"], row["accessory"].get("style")) for row in rows] == [
        ("Reconnect", "primary"),
        ("Connect accounts", None),
        ("Connect accounts", None),
    ]
    assert more["elements"][0]["text"] == "3 more are on my Home tab."
    assert message.text.startswith("Globex: 🟡 LinkedIn expires soon.")


@pytest.mark.parametrize(("name", "shown"), [("gmb", "Google Business Profile"), ("myspace", "Myspace")])
def test_a_network_has_the_name_that_people_write(name: str, shown: str) -> None:
    assert network_name(name) == shown


def test_more_titles_than_a_sentence_can_hold_are_counted() -> None:
    held = [ProfileRef(RefId(str(number)), f"A&{number}", default=False) for number in range(TITLES_NAMED + 2)]
    assert titles(held[:2]) == "*A&amp;0* and *A&amp;1*"
    assert titles(held).endswith(f"*A&amp;{TITLES_NAMED - 1}* and 2 more")


def test_long_names_of_accounts_and_of_profiles_that_share_one_stay_different() -> None:
    long = "Acme Corporation International Holdings: Social Media Team of the Region West, office number"
    account = Account("linkedin", f"{long} 1", id="1")
    assert name_and_handle(account) != name_and_handle(replace(account, name=f"{long} 2"))
    told = [
        change_told(AccountChange("c", NOW, NOW, account, shared_with={RefId("b" * 40): title}), over=False)
        for title in (f"{long} 1", long)
    ]
    assert told[0] != told[1]
