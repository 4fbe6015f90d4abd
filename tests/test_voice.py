"""How the bot talks: plain short sentences, people and things by name, nothing of ours where members read."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.ayrshare.networks import OfferedNetworks
from bot.cli.texts import Text, all_texts
from bot.cli.texts.render import rendered
from bot.cli.texts.samples import NAMES
from bot.core.model import Message, RefId, UserId
from bot.mappings import told_views
from bot.mappings.model import Asker, Taken
from bot.notifications.model import WeeklyRow
from bot.notifications.weekly_views import weekly_message
from bot.profiles.model import Disconnected, ProfileRef

LONGEST_SENTENCE = 20
LONGEST_MESSAGE = 60
"""Words before the first button."""

FOR_ADMINS = (
    *(
        "help.views.admins_help",
        "links_api.errors",
        "home.views.admin_home",
        "home.views.list_message",
        "home.views.counts",
        "home.row_views",
        "home.status_views",
        "people.views",
        "notifications.weekly_views",
    ),
    *("mappings.map_views.map_form", "mappings.map_views.preview"),
    *("mappings.map_views.mapping_result", "mappings.map_views.title_exists", "mappings.map_views.creating"),
    *("mappings.told_views.admin_request", "mappings.removal_views.unmap_", "mappings.removal_views.handover_"),
    "client_links.errors",
    *("mappings.told_views.deactivated_message", "mappings.errors", "invitations.errors.NothingToLink"),
)
FOR_OPERATORS = (
    *("storage.errors.DataDir", "storage.errors.UnreadableKeyFile", "storage.errors.KeyFileNotWritten"),
    *("storage.errors.NoServerHere", "storage.errors.Socket", "storage.errors.ServerRuns"),
    *("storage.errors.FilesDamaged", "storage.errors.NoAnswer"),
    "storage.schema.NewerData",
    *("client_links.errors.NoPublicUrl", "client_links.errors.ClientLinksOff"),
    *("slack.socket_errors.", "http.server.CannotListen"),
)
"""What is read in a terminal or a log, where settings and parts are named."""

CLUMSY = re.compile(r"\b(shall|anew|likewise|fell off|falls off|somebody|those whom)\b", re.IGNORECASE)
ADMINS_WORD = re.compile(r"\b(un)?map(s|ped|ping|pings)?\b", re.IGNORECASE)
PARTS = re.compile(r"\b(Redis|[A-Z]+_[A-Z_]+)\b")
ID = re.compile(r"\b[UWTCSG]0[A-Z0-9]{4,}\b|\b[0-9a-f]{12,}\b")
ONE_OF_MANY = re.compile(r"\b1 (people|profiles|accounts|members|others|requests|changes|minutes|hours|days)\b")
TYPE = re.compile(r"\btyp(e|ing)\b", re.IGNORECASE)
OF_TYPING = ("help.views", "slack.errors.UnknownPerson", "links_api.errors", "mappings.map_views.map_form")
"""The help, and what answers what was typed."""
ADDRESS = re.compile(r"https?://|\bwww\.")
ONLY_IN_BLOCKS = re.compile(r"b…@example\.com|@Ben's profile|Account locked")
"""An address, whose profile it is that an admin sees, and Ayrshare's own words stand in no notification of a phone."""
END_OF_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n| · |[|\[<]")
"""A label of a button or a menu is part of no sentence."""


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return list(all_texts())


def found(pattern: re.Pattern[str], texts: list[Text]) -> list[str]:
    return [f"{text.made_by}: {line}" for text in texts for line in text.new if pattern.search(line)]


def test_no_word_is_clumsy(texts: list[Text]) -> None:
    assert found(CLUMSY, texts) == []


def test_people_and_things_have_names_not_ids(texts: list[Text]) -> None:
    assert found(ID, texts) == []


def test_one_is_not_many(texts: list[Text]) -> None:
    assert found(ONE_OF_MANY, texts) == []


def test_members_never_read_of_mapping(texts: list[Text]) -> None:
    assert found(ADMINS_WORD, [text for text in texts if not text.made_by.startswith(FOR_ADMINS)]) == []


def test_only_operators_read_of_settings_and_of_our_parts(texts: list[Text]) -> None:
    assert found(PARTS, [text for text in texts if not text.made_by.startswith(FOR_OPERATORS)]) == []


def test_nobody_is_told_to_type_where_a_button_can_do_it(texts: list[Text]) -> None:
    assert found(TYPE, [text for text in texts if not text.made_by.startswith(OF_TYPING)]) == []


def test_no_notification_has_an_address(texts: list[Text]) -> None:
    assert [text.made_by for text in texts if isinstance(text.shown, Message) and ADDRESS.search(text.shown.text)] == []


def test_desktop_and_phone_tell_the_same(texts: list[Text]) -> None:
    """Desktops take a notification's words from the first block, phones from `text`."""
    assert [f"{text.made_by} {text.unusual}: {one}" for text in _messages(texts) for one in _untold(text)] == []


def test_screen_readers_say_what_is_written_on_a_button(texts: list[Text]) -> None:
    """WCAG 2.5.3: whoever speaks to their computer names the button as it reads."""
    blocks = [block for text in texts for block in getattr(text.shown, "blocks", ())]
    elements = [one for block in blocks for one in (*block.get("elements", ()), block.get("accessory", {}))]
    spoken = {one["accessibility_label"]: one["text"]["text"] for one in elements if "accessibility_label" in one}
    assert len(spoken) > 10
    assert {said: label for said, label in spoken.items() if not said.startswith(label)} == {}


def test_each_sentence_is_short(texts: list[Text]) -> None:
    sentences = {
        one: text.made_by
        for text in texts
        for line in rendered(text.shown, NAMES)
        for one in END_OF_SENTENCE.split(line.removeprefix("text: "))
    }
    assert {one: name for one, name in sentences.items() if words_in(one) > LONGEST_SENTENCE} == {}


def test_a_button_comes_soon(texts: list[Text]) -> None:
    long = {f"{text.made_by} {text.unusual}": words_in(" ".join(_before_buttons(text.shown))) for text in texts}
    assert {name: count for name, count in long.items() if count > LONGEST_MESSAGE} == {}


def test_a_button_comes_soon_however_many_profiles_a_message_is_about() -> None:
    many = [ProfileRef(RefId(f"{one}"), f"A rather long title, number {one}", default=False) for one in range(40)]
    lost = Disconnected("linkedin", "Jane Doe", datetime(2026, 11, 23, tzinfo=UTC))
    taken = [Taken(tuple(one.title for one in many), UserId("U1"), "U2")]
    for message in (
        told_views.mapped_message(many, by="U2"),
        told_views.received_message(many, old=UserId("U1"), by="U2"),
        told_views.handed_over_message(many, new=UserId("U1"), by="U2"),
        told_views.unmapped_message(many, left=(), by="U2", command="/connect"),
        told_views.deactivated_message(UserId("U1"), many, taken),
        told_views.admin_request([Asker(UserId("U1"), has=tuple(one.title for one in many))]),
        weekly_message(
            [WeeklyRow(one.ref_id, one.title, (UserId("U1"),), (lost,), ()) for one in many], offered=OfferedNetworks()
        ),
    ):
        assert words_in(" ".join(_before_buttons(message))) <= LONGEST_MESSAGE


def _untold(text: Text) -> Iterator[str]:
    """Yield the sentences of the first block that `text` lacks."""
    assert isinstance(text.shown, Message)
    if not text.shown.text:
        return
    said = "\n".join(rendered(Message(text.shown.text), NAMES)).replace("*", "")
    first = "\n".join(rendered(Message("", text.shown.blocks[:1]), NAMES)[1:]).partition("  [")[0].replace("*", "")
    for sentence in END_OF_SENTENCE.split(first):
        if sentence.strip(" .") not in said and not ONLY_IN_BLOCKS.search(sentence):
            yield sentence


def _messages(texts: list[Text]) -> Iterator[Text]:
    return (text for text in texts if isinstance(text.shown, Message))


def words_in(text: str) -> int:
    """Return how many words a text has: signs and bullets are none."""
    return sum(any(letter.isalnum() for letter in one) for one in text.split())


def _before_buttons(shown: object) -> Iterator[str]:
    """Yield what is read before the first button or menu, the words beside it among them."""
    for block in getattr(shown, "blocks", ()):
        if block["type"] in {"actions", "input"}:
            return
        beside = {name: part for name, part in block.items() if name != "accessory"}
        yield from rendered(Message("", (beside,)), NAMES)[1:]
        if "accessory" in block:
            return
