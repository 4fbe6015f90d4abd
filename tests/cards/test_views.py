"""What a card says in each state, as data: values in, blocks out."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.ayrshare.model import Account, Link
from bot.cards.model import Card, CardId, CardState, MailedLink
from bot.cards.views import (
    MODAL_TITLE,
    card_message,
    card_modal,
    mail_announced,
    mailed_link,
    masked,
    undelivered_card,
)
from bot.core.model import Message, RefId, TeamId, UserId
from bot.slack.actions import CANCEL_LINK, NEW_LINK, OPEN_LINK

MADE = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
URL = "https://profile.ayrshare.com/?jwt=CANARY"
OPEN, NEW, CANCEL = OPEN_LINK.label, NEW_LINK.label, CANCEL_LINK.label
DEADLINE = "<!date^1772355900^{time_secs}|09:05:00 UTC>"
COPY_WORKS = "It can't be taken back: whoever has a copy of it can use it until"
CARD = Card(
    id=CardId("c1"),
    team=TeamId("T1"),
    viewer=UserId("U1"),
    owner=UserId("U1"),
    ref_id=RefId("r"),
    title="Acme: Jane",
    link=Link(SecretStr(URL), MADE + 5 * MINUTE),
    made_at=MADE,
    surface=None,
    version=3,
)


def words(message: Message) -> str:
    """All that can be read in the blocks, buttons aside."""
    blocks = [block for block in message.blocks if block["type"] != "actions"]
    return json.dumps(blocks, ensure_ascii=False)


def buttons(message: Message) -> dict[str, dict[str, Any]]:
    rows = [block for block in message.blocks if block["type"] == "actions"]
    return {element["text"]["text"]: element for row in rows for element in row["elements"]}


def test_a_live_card_has_its_link_in_one_button_and_nowhere_else() -> None:
    message = card_message(CARD, now=MADE)
    shown = buttons(message)
    assert list(shown) == [OPEN, NEW, CANCEL]
    assert (shown[OPEN]["url"], shown[OPEN]["style"]) == (URL, "primary")
    assert {button["value"] for button in shown.values()} == {"c1:3"}
    assert shown[NEW]["accessibility_label"] == "Make a new link for Acme: Jane"
    assert URL not in message.text + words(message)


def test_a_live_card_says_until_when_it_works_by_the_readers_clock_and_in_minutes() -> None:
    message = card_message(CARD, now=MADE + 2 * MINUTE)
    assert f"The page works until {DEADLINE} (3 min)." in words(message)
    assert "Your linking page for Acme: Jane is ready. It works until 09:05 UTC (3 min)." in message.text
    assert "<!date" not in message.text


def test_a_link_that_lives_longer_than_half_an_hour_shows_the_date() -> None:
    long = replace(CARD, link=Link(SecretStr(URL), MADE + 60 * MINUTE))
    message = card_message(long, now=MADE)
    assert "{date_short_pretty}" in words(message)
    assert "01 Mar 2026, 10:00 UTC" in message.text


def test_an_opened_card_says_when_and_what_was_connected() -> None:
    opened = replace(CARD, state=CardState.OPENED, opened_at=MADE, connected=(Account("tiktok", "Jane"),))
    shown = words(card_message(opened, now=MADE))
    assert "Opened at <!date^1772355600^" in shown
    assert "Linked with this page: TikTok (Jane)." in shown
    assert "Linked with this page" not in words(card_message(CARD, now=MADE))


def test_an_admin_is_warned_on_somebody_elses_card_and_its_owner_is_not() -> None:
    admins = card_message(replace(CARD, viewer=UserId("U2")), now=MADE)
    assert ":warning: *This is <@U1>'s link.*" in words(admins)
    assert admins.text.startswith("The linking page")
    assert ":warning:" not in words(card_message(CARD, now=MADE))


def test_a_card_from_a_colleagues_request_says_who_asked_and_quotes_the_note() -> None:
    asked = replace(CARD, asked_by=UserId("U9"), note="before <Friday>")
    for state in (CardState.READY, CardState.EXPIRED):
        shown = words(card_message(replace(asked, state=state), now=MADE))
        assert "<@U9> asks you to link your accounts." in shown
        assert '{"type": "plain_text", "text": "“before <Friday>”"' in shown
    assert len(card_message(replace(asked, note=""), now=MADE).blocks) == len(card_message(asked, now=MADE).blocks) - 1


@pytest.mark.parametrize(
    ("state", "revoked", "ending", "copy_works"),
    [
        (CardState.EXPIRED, False, f"This link expired at {DEADLINE}.", False),
        (CardState.CANCELLED, True, "This link was cancelled.", False),
        (CardState.CANCELLED, False, "This link was cancelled.", True),
        (CardState.REPLACED, True, "A newer link was made; this one has been replaced.", False),
        (CardState.REPLACED, False, "A newer link was made; this one has been replaced.", True),
    ],
)
def test_a_card_that_has_ended_says_how_and_has_no_link(
    state: CardState, ending: str, *, revoked: bool, copy_works: bool
) -> None:
    message = card_message(replace(CARD, state=state, revoked=revoked), now=MADE)
    assert ending in words(message)
    assert list(buttons(message)) == [NEW]
    assert URL not in json.dumps(message.blocks) + message.text
    for said in (words(message), message.text):
        assert (COPY_WORKS in said) == copy_works
    after = card_message(replace(CARD, state=state, revoked=revoked), now=MADE + 5 * MINUTE)
    assert COPY_WORKS not in words(after) + after.text


def test_a_modal_counts_down_to_the_second_and_says_when_it_is_closed() -> None:
    modal = card_modal(CARD, now=MADE + 10 * SECOND)
    assert (modal.title, modal.metadata, modal.tells_of_close) == (MODAL_TITLE, "c1", True)
    assert "(4 min 50 s)" in words(Message("", modal.blocks))
    ended = card_modal(replace(CARD, state=CardState.EXPIRED), now=MADE + 5 * MINUTE)
    assert list(buttons(Message("", ended.blocks))) == [NEW]


def test_a_card_that_could_not_be_shown_offers_a_new_link_and_has_none() -> None:
    message = undelivered_card(CARD)
    assert "Slack didn't let me show the link for Acme: Jane" in message.text
    assert list(buttons(message)) == [NEW]
    assert URL not in json.dumps(message.blocks)


def mailed(*, by: str, notified: bool | None = None) -> Message:
    return mailed_link(MailedLink(CARD, UserId(by), "jane@acme.example", notified), now=MADE)


def test_the_owner_of_a_mailed_link_is_shown_the_whole_address() -> None:
    message = mailed(by="U1")
    assert "mailed you a link for *Acme: Jane*, to jane@acme.example, the address in your Slack" in words(message)
    assert "connect@socialconnecthub.com (Social Connect Hub), not from Slack" in words(message)
    assert "(5 min)" in words(message)
    assert "to the address in your Slack profile" in message.text
    assert "09:05 UTC" in message.text
    assert "<!date" not in message.text


def test_an_admin_is_told_whether_the_owner_knows_and_shown_a_masked_address() -> None:
    told, untold = mailed(by="U9", notified=True), mailed(by="U9", notified=False)
    assert "mailed <@U1> a link for *Acme: Jane*, to j…@acme.example, the address in their Slack" in words(told)
    assert "I've told them what that mail is." in words(told)
    assert "I couldn't send them a message about it" in words(untold)
    for message in (told, untold):
        assert "jane@" not in words(message) + message.text
        assert "acme.example" not in message.text


def test_the_owner_is_told_that_an_announced_mail_is_genuine() -> None:
    message = mail_announced(CARD, by=UserId("U9"))
    assert "<@U9> had Ayrshare mail you a link for *Acme: Jane*" in words(message)
    assert "it is no phishing" in words(message)
    assert "@acme" not in words(message) + message.text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ben@connect.example", "b…@connect.example"),
        ("bo@connect.example", "…@connect.example"),
        ("b&n.o@connect.example", "b…@connect.example"),
        ("ben@a&b.example", "b…@a&b.example"),
    ],
)
def test_a_masked_address_keeps_at_most_its_first_letter_and_its_domain(address: str, shown: str) -> None:
    assert masked(address) == shown


def test_an_address_is_escaped() -> None:
    message = mailed_link(MailedLink(CARD, UserId("U9"), "ben@a&b.example", notified=True), now=MADE)
    assert " to b…@a&amp;b.example, the address" in words(message)
