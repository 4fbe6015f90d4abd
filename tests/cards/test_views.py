"""What a card says in each state, as data: values in, blocks out."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.ayrshare.model import Account, AccountChange, Link
from bot.cards.account_views import opening_label
from bot.cards.model import Card, CardId, CardState
from bot.cards.scope import Scope
from bot.cards.views import MODAL_TITLE, PHONE_HINT, card_message, card_modal, undelivered_card
from bot.core.model import Message, RefId, TeamId, UserId
from bot.profiles.model import Disconnected, ProfileHealth, ProfileState, Snapshot
from bot.slack.actions import CANCEL_LINK, CONNECT_ANOTHER, CONNECT_OTHERS, NEW_LINK, OPEN_LINK, OTHER_PROFILES
from bot.slack.model import ModalRef, ResponseUrl, ViewId

MADE = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
URL = "https://profile.ayrshare.com/?jwt=CANARY"
OPEN, NEW, CANCEL = OPEN_LINK.label, NEW_LINK.label, CANCEL_LINK.label
DEADLINE = "<!date^1772355900^{time}|09:05 UTC>"
COPY_WORKS = "Copies keep working until"
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
CLICK = ResponseUrl(SecretStr("https://hooks.slack.com/x"), MADE + 30 * MINUTE, posts_left=4, replaces=True)
OPENED = replace(CARD, state=CardState.OPENED, opened_at=MADE, surface=CLICK)
ANOTHER = AccountChange("1", MADE, MADE, Account("tiktok", "Eve"), former=Account("tiktok", "Jane"))
BROKEN = Snapshot(MADE, (), disconnected=(Disconnected("linkedin", "Jane", MADE - timedelta(days=1)),))


def words(message: Message) -> str:
    """All that can be read in the blocks, buttons aside."""
    blocks = [block for block in message.blocks if block["type"] != "actions"]
    return json.dumps(blocks, ensure_ascii=False)


def buttons(message: Message) -> dict[str, dict[str, Any]]:
    rows = [block for block in message.blocks if block["type"] == "actions"]
    return {one["text"]["text"]: one for row in rows for one in row["elements"] if one["type"] == "button"}


def choices(message: Message) -> list[str]:
    """What the ⋯ menu offers."""
    rows = [block for block in message.blocks if block["type"] == "actions"]
    menus = [one for row in rows for one in row["elements"] if one["type"] == "overflow"]
    return [option["text"]["text"] for menu in menus for option in menu["options"]]


def first_words(message: Message) -> str:
    """What a desktop's notification shows: the first block."""
    return str(message.blocks[0]["text"]["text"])


def test_a_live_card_has_its_link_in_one_button_and_nowhere_else() -> None:
    message = card_message(CARD, now=MADE)
    shown = buttons(message)
    assert list(shown) == [OPEN]
    assert (shown[OPEN]["url"], shown[OPEN]["style"], shown[OPEN]["value"]) == (URL, "primary", "c1:3")
    assert shown[OPEN]["accessibility_label"] == "Connect accounts for Acme: Jane"
    assert URL not in message.text + words(message)


def test_what_else_can_be_done_with_a_live_card_is_in_its_menu() -> None:
    assert choices(card_message(CARD, now=MADE)) == [NEW, CANCEL]
    narrow = replace(CARD, scope=Scope(("linkedin",)), others=(ProfileState("Globex", ProfileHealth.CONNECTED),))
    assert choices(card_message(narrow, now=MADE)) == [NEW, CANCEL, CONNECT_OTHERS.label, OTHER_PROFILES.label]


def test_desktops_and_phones_are_notified_of_the_same() -> None:
    message = card_message(CARD, now=MADE)
    assert first_words(message) == "*Acme: Jane*\nConnect the accounts that this profile should post to."
    assert message.text.startswith("Acme: Jane: Connect the accounts that this profile should post to.")


def test_a_card_that_cant_be_redrawn_says_until_when_it_works_by_the_readers_clock() -> None:
    message = card_message(CARD, now=MADE + 2 * MINUTE)
    assert f"Expires at {DEADLINE} (5-minute link) · only you can see this" in words(message)
    assert message.text.endswith("The link expires at 09:05 UTC.")
    assert "<!date" not in message.text


@pytest.mark.parametrize(
    ("after", "drawn", "in_full"),
    [
        (timedelta(0), "▰▰▰▰▰ *5 min left*", "5 minutes left."),
        (2 * MINUTE, "▰▰▰▱▱ *3 min left*", "3 minutes left."),
        (3 * MINUTE + 20 * SECOND, "▰▰▱▱▱ *under 2 min left*", "Under 2 minutes left."),
        (4 * MINUTE, "▰▱▱▱▱ *1 min left*", "1 minute left."),
        (4 * MINUTE + 35 * SECOND, "▰▱▱▱▱ *under 30 s left*", "Under 30 seconds left."),
    ],
)
def test_a_card_that_can_be_redrawn_counts_down(after: timedelta, drawn: str, in_full: str) -> None:
    message = card_message(OPENED, now=MADE + after)
    assert f"{drawn} · expires at {DEADLINE} · only you can see this" in words(message)
    assert message.text.endswith(in_full)
    assert "▰" not in message.text


