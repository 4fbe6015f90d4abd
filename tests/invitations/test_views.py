"""What is shown of a request: the invitation in its states, the form, the receipt and a group's progress."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pydantic import SecretStr

from bot.ayrshare.errors import XNotOffered
from bot.ayrshare.model import Account, Link
from bot.ayrshare.networks import OfferedNetworks
from bot.cards.model import Card, CardId, CardState
from bot.core.model import Message, RefId, UserId
from bot.invitations import transitions
from bot.invitations.model import (
    Failure,
    GroupRequest,
    GroupRequestId,
    Invitation,
    InvitationState,
    Progress,
    SkipReason,
)
from bot.invitations.sender_views import WAY_ON, WHY, confirmation, people_receipt, progress_message, receipt
from bot.invitations.views import (
    ANY_LABEL,
    MADE_ON_CLICK,
    MUTING,
    NOBODY_CHOSEN,
    NOTE,
    PERSON,
    POSTPONE_LABELS,
    PROFILE,
    SendForm,
    invitation_message,
    muted_message,
    postponed_message,
    resent_message,
    send_form,
)
from bot.profiles.model import Disconnected, Snapshot
from bot.slack.actions import ASK_ADMIN, CONNECT, GET_LINK, MUTE, NUDGE, RECONNECT_ASKED, UNMUTE
from bot.slack.blocks import quoted
from bot.slack.model import MessageRef
from bot.slack.text import date_and_time, without_dates
from tests.invitations.invitation_helpers import NOW, an_invitation

TIKTOK = Account("tiktok", "jane")
LOST = Snapshot(NOW, disconnected=(Disconnected("tiktok", "jane", NOW),))
OFFERED = OfferedNetworks()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DELIVERED = partial(transitions.delivered, message=MessageRef("D0BEN0001", "1.0"), at=NOW)


def texts(message: Message) -> list[str]:
    return [block["text"]["text"] for block in message.blocks if block["type"] == "section"]


def elements(message: Message) -> list[dict[str, Any]]:
    return [element for block in message.blocks if block["type"] == "actions" for element in block["elements"]]


def labels(message: Message) -> list[str]:
    return [element["text"]["text"] for element in elements(message) if element["type"] == "button"]


def notes(message: Message) -> list[str]:
    return [one["text"] for block in message.blocks if block["type"] == "context" for one in block["elements"]]


def test_an_invitation_says_who_asks_and_what_needs_attention_and_offers_three_answers() -> None:
    message = invitation_message(an_invitation(note="tell <!here> & *now*", title="R&D"), LOST, offered=OFFERED)
    asks, note, status, row, hint, muting = message.blocks
    assert asks["text"]["text"] == "*R&amp;D*\n<@U0ANA0001> asks you to reconnect TikTok."
    assert message.text == "R&amp;D. <@U0ANA0001> asks you to reconnect TikTok."
    assert note == quoted("tell <!here> & *now*")
    assert "TikTok" in status["text"]["text"]
    assert labels(message) == [RECONNECT_ASKED.label, MUTE.label]
    assert hint["elements"][0]["text"] == MADE_ON_CLICK
    assert muting["elements"][0]["text"] == MUTING
    _, select, _ = row["elements"]
    assert [option["text"]["text"] for option in select["options"]] == list(POSTPONE_LABELS.values())
    assert [option["value"] for option in select["options"]] == ["one:hour", "one:tomorrow", "one:week"]
    assert "url" not in str(message.blocks)


def test_without_a_note_and_while_the_accounts_are_unknown_an_invitation_just_asks() -> None:
    message = invitation_message(an_invitation(), None, offered=OFFERED)
    assert texts(message) == ["*Acme: Jane*\n<@U0ANA0001> asks you to connect your accounts."]
    assert labels(message) == [GET_LINK.label, MUTE.label]


def test_where_no_link_may_offer_what_is_disconnected_an_invitation_says_why() -> None:
    x = Snapshot(NOW, disconnected=(Disconnected("twitter", "jane", NOW),))
    message = invitation_message(an_invitation(), x, offered=OFFERED)
    assert texts(message)[0] == "*Acme: Jane*\n<@U0ANA0001> asks you to connect your accounts."
    assert notes(message)[0] == XNotOffered().sentence
    assert labels(message) == [GET_LINK.label, MUTE.label]


def test_one_that_comes_again_says_that_it_is_a_reminder() -> None:
    assert texts(invitation_message(an_invitation(), None, offered=OFFERED, again=True))[0].endswith(
        "\nReminder: <@U0ANA0001> asks you to connect your accounts."
    )


def test_a_postponed_invitation_says_when_it_comes_again_and_can_be_answered() -> None:
    message = postponed_message(an_invitation(due_at=NOW + HOUR), None, offered=OFFERED)
    assert notes(message) == [f"I'll remind you {date_and_time(NOW + HOUR)}.", MUTING]
    assert labels(message) == [GET_LINK.label, MUTE.label]
    assert len(elements(message)) == 2


def test_a_stopped_invitation_offers_to_undo_that_only() -> None:
    message = muted_message(an_invitation())
    assert "won't hear from me" in message.text
    assert [(element["text"]["text"], element["value"]) for element in elements(message)] == [(UNMUTE.label, "one")]


def test_an_invitation_that_was_sent_again_has_no_buttons() -> None:
    message = resent_message(an_invitation())
    assert texts(message) == [message.text]
    assert message.text.endswith("is below, sent again.")
    assert elements(message) == []


def test_the_form_asks_for_people_and_a_note_of_several_lines() -> None:
    people, _, note, _ = send_form(SendForm((UserId("U0BEN0001"),), {RefId("a"): "Acme"})).blocks
    assert (people["block_id"], people["optional"]) == (PERSON, False)
    assert (people["element"]["initial_users"], people["element"]["max_selected_items"]) == (["U0BEN0001"], 5)
    assert (note["block_id"], note["optional"], note["element"]["max_length"]) == (NOTE, True, 300)
    assert note["element"]["multiline"]


@pytest.mark.parametrize(
    ("people", "profiles", "said"),
    [
        ((), {}, NOBODY_CHOSEN),
        ((UserId("U0BEN0001"),), {RefId("a"): "Acme & Co"}, "This is about *Acme &amp; Co*."),
        ((UserId("U0DAN0001"),), {}, "<@U0DAN0001> doesn't have a profile yet. An admin can give them one."),
        (
            (UserId("U0DAN0001"), UserId("U0EVE0001")),
            {},
            "<@U0DAN0001> and <@U0EVE0001> don't have profiles yet. An admin can help.",
        ),
    ],
    ids=["nobody", "one", "one without", "two without"],
)
def test_the_form_says_which_profile_it_is_about(
    people: tuple[UserId, ...], profiles: dict[RefId, str], said: str
) -> None:
    form = Message("", send_form(SendForm(people, profiles)).blocks)
    assert said in (*texts(form), *notes(form))


def test_the_form_offers_several_profiles_and_keeps_what_was_typed_beside_a_warning() -> None:
    profiles = {RefId("g"): "Globex", RefId("a"): "Acme"}
    form = SendForm((UserId("U0BEN0001"),), profiles, RefId("g"), "Please\ntoday", "Slack isn't responding.")
    warning, _, choice, note, _ = send_form(form).blocks
    assert (warning["type"], warning["text"]["text"]) == ("alert", "Slack isn't responding.")
    assert choice["block_id"] == PROFILE
    assert [one["text"]["text"] for one in choice["element"]["options"]] == [ANY_LABEL, "Acme", "Globex"]
    assert choice["element"]["initial_option"]["value"] == "g"
    assert note["element"]["initial_value"] == "Please\ntoday"


@pytest.mark.parametrize(
    ("step", "line", "nudges"),
    [
        (lambda one: one, "I'm asking <@U0BEN0001>.", False),
        (DELIVERED, "<@U0BEN0001> has your request.", True),
        (lambda one: transitions.nudged(DELIVERED(one), at=NOW), "I'm nudging <@U0BEN0001>.", False),
        (
            lambda one: transitions.postponed(one, message=MessageRef("D", "1.0"), until=NOW + DAY, at=NOW),
            f"<@U0BEN0001> wants a reminder {date_and_time(NOW + DAY)}.",
            False,
        ),
        (
            lambda one: transitions.muted(one, message=MessageRef("D", "1.0"), at=NOW),
            "<@U0BEN0001> has muted these requests. Message them directly.",
            False,
        ),
        (
            lambda one: transitions.unanswered(DELIVERED(one)),
            "<@U0BEN0001> didn't answer within a week. Nudge them?",
            True,
        ),
        (lambda one: transitions.link_made(one, at=NOW), "<@U0BEN0001> opened the request.", True),
        (lambda one: transitions.connected(one, accounts=[TIKTOK]), "✅ <@U0BEN0001> connected TikTok (jane).", False),
    ],
)
def test_a_receipt_says_how_the_invitation_stands(
    step: Callable[[Invitation], Invitation], line: str, *, nudges: bool
) -> None:
    message = receipt(step(an_invitation(note="please")), None)
    assert texts(message) == [f"*Acme: Jane*\n{line}"]
    assert message.text == f"Acme: Jane. {without_dates(line)}"
    assert labels(message) == ([NUDGE.label] if nudges else [])


def test_a_receipt_dates_what_happened() -> None:
    once = DELIVERED(an_invitation())
    again = transitions.delivered(transitions.nudged(once, at=NOW), message=MessageRef("D", "2.0"), at=NOW + DAY)
    assert notes(receipt(once, None)) == [f"Delivered {date_and_time(NOW)}"]
    assert notes(receipt(again, None)) == [f"Delivered again {date_and_time(NOW + DAY)} · nudged {date_and_time(NOW)}"]


@pytest.mark.parametrize("failure", Failure)
def test_a_receipt_says_why_an_invitation_was_not_delivered(failure: Failure) -> None:
    message = receipt(transitions.failed(an_invitation(), failure=failure), None)
    assert texts(message) == [f"*Acme: Jane*\n{WHY[failure].format(who='<@U0BEN0001>')}"]
    assert labels(message) == ([WAY_ON[failure].label] if failure in WAY_ON else [])


@pytest.mark.parametrize(
    ("state", "line", "nudges"),
    [
        (CardState.EXPIRED, "Their link expired.", True),
        (CardState.REPLACED, "Their link expired.", True),
        (CardState.CANCELLED, "Their link was cancelled.", True),
        (CardState.OPENED, "They're connecting now.", False),
    ],
)
def test_a_receipt_says_what_came_of_the_link_without_showing_it(state: CardState, line: str, *, nudges: bool) -> None:
    asked = transitions.link_made(an_invitation(), at=NOW)
    card = Card(
        id=CardId("c"),
        team=asked.team,
        viewer=asked.recipient,
        owner=asked.recipient,
        ref_id=asked.ref_id,
        title=asked.title,
        link=Link(SecretStr("https://profile.ayrshare.com/secret"), NOW + HOUR),
        made_at=NOW,
        surface=None,
        state=state,
        opened_at=NOW,
    )
    message = receipt(asked, card)
    assert texts(message)[0].endswith(f"opened the request. {line}")
    assert labels(message) == ([NUDGE.label] if nudges else [])
    assert "profile.ayrshare.com" not in str(message)


def test_a_receipt_for_several_people_says_of_each_what_came_of_it_or_why_they_were_not_asked() -> None:
    ben, cara, dan, eve, ana = map(UserId, ("U0BEN0001", "U0CARA001", "U0DAN0001", "U0EVE0001", "U0ANA0001"))
    asked = {
        ben: DELIVERED(an_invitation()),
        cara: transitions.connected(an_invitation(recipient=cara), accounts=[TIKTOK]),
    }
    reasons: dict[UserId, Failure | SkipReason] = {dan: Failure.NOT_MAPPED, ana: SkipReason.ONESELF}
    several = group_request(people=(ben, cara, dan, eve, ana), group="")
    message = people_receipt(several, asked, reasons)
    headline, *people = texts(message)
    assert headline == "*Your request*\nI'm asking 5 people."
    assert people == [
        "• <@U0BEN0001> has your request.",
        "• ✅ <@U0CARA001> connected TikTok (jane).",
        "• <@U0DAN0001> doesn't have a profile yet. An admin can give them one.",
        "• I'm asking <@U0EVE0001> next.",
        "• <@U0ANA0001>, that's you. Connect your own accounts from my Home tab.",
    ]
    beside = [one["accessory"]["text"]["text"] for one in message.blocks if "accessory" in one]
    assert (beside, message.blocks[-1]["elements"][0]["value"]) == ([ASK_ADMIN.label, CONNECT.label], several.id)


def group_request(**fields: Any) -> GroupRequest:
    given: dict[str, Any] = {"id": GroupRequestId("g"), "team": "T0", "sender": "U0ANA0001", "group": "S0STAFF"}
    return GroupRequest(**(given | {"note": "", "asked_at": NOW} | fields))


def test_a_request_is_confirmed_with_the_profile_and_where_its_outcome_will_be_told() -> None:
    message = confirmation(an_invitation())
    assert texts(message) == ["*Acme: Jane*\nSent to <@U0BEN0001>. I'll DM you when it's done."]
    several = confirmation(group_request(people=("U1", "U2", "U3"), group=""))
    assert texts(several) == ["*Sent*\nI'm asking <@U1>, <@U2> and <@U3>. I'll DM you when it's done."]


@pytest.mark.parametrize(("total", "who"), [(None, "everyone in"), (1, "1 person in"), (40, "40 people in")])
def test_a_group_request_is_confirmed_with_its_pace(total: int | None, who: str) -> None:
    assert f"I'm asking {who} <!subteam^S0STAFF>, one a second." in confirmation(group_request(total=total)).text


@pytest.mark.parametrize(
    ("total", "left", "headline"),
    [
        (None, 0, "I've asked 2 people so far."),
        (3, 1, "I've asked 2 of 3 people so far."),
        (2, 0, "I've asked 1 of 2 people."),
    ],
)
def test_progress_says_how_many_were_asked(total: int | None, left: int, headline: str) -> None:
    counts: dict[str, int] = {InvitationState.DELIVERED: 1, SkipReason.ASKED_ALREADY: 1}
    message = progress_message(group_request(total=total), Progress(counts, left))
    assert message.text == f"Your request to <!subteam^S0STAFF>. {headline} 1 got your request."


def test_progress_counts_every_outcome() -> None:
    outcomes = {state for state in InvitationState if not state.live} - {InvitationState.FAILED}
    live = (InvitationState.DELIVERED, InvitationState.POSTPONED)
    of_named_people = {SkipReason.ONESELF, SkipReason.OTHER_PROFILES, SkipReason.SENDER_LIMITED}
    counts = dict.fromkeys(map(str, (*live, *outcomes, *Failure, *(set(SkipReason) - of_named_people))), 1)
    message = progress_message(group_request(total=len(counts)), Progress(counts, 0))
    headline, counted = texts(message)
    assert "5 got your request." in headline
    assert counted.count("• ") == len(counts) - 1  # that it was delivered is counted above
    assert "• Didn't answer within a week: 1" in counted
    assert "this workspace can send a thousand requests a day: 1" in counted


def test_progress_says_why_a_group_could_not_be_read() -> None:
    message = progress_message(group_request(error="There is nobody else in that group."), Progress({}, 0))
    assert message.text == "Nobody was asked. There is nobody else in that group."
