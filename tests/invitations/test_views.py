"""What is shown of a request: the invitation in its states, the form, the receipt and a group's progress."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pydantic import SecretStr

from bot.ayrshare.model import Account, Link
from bot.cards.model import Card, CardId, CardState
from bot.core.model import Message, UserId
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
from bot.invitations.views import (
    FAILURES,
    MADE_ON_CLICK,
    NOTE,
    PERSON,
    REMINDER_LABELS,
    group_confirmation,
    invitation_message,
    postponed_message,
    progress_message,
    receipt,
    resent_message,
    send_form,
    stopped_message,
)
from bot.slack.actions import ALLOW_AGAIN, GET_LINK, STOP_THESE
from bot.slack.model import MessageRef
from bot.slack.text import clock_time, date_and_time
from tests.invitations.invitation_helpers import NOW, an_invitation

TIKTOK = Account("tiktok", "jane", needs_attention=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DELIVERED = partial(transitions.delivered, message=MessageRef("D0BEN0001", "1.0"), at=NOW)


def texts(message: Message) -> list[str]:
    return [block["text"]["text"] for block in message.blocks if block["type"] == "section"]


def elements(message: Message) -> list[dict[str, Any]]:
    return [element for block in message.blocks if block["type"] == "actions" for element in block["elements"]]


def labels(message: Message) -> list[str]:
    return [element["text"]["text"] for element in elements(message) if element["type"] == "button"]


def test_an_invitation_says_who_asks_and_what_needs_attention_and_offers_three_answers() -> None:
    message = invitation_message(an_invitation(note="tell <!here> & *now*", title="R&D"), [TIKTOK])
    asks, note, status, row, hint = message.blocks
    assert asks["text"]["text"] == "<@U0ANA0001> asks you to sign in to your social networks for *R&amp;D*."
    assert note["text"] == {"type": "plain_text", "text": "tell <!here> & *now*", "emoji": False}
    assert "Needs attention now: TikTok" in status["text"]["text"]
    assert labels(message) == [GET_LINK.label, STOP_THESE.label]
    assert hint["elements"][0]["text"] == MADE_ON_CLICK
    _, select, _ = row["elements"]
    assert [option["text"]["text"] for option in select["options"]] == list(REMINDER_LABELS.values())
    assert [option["value"] for option in select["options"]] == ["one:hour", "one:tomorrow", "one:week"]
    assert "R&amp;D" in message.text
    assert "url" not in str(message.blocks)


def test_without_a_note_and_while_the_accounts_are_unknown_an_invitation_just_asks() -> None:
    assert len(texts(invitation_message(an_invitation(), None))) == 1


def test_a_postponed_invitation_says_when_it_comes_again_and_can_be_answered() -> None:
    message = postponed_message(an_invitation(due_at=NOW + HOUR), None)
    assert texts(message)[-1] == f"I'll remind you {date_and_time(NOW + HOUR)}."
    assert labels(message) == [GET_LINK.label, STOP_THESE.label]
    assert len(elements(message)) == 2


def test_a_stopped_invitation_offers_to_undo_that_only() -> None:
    message = stopped_message(an_invitation())
    assert "won't send you such messages any more" in message.text
    assert [(element["text"]["text"], element["value"]) for element in elements(message)] == [
        (ALLOW_AGAIN.label, "one")
    ]


def test_an_invitation_that_was_sent_again_has_no_buttons() -> None:
    message = resent_message(an_invitation())
    assert texts(message) == [message.text]
    assert message.text.endswith("I sent this again below.")
    assert elements(message) == []


@pytest.mark.parametrize("person", [None, UserId("U0BEN0001")])
def test_the_form_asks_for_a_person_and_a_note(person: UserId | None) -> None:
    recipient, note, _ = send_form(person).blocks
    assert (recipient["block_id"], recipient["optional"]) == (PERSON, False)
    assert recipient["element"].get("initial_user") == person
    assert (note["block_id"], note["optional"], note["element"]["max_length"]) == (NOTE, True, 300)


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (lambda one: one, "It is on its way."),
        (DELIVERED, f"Delivered {date_and_time(NOW)}."),
        (
            lambda one: transitions.delivered(DELIVERED(one), message=MessageRef("D0BEN0001", "2.0"), at=NOW + DAY),
            f"Delivered again {date_and_time(NOW + DAY)}.",
        ),
        (
            lambda one: transitions.postponed(one, message=MessageRef("D", "1.0"), until=NOW + DAY, at=NOW),
            f"They want to be reminded {date_and_time(NOW + DAY)}.",
        ),
        (
            lambda one: transitions.stopped(one, message=MessageRef("D", "1.0"), at=NOW),
            f"They stopped such messages {date_and_time(NOW)}. Please write to them yourself.",
        ),
        (lambda one: transitions.unanswered(DELIVERED(one)), "They didn't answer within a week."),
        (lambda one: transitions.link_made(one, at=NOW), f"They fetched a link {date_and_time(NOW)}."),
        (lambda one: transitions.connected(one, accounts=[TIKTOK]), "Linked: TikTok (jane)."),
    ],
)
def test_a_receipt_says_how_the_invitation_stands(step: Callable[[Invitation], Invitation], line: str) -> None:
    message = receipt(step(an_invitation(note="please")), None)
    [text] = texts(message)
    assert text.startswith("You asked <@U0BEN0001> to link accounts for *Acme: Jane*.\n")
    assert line in text.split("\n")
    assert "please" not in text


@pytest.mark.parametrize("failure", Failure)
def test_a_receipt_says_why_an_invitation_was_not_delivered(failure: Failure) -> None:
    message = receipt(transitions.failed(an_invitation(), failure=failure), None)
    assert message.text == f"I couldn't ask <@U0BEN0001> to link accounts for *Acme: Jane*: {FAILURES[failure]}"


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (CardState.EXPIRED, "Their link has expired."),
        (CardState.REPLACED, "Their link was replaced by a newer one."),
        (CardState.CANCELLED, "Their link was cancelled."),
        (CardState.OPENED, f"They opened the linking page at {clock_time(NOW)}."),
    ],
)
def test_a_receipt_says_what_came_of_the_link_without_showing_it(state: CardState, line: str) -> None:
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
    assert texts(message)[0].split("\n")[-1] == line
    assert "profile.ayrshare.com" not in str(message)


def group_request(**fields: Any) -> GroupRequest:
    given: dict[str, Any] = {"id": GroupRequestId("g"), "team": "T0", "sender": "U0ANA0001", "group": "S0STAFF"}
    return GroupRequest(**(given | {"note": "", "asked_at": NOW} | fields))


@pytest.mark.parametrize(("total", "who"), [(None, "everybody in"), (1, "1 person in"), (40, "40 people in")])
def test_a_group_request_is_confirmed_with_its_pace(total: int | None, who: str) -> None:
    message = group_confirmation(group_request(total=total))
    assert message.text.startswith(f"I'm asking {who} <!subteam^S0STAFF>, one a second.")


@pytest.mark.parametrize(
    ("total", "left", "headline"),
    [
        (None, 0, "I'm asking <!subteam^S0STAFF>: 2 of all people so far."),
        (3, 1, "I'm asking <!subteam^S0STAFF>: 2 of 3 people so far."),
        (2, 0, "I've asked <!subteam^S0STAFF>: 2 people."),
    ],
)
def test_progress_says_how_many_were_asked(total: int | None, left: int, headline: str) -> None:
    counts: dict[str, int] = {InvitationState.DELIVERED: 1, SkipReason.ASKED_ALREADY: 1}
    message = progress_message(group_request(total=total), Progress(counts, left))
    assert message.text == f"{headline} 1 got my message."


def test_progress_counts_every_outcome() -> None:
    outcomes = {state for state in InvitationState if not state.live} - {InvitationState.FAILED}
    live = (InvitationState.DELIVERED, InvitationState.POSTPONED)
    counts = dict.fromkeys(map(str, (*live, *outcomes, *Failure, *SkipReason)), 1)
    message = progress_message(group_request(total=len(counts)), Progress(counts, 0))
    [text] = texts(message)
    assert "5 got my message." in text
    assert text.count("\n• ") == len(counts) - 1  # that it was delivered is counted above
    assert "• No answer within a week: 1" in text
    assert "because a thousand messages is what I send in a day: 1" in text


def test_progress_says_why_a_group_could_not_be_read() -> None:
    message = progress_message(group_request(error="Nobody but you is in that group."), Progress({}, 0))
    assert message.text == "I couldn't ask <!subteam^S0STAFF>: Nobody but you is in that group."