def test_a_link_that_lives_longer_than_half_an_hour_shows_the_date() -> None:
    long = replace(OPENED, link=Link(SecretStr(URL), MADE + 60 * MINUTE))
    message = card_message(long, now=MADE)
    moment = "<!date^1772359200^{date_short_pretty}, {time}|01 Mar 2026, 10:00 UTC>"
    assert f"Expires {moment} (1-hour link)" in words(message)
    assert "01 Mar 2026, 10:00 UTC" in message.text


def test_a_card_says_what_is_broken_and_reconnects_that() -> None:
    broken = replace(CARD, scope=Scope(("linkedin",), reconnect=True), seen=BROKEN)
    message = card_message(broken, now=MADE)
    assert first_words(message).endswith("LinkedIn is disconnected. Posts to it won't go out until you reconnect.")
    assert '"Jane, disconnected since' in words(message)
    assert list(buttons(message)) == ["Reconnect LinkedIn"]


def test_a_card_asks_nobody_to_sign_in_to_what_no_link_may_offer() -> None:
    refused = replace(CARD, scope=Scope(left_out="X can't be connected here."), seen=BROKEN)
    message = card_message(refused, now=MADE)
    assert first_words(message).endswith("LinkedIn is disconnected. You can connect other accounts here.")
    assert "X can't be connected here." in words(message)


def test_a_card_says_what_expires_and_by_when() -> None:
    due = Account("linkedin", "Jane", refresh_by=MADE + timedelta(days=8), needs_attention=True)
    message = card_message(replace(CARD, seen=Snapshot(MADE, (due, Account("tiktok", "Acme")))), now=MADE)
    assert "Reconnect LinkedIn (Jane) by <!date^1773046800^{date_short}|09 Mar 2026>" in first_words(message)
    assert "TikTok (Acme)" in words(message)
    assert "by 09 Mar 2026 to keep posting." in message.text
    assert list(buttons(message)) == ["Reconnect LinkedIn"]


def test_a_card_for_a_network_says_whether_that_is_connected_already() -> None:
    seen = Snapshot(MADE, (Account("tiktok", "Acme"),))
    for network, task, label in (
        ("tiktok", "TikTok is connected. Reconnect it to renew the sign-in or change the account.", "Reconnect TikTok"),
        ("reddit", "Connect Reddit.", "Connect Reddit"),
    ):
        message = card_message(replace(CARD, scope=Scope((network,)), seen=seen), now=MADE)
        assert first_words(message).endswith(task)
        assert list(buttons(message)) == [label]


def test_a_card_for_other_networks_than_what_is_broken_asks_to_connect_them() -> None:
    message = card_message(replace(CARD, scope=Scope(asked=()), seen=BROKEN), now=MADE)
    assert first_words(message).endswith("Connect the accounts that this profile should post to.")
    assert "LinkedIn (Jane) has been disconnected since" in words(message)
    assert list(buttons(message)) == [OPEN]


def test_a_card_whose_accounts_all_work_says_so() -> None:
    message = card_message(replace(CARD, seen=Snapshot(MADE, (Account("tiktok", "Acme"),))), now=MADE)
    assert first_words(message).endswith("Everything works. Connect more accounts if you like.")


def test_a_card_lists_the_other_profiles_with_their_signs() -> None:
    others = [ProfileState(f"Brand {number}", ProfileHealth.CONNECTED) for number in range(5)]
    others[4] = ProfileState("Globex", ProfileHealth.DISCONNECTED)
    shown = words(card_message(replace(CARD, others=tuple(others)), now=MADE))
    assert "Your other profiles: 🔴 Globex (disconnected) · 🟢 Brand 0 (connected)" in shown
    assert "Brand 2 (connected) and 1 more" in shown


def test_what_was_reconnected_is_said_first_and_offers_another() -> None:
    again = Account("linkedin", "Jane", handle="acme", known_since=MADE - timedelta(days=9))
    done = replace(OPENED, scope=Scope(("linkedin",), reconnect=True), seen=BROKEN, connected=(again,))
    message = card_message(done, now=MADE)
    assert first_words(message) == "*Acme: Jane*\n✅ LinkedIn reconnected (@acme). Everything works."
    assert message.text.startswith("Acme: Jane: ✅ LinkedIn reconnected (@acme). Everything works.")
    assert list(buttons(message)) == [CONNECT_ANOTHER.label]
    assert buttons(message)[CONNECT_ANOTHER.label]["action_id"] == CONNECT_OTHERS.action_id
    assert URL not in json.dumps(message.blocks)


