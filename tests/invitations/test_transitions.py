"""The states of an invitation: what may follow what, and what is due when."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ayrshare.model import Account
from bot.invitations import transitions
from bot.invitations.model import ANSWER_TIME, CONNECTED, Failure, Invitation, InvitationState
from bot.invitations.transitions import InvitationDue, due
from bot.slack.model import MessageRef
from tests.invitations.invitation_helpers import NOW, an_invitation

SOON = NOW + timedelta(hours=1)
MESSAGE, LATER_MESSAGE = MessageRef("D0BEN0001", "1.0"), MessageRef("D0BEN0001", "2.0")

TRANSITIONS: dict[str, Callable[[Invitation], Invitation]] = {
    "delivered": partial(transitions.delivered, message=MESSAGE, at=NOW),
    "delivered again": partial(transitions.delivered, message=LATER_MESSAGE, at=SOON),
    "clicked": partial(transitions.clicked, message=MESSAGE, at=NOW),
    "clicked again": partial(transitions.clicked, message=LATER_MESSAGE, at=SOON),
    "failed": partial(transitions.failed, failure=Failure.MUTED),
    "unanswered": transitions.unanswered,
    "postponed": partial(transitions.postponed, message=MESSAGE, until=SOON, at=NOW),
    "opened": partial(transitions.opened, message=MESSAGE, at=NOW),
    "link made": partial(transitions.link_made, at=NOW),
    "muted": partial(transitions.muted, message=MESSAGE, at=NOW),
    "unmuted": partial(transitions.unmuted, at=NOW),
}


def after(*names: str) -> Invitation:
    invitation = an_invitation()
    for name in names:
        invitation = TRANSITIONS[name](invitation)
    return invitation


@pytest.mark.parametrize(
    ("names", "state"),
    [
        (("delivered",), InvitationState.DELIVERED),
        (("delivered", "postponed"), InvitationState.POSTPONED),
        (("delivered", "postponed", "delivered again"), InvitationState.DELIVERED),
        (("delivered", "postponed", "delivered"), InvitationState.POSTPONED),  # one message is one delivery
        (("clicked", "postponed", "delivered"), InvitationState.POSTPONED),  # the click was recorded first
        (("postponed", "delivered"), InvitationState.POSTPONED),
        (("delivered", "postponed", "clicked"), InvitationState.POSTPONED),
        (("delivered", "postponed", "clicked again"), InvitationState.DELIVERED),
        (("delivered", "opened", "clicked again"), InvitationState.OPENED),
        (("delivered", "opened"), InvitationState.OPENED),
        (("opened", "delivered"), InvitationState.OPENED),
        (("link made", "delivered"), InvitationState.OPENED),
        (("delivered", "opened", "postponed"), InvitationState.OPENED),
        (("delivered", "opened", "muted"), InvitationState.OPENED),
        (("delivered", "opened", "failed"), InvitationState.OPENED),
        (("delivered", "muted"), InvitationState.MUTED),
        (("delivered", "muted", "unmuted"), InvitationState.DELIVERED),
        (("delivered", "unmuted"), InvitationState.DELIVERED),
        (("delivered", "unanswered"), InvitationState.UNANSWERED),
        (("delivered", "unanswered", "opened"), InvitationState.OPENED),  # late is better than never
        (("postponed", "unanswered"), InvitationState.POSTPONED),
        (("failed",), InvitationState.FAILED),
        (("failed", "unanswered"), InvitationState.FAILED),
    ],
)
def test_transitions_lead_to_a_state(names: tuple[str, ...], state: InvitationState) -> None:
    assert after(*names).state is state


def test_each_delivery_has_a_mark_of_its_own() -> None:
    marks = {an_invitation().mark, after("delivered").mark, after("delivered", "postponed", "delivered again").mark}
    assert len(marks) == 3


def test_a_reminder_is_due_at_its_moment_and_not_before() -> None:
    waiting = after("delivered", "postponed")
    assert due(waiting, now=SOON - timedelta(seconds=1)) is InvitationDue.NOTHING
    assert due(waiting, now=SOON) is InvitationDue.DELIVERY


def test_an_unanswered_invitation_ends_after_a_week() -> None:
    assert timedelta(weeks=1) == ANSWER_TIME
    assert due(after("delivered"), now=NOW + ANSWER_TIME - timedelta(seconds=1)) is InvitationDue.NOTHING
    assert due(after("delivered"), now=NOW + ANSWER_TIME) is InvitationDue.END


def test_connected_accounts_are_the_outcome_and_the_last_one_of_a_network_counts() -> None:
    first = transitions.connected(after("delivered"), accounts=[Account("tiktok", "jane"), Account("youtube", "acme")])
    second = transitions.connected(first, accounts=[Account("tiktok", "acme_jane")])
    assert [account.name for account in second.connected] == ["acme_jane", "acme"]
    assert (second.state, second.outcome) == (InvitationState.DELIVERED, CONNECTED)


@given(st.lists(st.sampled_from(sorted(TRANSITIONS)), max_size=8))
def test_nothing_more_is_due_once_an_invitation_ended_or_was_answered(names: list[str]) -> None:
    invitation = after(*names)
    anything = due(invitation, now=NOW + timedelta(days=400))
    assert (anything is not InvitationDue.NOTHING) == invitation.state.live
    assert (invitation.failure is not None) == (invitation.state is InvitationState.FAILED)
