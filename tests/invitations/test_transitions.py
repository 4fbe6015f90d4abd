"""An invitation's life: what may follow what, and what a moment asks for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import InvitationId, RefId, TeamId, UserId
from bot.invitations import transitions as steps
from bot.invitations.model import LIFE, Failure, Invitation, InvitationState
from bot.invitations.transitions import Due, due
from bot.slack.model import MessageRef

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SOON = NOW + timedelta(hours=1)
POSTED, POSTED_LATER = MessageRef("D0BEN0001", "1.0"), MessageRef("D0BEN0001", "2.0")
Step = Callable[[Invitation], Invitation]

STEPS: dict[str, Step] = {
    "delivered": lambda one: steps.delivered(one, posted=POSTED, at=NOW),
    "delivered again": lambda one: steps.delivered(one, posted=POSTED_LATER, at=SOON),
    "arrived": lambda one: steps.arrived(one, posted=POSTED, at=NOW),
    "arrived again": lambda one: steps.arrived(one, posted=POSTED_LATER, at=SOON),
    "failed": lambda one: steps.failed(one, Failure.OPTED_OUT),
    "unanswered": steps.unanswered,
    "postponed": lambda one: steps.postponed(one, until=SOON, at=NOW),
    "opened": lambda one: steps.opened(one, at=NOW),
    "stopped": lambda one: steps.stopped(one, at=NOW),
    "allowed": lambda one: steps.allowed(one, at=NOW),
}


def asked() -> Invitation:
    return Invitation(
        id=InvitationId("one"),
        team=TeamId("T0"),
        sender=UserId("U0ANA0001"),
        recipient=UserId("U0BEN0001"),
        ref_id=RefId("a" * 40),
        title="Acme: Jane",
        note="",
        asked_at=NOW,
        due_at=NOW,
    )


def after(*names: str) -> Invitation:
    invitation = asked()
    for name in names:
        invitation = STEPS[name](invitation)
    return invitation


@pytest.mark.parametrize(
    ("names", "state"),
    [
        (("delivered",), InvitationState.DELIVERED),
        (("delivered", "postponed"), InvitationState.POSTPONED),
        (("delivered", "postponed", "delivered again"), InvitationState.DELIVERED),
        (("delivered", "postponed", "delivered"), InvitationState.POSTPONED),  # once, however often that is noted
        (("arrived", "postponed", "delivered"), InvitationState.POSTPONED),  # pressed before we know that it arrived
        (("delivered", "postponed", "arrived"), InvitationState.POSTPONED),
        (("delivered", "postponed", "arrived again"), InvitationState.DELIVERED),
        (("delivered", "opened", "arrived again"), InvitationState.OPENED),
        (("delivered", "opened"), InvitationState.OPENED),
        (("opened", "delivered"), InvitationState.OPENED),  # whoever is quick presses before we know that it arrived
        (("delivered", "opened", "postponed"), InvitationState.OPENED),
        (("delivered", "opened", "stopped"), InvitationState.OPENED),
        (("delivered", "opened", "failed"), InvitationState.OPENED),
        (("delivered", "stopped"), InvitationState.STOPPED),
        (("delivered", "stopped", "allowed"), InvitationState.DELIVERED),
        (("delivered", "allowed"), InvitationState.DELIVERED),
        (("delivered", "unanswered"), InvitationState.UNANSWERED),
        (("delivered", "unanswered", "opened"), InvitationState.OPENED),  # late is better than never
        (("postponed", "unanswered"), InvitationState.POSTPONED),
        (("failed",), InvitationState.FAILED),
        (("failed", "unanswered"), InvitationState.FAILED),
    ],
)
def test_what_follows_what(names: tuple[str, ...], state: InvitationState) -> None:
    assert after(*names).state is state


def test_each_delivery_is_known_by_another_mark() -> None:
    assert len({asked().mark, after("delivered").mark, after("delivered", "postponed", "delivered again").mark}) == 3


def test_a_reminder_is_due_at_its_moment_and_not_before() -> None:
    waiting = after("delivered", "postponed")
    assert due(waiting, now=SOON - timedelta(seconds=1)) is Due.NOTHING
    assert due(waiting, now=SOON) is Due.DELIVERY


def test_what_nobody_answers_ends_after_a_week() -> None:
    assert due(after("delivered"), now=NOW + LIFE - timedelta(seconds=1)) is Due.NOTHING
    assert due(after("delivered"), now=NOW + LIFE) is Due.END


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_nothing_more_is_due_once_it_has_ended_or_was_answered(names: list[str]) -> None:
    invitation = after(*names)
    anything = due(invitation, now=NOW + timedelta(days=400))
    assert (anything is not Due.NOTHING) == invitation.state.live
    assert (invitation.failure is not None) == (invitation.state is InvitationState.FAILED)