@pytest.mark.parametrize(
    ("seen", "connected"),
    [
        (BROKEN, Account("tiktok", "Jane")),
        (Snapshot(MADE), replace(Account("tiktok", "Eve"), change=ANOTHER)),
    ],
    ids=["another network is broken", "it may be the wrong account"],
)
def test_a_card_says_that_everything_works_only_where_that_is_so(seen: Snapshot, connected: Account) -> None:
    right = Account("instagram", "Acme")
    done = replace(OPENED, scope=Scope(("tiktok", "instagram")), seen=seen, connected=(connected, right))
    assert "✅ Instagram connected (Acme)." in first_words(card_message(done, now=MADE))
    assert "Everything works" not in words(card_message(done, now=MADE))


def test_a_link_for_all_networks_connects_another_account_itself() -> None:
    done = replace(OPENED, connected=(Account("tiktok", "Jane"),))
    message = card_message(done, now=MADE)
    assert "✅ TikTok connected (Jane). Everything works." in first_words(message)
    assert buttons(message)[CONNECT_ANOTHER.label]["url"] == URL


def test_what_is_still_broken_stays_listed_until_it_is_reconnected() -> None:
    half = replace(OPENED, scope=Scope(("linkedin", "tiktok"), reconnect=True), seen=BROKEN)
    message = card_message(replace(half, connected=(Account("tiktok", "Jane"),)), now=MADE)
    assert first_words(message) == "*Acme: Jane*\n✅ TikTok connected (Jane)."
    assert "LinkedIn (Jane) has been disconnected since" in words(message)
    assert list(buttons(message)) == ["Reconnect accounts"]


def test_a_hint_for_phones_comes_once_the_link_was_opened() -> None:
    assert PHONE_HINT in words(card_message(OPENED, now=MADE))
    assert PHONE_HINT not in words(card_message(CARD, now=MADE))


def test_an_admin_is_warned_on_somebody_elses_card_and_its_owner_is_not() -> None:
    admins = card_message(replace(CARD, viewer=UserId("U2")), now=MADE)
    assert first_words(admins).startswith("*Acme: Jane* · <@U1>'s profile\n")
    assert "⚠️ Use a private window" in words(admins)
    assert "⚠️" not in words(card_message(CARD, now=MADE))


def test_a_card_from_a_colleagues_request_says_who_asked_and_quotes_the_note() -> None:
    asked = replace(CARD, asked_by=UserId("U9"), note="before <Friday>")
    for state in (CardState.READY, CardState.EXPIRED):
        shown = words(card_message(replace(asked, state=state), now=MADE))
        assert "<@U9> asks you to connect your accounts." in shown
        assert '"type": "rich_text_quote", "elements": [{"type": "text", "text": "before <Friday>"}]' in shown
    assert len(card_message(replace(asked, note=""), now=MADE).blocks) == len(card_message(asked, now=MADE).blocks) - 1


def test_a_colleague_asks_for_what_the_button_does() -> None:
    asked = replace(CARD, asked_by=UserId("U9"), seen=BROKEN)
    assert "<@U9> asks you to reconnect LinkedIn." in words(card_message(asked, now=MADE))
    assert opening_label(asked) == "Reconnect LinkedIn"


@pytest.mark.parametrize(
    ("state", "revoked", "ending", "copy_works"),
    [
        (CardState.EXPIRED, False, f"This link expired at {DEADLINE}.", False),
        (CardState.CANCELLED, True, "This link is cancelled.", False),
        (CardState.CANCELLED, False, "This link is cancelled.", True),
        (CardState.REPLACED, True, "A newer link has replaced this one.", False),
        (CardState.REPLACED, False, "A newer link has replaced this one.", True),
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
    modal = card_modal(replace(CARD, surface=ModalRef(ViewId("V1"))), now=MADE + 10 * SECOND)
    assert (modal.title, modal.metadata, modal.tells_of_close) == (MODAL_TITLE, "c1", True)
    assert "▰▰▰▰▰ *4 min 50 s left*" in words(Message("", modal.blocks))
    ended = card_modal(replace(CARD, state=CardState.EXPIRED), now=MADE + 5 * MINUTE)
    assert list(buttons(Message("", ended.blocks))) == [NEW]


def test_a_card_that_could_not_be_shown_offers_a_new_link_and_has_none() -> None:
    message = undelivered_card(CARD)
    assert message.text == "Acme: Jane: Slack didn't let me show your link where you asked."
    assert list(buttons(message)) == [NEW]
    assert URL not in json.dumps(message.blocks)
