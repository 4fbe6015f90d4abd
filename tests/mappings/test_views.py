"""The modals and messages of mapping, unmapping and handing over, as data: a value in, blocks out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.ayrshare.model import Account, Link
from bot.cards.model import Card, CardId
from bot.core.model import Message, RefId, TeamId, UserId
from bot.mappings import map_views, removal_views
from bot.mappings.model import (
    MappingForm,
    MappingMethod,
    MappingPreview,
    MappingResult,
    PendingId,
    RemovalResult,
    TitleExists,
)
from bot.profiles.model import ProfileRef
from bot.profiles.views import profile_options
from bot.slack.actions import MAP_A_PROFILE
from bot.slack.blocks import ALERT_LIMIT
from bot.slack.model import Modal

ANA, BEN, CARA = UserId("U0ANA"), UserId("U0BEN"), UserId("U0CARA")
JANE = ProfileRef(RefId("jane"), "Acme: Jane", default=True)
GLOBEX = ProfileRef(RefId("globex"), "<Globex>", default=False)
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
FORM = MappingForm(
    person=BEN,
    method=MappingMethod.CREATE,
    known={RefId("jane"): "Acme: Jane", RefId("nameless"): " "},
    has_profiles=False,
    networks=("instagram", "twitter"),
)
PREVIEW = MappingPreview(
    pending_id=PendingId("p"),
    title="Acme: Jane",
    user=BEN,
    default=False,
    accounts=(),
    other_users=(),
    already_mapped=False,
)


def changed(**fields: Any) -> MappingForm:
    return replace(FORM, **fields)


def words(shown: Modal | Message) -> str:
    """The paragraphs, headings and notes, line by line."""
    blocks: list[dict[str, Any]] = list(shown.blocks)
    parts = [part for block in blocks for part in (block.get("text"), *block.get("elements", ())) if part]
    return "\n".join(part["text"] for part in parts if isinstance(part["text"], str))


def inputs(modal: Modal) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block["element"] for block in modal.blocks if block["type"] == "input"}


def labels(element: dict[str, Any], which: str = "options") -> list[str]:
    return [option["text"]["text"] for option in element[which]]


def card(*, minutes: int = 5, session: str | None = None, revoked: bool = False) -> Card:
    link = Link(SecretStr("https://example.com"), NOW + timedelta(minutes=minutes), session)
    return Card(
        CardId("c"), TeamId("T"), BEN, BEN, RefId("jane"), "Acme: Jane", link, NOW, surface=None, revoked=revoked
    )


class TestMapForm:
    @pytest.mark.parametrize(
        ("method", "fields", "submit"),
        [
            (MappingMethod.CREATE, ["person", "how", "title", "networks"], "Create"),
            (MappingMethod.KEY, ["person", "how", "key"], "Next"),
            (MappingMethod.KNOWN, ["person", "how", "profile"], "Next"),
        ],
    )
    def test_has_the_inputs_of_the_method(self, method: MappingMethod, fields: list[str], submit: str) -> None:
        modal = map_views.map_form(changed(method=method))
        assert ([*inputs(modal)], modal.submit, modal.metadata) == (fields, submit, ":")
        assert inputs(modal)["person"]["initial_user"] == BEN
        assert inputs(modal)["how"]["initial_option"]["value"] == method

    def test_offers_what_is_known_only_if_anything_is(self) -> None:
        known = inputs(map_views.map_form(changed(method=MappingMethod.KNOWN)))["profile"]
        assert labels(known) == ["Acme: Jane", "Profile nameless"]
        many = {RefId(f"{number}"): f"Client {number}" for number in range(101)}
        searched = inputs(map_views.map_form(changed(method=MappingMethod.KNOWN, known=many)))["profile"]
        assert (searched["type"], "options" in searched) == ("external_select", False)
        assert len(labels(inputs(map_views.map_form(FORM))["how"])) == 3
        assert len(labels(inputs(map_views.map_form(changed(known={})))["how"])) == 2

    def test_finds_known_profiles_by_a_part_of_the_title(self) -> None:
        found = profile_options(FORM.known, words="aCME")
        assert [option["value"] for option in found] == ["jane"]

    def test_fills_in_a_title_that_replaces_what_was_typed(self) -> None:
        typed = inputs(map_views.map_form(FORM))["title"]
        modal = map_views.map_form(
            changed(title="Acme 2", chosen_networks=["twitter"], default=True, has_profiles=True)
        )
        title, networks = inputs(modal)["title"], inputs(modal)["networks"]
        assert "initial_value" not in typed
        assert title["initial_value"] == map_views.read_metadata(modal.metadata)[1] == "Acme 2"
        assert title["action_id"] != typed["action_id"]  # else Slack keeps what was typed
        assert labels(networks, "initial_options") == ["X"]
        assert inputs(modal)["default"]["initial_options"]

    def test_begins_with_its_warning(self) -> None:
        assert map_views.map_form(changed(warning="No.")).blocks[0]["text"]["text"] == "No."


class TestATitleThatExists:
    def test_is_explained_with_both_ways_out_in_as_many_letters_as_an_alert_holds(self) -> None:
        said = map_views.title_exists(TitleExists("<Acme>", "<Acme> 2", answer_lost=False))
        assert said == (
            "Ayrshare has *&lt;Acme&gt;* and sends a key only once. "
            "Copy it from Ayrshare's dashboard, or take the new title below."
        )
        assert len(map_views.title_exists(TitleExists("x" * 100, "y" * 100, answer_lost=True))) <= ALERT_LIMIT

    def test_says_that_an_answer_was_lost_and_outside_the_modal_where_to_start(self) -> None:
        lost = TitleExists("Acme", "Acme 2", answer_lost=True)
        told = map_views.title_exists_message(lost)
        assert told.text.startswith("Its answer got lost, but Ayrshare has *Acme*")
        assert told.text.endswith("or create *Acme 2*.")
        assert told.blocks[-1]["elements"][0]["text"]["text"] == MAP_A_PROFILE.label


class TestPreview:
    def test_shows_the_accounts_and_who_gets_the_profile(self) -> None:
        soon = Account("linkedin", refresh_by=datetime(2026, 12, 4, tzinfo=UTC), needs_attention=True)
        accounts = (Account("instagram", "Jane"), soon, Account("tiktok", needs_attention=True))
        modal = map_views.preview(replace(PREVIEW, accounts=accounts, default=True, other_users=(CARA,)))
        told = ("🔴 disconnected: TikTok", "🟢 connected: Instagram (Jane)", "🟡 expires soon: LinkedIn")
        assert "\n".join(told) in words(modal)
        assert "<@U0BEN> gets it, as their default." in words(modal)
        assert "<@U0CARA> has it, too." in words(modal)
        assert (modal.submit, modal.metadata) == ("Map", "p")

    def test_says_what_it_does_not_know_or_would_not_change(self) -> None:
        assert "can't show its accounts" in words(map_views.preview(replace(PREVIEW, accounts=None)))
        assert "nothing connected" in words(map_views.preview(PREVIEW))
        assert "A profile without a title" in words(map_views.preview(replace(PREVIEW, title=" ")))
        assert "<@U0BEN> has it already." in words(map_views.preview(replace(PREVIEW, already_mapped=True)))
        others = tuple(UserId(f"U{number}") for number in range(12))
        assert "<@U9> and 2 more have it, too." in words(map_views.preview(replace(PREVIEW, other_users=others)))


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (MappingResult("A & B", BEN, default=True, new=True), "<@U0BEN> has *A &amp; B* now, as their default."),
        (MappingResult("A", BEN, default=False, new=False), "<@U0BEN> already had *A*."),
        (MappingResult("A", BEN, default=False, new=True, notified=True), "<@U0BEN> has *A* now. I told them."),
        (MappingResult("A", BEN, default=False, new=True, notified=False), "Tell them yourself."),
    ],
)
def test_a_mapping_is_said_with_what_its_person_knows(result: MappingResult, said: str) -> None:
    assert map_views.mapping_result(result).endswith(said)


class TestUnmap:
    def test_asks_which_of_several_profiles(self) -> None:
        modal = removal_views.unmap_choice(BEN, [JANE, GLOBEX], words="acme")
        assert labels(inputs(modal)["profile"]) == ["Acme: Jane", "<Globex>", "All of them (2)"]
        assert modal.metadata == "U0BEN:acme"

    def test_offers_as_many_as_slack_takes_and_all_only_if_the_metadata_can_name_them(self) -> None:
        many = [ProfileRef(RefId(f"{number:040}"), f"Client {number}", default=False) for number in range(120)]
        modal = removal_views.unmap_choice(BEN, many, words="")
        assert len(labels(inputs(modal)["profile"])) == 100
        assert "These are the first 100 of 120." in words(modal)
        assert labels(inputs(modal)["profile"])[-1] == "Client 99"

    @pytest.mark.parametrize(
        ("chosen", "held", "said"),
        [
            ([JANE], [JANE], "Unmap *Acme: Jane* from <@U0BEN>? They have no other profile."),
            ([JANE], [JANE, GLOBEX], "Unmap *Acme: Jane* from <@U0BEN>? Their default becomes *&lt;Globex&gt;*."),
            ([GLOBEX], [JANE, GLOBEX], "Unmap *&lt;Globex&gt;* from <@U0BEN>?\n"),
        ],
    )
    def test_asks_to_confirm_with_what_is_left(
        self, chosen: list[ProfileRef], held: list[ProfileRef], said: str
    ) -> None:
        modal = removal_views.unmap_confirmation(BEN, chosen, held=held, live=[])
        assert said in words(modal)
        assert "None of their links works right now." in words(modal)
        assert (modal.submit, modal.metadata) == ("Unmap", f"U0BEN:{chosen[0].ref_id}")

    def test_offers_to_end_links_to_what_was_unmapped_before(self) -> None:
        modal = removal_views.unmap_confirmation(BEN, [JANE], held=[GLOBEX], live=[card(session="s")])
        assert "no longer has *Acme: Jane*, but some links to it still work." in words(modal)
        assert "This also cancels the link they have now, for good." in words(modal)
        assert modal.submit == "End links"


class TestRemovalResult:
    def test_says_everything_that_came_of_it(self) -> None:
        ended = (card(minutes=3), card(minutes=300), card(revoked=True))
        result = RemovalResult(
            BEN, (JANE,), (GLOBEX,), ended, links_left=True, notified=(BEN, CARA), not_notified=(ANA,)
        )
        until = int((NOW + timedelta(minutes=300)).timestamp())
        done, first, links, gone, left, told, untold = words(removal_views.unmap_result(result)).split("\n")
        assert (done, first) == ("*Done*", "<@U0BEN> no longer has *Acme: Jane*.")
        assert links.startswith("3 of their links ended. Copies keep working until")
        assert f"<!date^{until}^{{date_short_pretty}}, {{time}}|" in links
        assert gone == "<@U0BEN> had lost *&lt;Globex&gt;* already: another admin was faster."
        assert left.startswith("Some of their links still work.")
        assert told == "I told <@U0BEN> and <@U0CARA>."
        assert untold == "Slack doesn't let me message <@U0ANA>. Tell them yourself."

    def test_says_nothing_of_what_was_not_done(self) -> None:
        result = RemovalResult(BEN, (), (JANE,), (), links_left=False)
        assert words(removal_views.handover_result(result, new=CARA)) == (
            "*Nothing to take*\n<@U0BEN> had lost *Acme: Jane* already: another admin was faster."
        )


class TestHandover:
    def test_asks_which_profiles_and_who_takes_over(self) -> None:
        modal = removal_views.handover_form(BEN, [JANE, GLOBEX], new=CARA, live=[card(), card(session="s")])
        profiles, successor = inputs(modal)["profiles"], inputs(modal)["to"]
        assert profiles["options"] == profiles["initial_options"]
        assert labels(profiles) == ["Acme: Jane", "<Globex>"]
        assert successor["initial_user"] == CARA
        assert "<@U0BEN> has 2 profiles." in words(modal)
        assert "This also cancels the 2 links they have now, for good. Copies keep working until" in words(modal)
        assert "no profile yet, *Acme: Jane* becomes their default." in words(modal)
        assert [one["level"] for one in modal.blocks if one["type"] == "alert"] == ["warning"]

    def test_hands_over_all_of_more_than_a_hundred_and_says_if_they_have_changed(self) -> None:
        many = [ProfileRef(RefId(f"{number}"), f"Client {number}", default=not number) for number in range(101)]
        modal = removal_views.handover_form(BEN, many, new=None, live=[], warning=removal_views.HELD_CHANGED)
        assert [*inputs(modal)] == ["to"]
        assert "I hand all 101 over together." in words(modal)
        assert words(modal).startswith(removal_views.HELD_CHANGED)
        assert modal.metadata == removal_views.handover_metadata(BEN, [*reversed(many)])
        assert modal.metadata != removal_views.handover_metadata(BEN, many[1:])

    def test_comes_back_as_it_was_filled_in(self) -> None:
        modal = removal_views.handover_form(
            BEN, [JANE, GLOBEX], new=CARA, live=[], warning="No.", chosen=[GLOBEX.ref_id]
        )
        assert (modal.blocks[0]["type"], modal.blocks[0]["text"]["text"]) == ("alert", "No.")
        assert labels(inputs(modal)["profiles"], "initial_options") == ["<Globex>"]
