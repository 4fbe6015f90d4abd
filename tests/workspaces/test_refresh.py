"""Tokens are renewed hours ahead, by one process at a time, and none is lost with the process that renews it."""

from datetime import timedelta

import pytest
from slack_sdk.oauth.installation_store import Bot as SlackBot

from bot.app import Bot
from bot.core.model import TeamId
from sandbox.server import Sandbox
from sandbox.slack.api_types import ErrorResponse
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.workspaces.conftest import FIRST, ORGANIZATION, SECOND, Install, MapIn, People

AHEAD = timedelta(hours=10, minutes=1)


async def stored(bot: Bot, place: str) -> SlackBot:
    found = await bot.deps.installations.installed(TeamId(place))
    assert found is not None
    return found.bot


async def renewed(bot: Bot, place: str, *, after: SlackBot) -> SlackBot:
    async def look() -> SlackBot | None:
        now = await stored(bot, place)
        return now if now.bot_token != after.bot_token else None

    return await eventually(look, f"the token of {place} is renewed")


@pytest.mark.parametrize("place", [FIRST, ORGANIZATION])
async def test_a_token_is_renewed_two_hours_before_it_expires_and_the_old_one_works_on(
    install: Install, bot: Bot, sandbox: Sandbox, clock: ManualClock, place: str
) -> None:
    await install(place)
    first = await stored(bot, place)
    await clock.advance(timedelta(hours=9, minutes=55))
    assert sandbox.received("oauth.v2.access")[1:] == []
    await clock.advance(timedelta(minutes=6))
    second = await renewed(bot, place, after=first)
    oauth = sandbox.slack.oauth
    assert oauth.grant_of(first.bot_token) is oauth.grant_of(second.bot_token)
    assert second.bot_refresh_token != first.bot_refresh_token
    await clock.advance(AHEAD)
    third = await renewed(bot, place, after=second)
    assert oauth.grant_of(third.bot_token).place == place
    assert len(sandbox.received("oauth.v2.access")) == 3


async def test_an_answer_that_gets_lost_is_asked_for_again_within_slacks_grace_period(
    install: Install, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await install(FIRST)
    first = await stored(bot, FIRST)
    sandbox.slack.faults.add("lost_answer", times=1, method="oauth.v2.access")
    await clock.advance(AHEAD)
    await clock.advance_seconds(10)
    second = await renewed(bot, FIRST, after=first)
    await clock.advance(AHEAD)
    await renewed(bot, FIRST, after=second)
    assert sandbox.received("oauth.v2.access")[-1]["ok"]


async def test_a_refresh_token_that_is_lost_is_reported_and_the_token_serves_to_its_end(
    install: Install, bot: Bot, sandbox: Sandbox, clock: ManualClock, person_in: People, map_in: MapIn
) -> None:
    await install(SECOND)
    kept = await stored(bot, SECOND)
    sandbox.slack.oauth.revoke(str(kept.bot_refresh_token))
    await map_in(SECOND, "ben", "Acme: Jane")
    await clock.advance(AHEAD)
    refused = bot.deps.metrics.token_refreshes.labels("refused")._value

    async def counted() -> bool:
        return bool(refused.get())

    await eventually(counted, "the refusal is counted")
    ben = person_in(SECOND, "ben")
    await ben.types()
    await ben.sees_a_card("Acme: Jane")
    assert (await stored(bot, SECOND)).bot_token == kept.bot_token


async def test_an_uninstalled_app_gets_no_token_back_by_a_refresh_that_was_under_way(
    install: Install, bot: Bot, sandbox: Sandbox
) -> None:
    await install(FIRST)
    installed = await bot.deps.installations.installed(TeamId(FIRST))
    assert installed is not None
    fresh = await bot.deps.oauth.refresh(installed.bot)
    await bot.deps.installations.async_delete_all(enterprise_id=None, team_id=FIRST)
    assert not await bot.deps.installations.replace(installed, fresh)
    assert await bot.deps.installations.installed(TeamId(FIRST)) is None


async def test_a_token_that_slack_has_revoked_is_renewed_if_the_app_is_still_installed(
    install: Install, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await install(FIRST)
    first = await stored(bot, FIRST)
    sandbox.slack.oauth.revoke(first.bot_token)
    event = {"type": "tokens_revoked", "tokens": {"bot": ["U0CONNECT"]}}
    await sandbox.slack.events.send(event)
    second = await renewed(bot, FIRST, after=first)
    with pytest.raises(ErrorResponse):
        sandbox.slack.oauth.grant_of(first.bot_token)
    assert sandbox.slack.oauth.grant_of(second.bot_token).place == FIRST
