"""An answer that can't be read, of Slack's or Ayrshare's, is one that never came: nothing is lost for it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.app import Bot
from bot.invitations.model import DELIVER_INVITATION, DELIVERY_TIMEOUT, InvitationState
from bot.job_runner import LONGEST_PAUSE
from bot.slack.actions import GET_LINK, NEW_LINK
from sandbox.server import Sandbox
from sandbox.unreadable import KINDS, STREAMED
from tests.clock import ManualClock
from tests.conftest import Map
from tests.eventually import eventually
from tests.invitations.invitation_helpers import (
    ASKS,
    ON_ITS_WAY,
    Dm,
    becomes,
    has_settled,
    invitation_of,
    invited,
    runs_until,
)
from tests.redis_probe import idle, jobs
from tests.users import Someone

QUICK_KINDS = sorted(KINDS - STREAMED)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
async def ben(dm: Dm, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Jane")
    return dm("ben")


async def refused(sandbox: Sandbox, call: str, times: int = 1) -> None:
    async def look() -> bool:
        return len(sandbox.received(call)) >= times

    await eventually(look, f"{call} was tried {times} times")


@pytest.mark.parametrize("kind", [*QUICK_KINDS, "huge_answer", "gzip_bomb", "endless", "word_that_is_new"])
async def test_a_request_is_delivered_once_slack_answers_again(
    ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock, kind: str
) -> None:
    sandbox.slack.faults.add(kind, times=None, method="chat.postMessage")
    await ana.types("send @ben")
    await ana.sees(ON_ITS_WAY)
    for attempt in range(1, 4):
        await refused(sandbox, "chat.postMessage", attempt)
        await idle(bot)
        await clock.advance(MINUTE)
    sandbox.slack.faults.clear()
    await idle(bot)
    await clock.advance(LONGEST_PAUSE)
    asked = await ben.sees(ASKS)
    await has_settled(bot, invitation_of(asked))
    assert len(await ben.messages()) == 1


async def test_who_asked_hears_after_an_hour_and_may_ask_again(
    ana: Someone, ben: Someone, dm: Dm, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.slack.faults.add("bad_gateway", times=None, method="chat.postMessage")
    await ana.types("send @ben")
    await ana.sees(ON_ITS_WAY)
    await idle(bot)
    (job,) = await jobs(bot, DELIVER_INVITATION)
    await clock.advance(DELIVERY_TIMEOUT)
    await becomes(bot, job.id, InvitationState.FAILED)  # type: ignore[arg-type] # the job's id is the invitation's
    sandbox.slack.faults.clear()
    await idle(bot)
    await clock.advance(LONGEST_PAUSE)
    await runs_until(clock, dm("ana"), "Slack didn't take my message")
    await invited(ana, ben)


@pytest.mark.parametrize("kind", [kind for kind in QUICK_KINDS if kind != "only_ok"])
async def test_a_dead_card_loses_its_button_once_slack_answers_again(
    ana: Someone, ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock, kind: str
) -> None:
    await ben.clicks(await invited(ana, ben), GET_LINK.action_id)
    await ben.sees_a_card()
    await idle(bot)
    sandbox.slack.faults.add(kind, times=None, method="chat.update")
    await clock.advance(5 * MINUTE)
    await refused(sandbox, "chat.update")
    await idle(bot)
    sandbox.slack.faults.clear()
    await clock.advance(2 * MINUTE)
    assert (await ben.sees("expired at")).buttons == [NEW_LINK.label]


@pytest.mark.parametrize("kind", [*QUICK_KINDS, "huge_answer", "gzip_bomb"])
async def test_who_is_not_told_by_slack_who_somebody_is_refuses_nobody_for_it(
    ana: Someone, ben: Someone, sandbox: Sandbox, kind: str
) -> None:
    sandbox.slack.faults.add(kind, times=2, method="users.info")
    await ana.types()
    assert (await ana.sees("Slack isn't responding")).url is None


@pytest.mark.parametrize("kind", [*QUICK_KINDS, "huge_answer", "gzip_bomb"])
async def test_ayrshare_is_away_and_the_profile_is_not_gone(
    ana: Someone, dm: Dm, mapped: Map, bot: Bot, sandbox: Sandbox, kind: str
) -> None:
    await mapped("ana", "Globex")
    sandbox.ayrshare.faults.add(kind, times=None)
    await ana.types()
    await ana.sees("Ayrshare isn't responding")
    sandbox.ayrshare.faults.clear()
    await ana.types()
    await ana.sees_a_card("Globex")


@pytest.mark.parametrize("kind", ["bad_gateway", "web_page", "forbidden_page", "huge_answer", "no_text_encoding"])
async def test_a_card_that_a_gateway_swallows_is_offered_again_in_the_direct_message(
    ana: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, kind: str
) -> None:
    await mapped("ana", "Globex")
    sandbox.slack.faults.add(kind, method="response_url")
    await ana.types()
    await dm("ana").sees("Slack didn't let me show your link")
