"""Installing the app by OAuth: who may, what the browser shows, and what is kept."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.app import Bot
from bot.core.model import TeamId
from bot.slack.actions import ASK_ADMIN
from bot.workspaces.state_store import MOST_STATES
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.redis_probe import redis_of
from tests.signed_requests import ResponseUrlReceiver, Signer
from tests.workspaces.conftest import FIRST, SECOND, Install, MapIn, People, visit


async def test_a_workspace_installs_the_app_and_its_people_are_answered_with_its_own_token(
    install: Install, bot: Bot, sandbox: Sandbox, person_in: People, map_in: MapIn
) -> None:
    page = await install(SECOND)
    assert (page.status, "Installed in Connect Second" in page.text) == (200, True)
    await map_in(SECOND, "ben", "Acme: Jane")
    ben = person_in(SECOND, "ben")
    assert (await ben.types())["ok"]
    await ben.sees_a_card("Acme: Jane")
    assert {row["team"] for row in sandbox.received("users.info")} == {SECOND}
    kept = await bot.deps.installations.installed(TeamId(SECOND))
    assert kept is not None
    assert sandbox.slack.oauth.grant_of(kept.bot.bot_token).place == SECOND


async def test_slack_is_asked_for_the_scopes_of_the_manifest_and_led_back_with_a_state(
    install: Install, sandbox: Sandbox
) -> None:
    page = await install(FIRST)
    _, asked, back = (parse_qs(urlsplit(address).query) for address in page.addresses)
    assert asked["scope"] == ["commands,chat:write,users:read,im:write,im:history,usergroups:read,users:read.email"]
    assert asked["state"] == back["state"]
    assert asked["client_id"] == [sandbox.slack.oauth.client_id]


@pytest.mark.parametrize("allowed", [FIRST])
async def test_a_workspace_that_is_not_on_the_list_is_refused_in_words_and_its_token_revoked(
    install: Install, bot: Bot, sandbox: Sandbox
) -> None:
    page = await install(SECOND)
    assert page.status == 403
    assert "This bot isn&#x27;t for Connect Second, and nothing was kept." in page.text
    assert len(sandbox.received("auth.revoke")) == 2
    grant = sandbox.slack.oauth.grant_in(SECOND)
    assert grant is not None
    assert [token.revoked for token in grant.tokens] == [token.revoked for token in grant.refresh_tokens] == [True]
    assert await bot.deps.installations.places() == ()
    assert [str(key) async for key in redis_of(bot).scan_iter(f"*{SECOND}*")] == []


async def test_a_workspace_that_has_not_installed_the_app_is_told_so(
    install: Install, person_in: People, sandbox: Sandbox
) -> None:
    await install(FIRST)
    ben = person_in(SECOND, "ben")
    assert (await ben.types())["ok"]
    await ben.sees("", where=lambda seen: "I'm not installed in your workspace." in seen.text)
    assert sandbox.received("response_url") == []


async def test_a_click_from_a_shared_channel_that_names_only_such_a_workspace_is_answered_so(
    install: Install, bot: Bot, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    await install(FIRST)
    yara, partner = {"id": "U0YARA001", "team_id": "T0PARTNER"}, {"id": "T0PARTNER", "domain": "partner"}
    assert (
        await signer.click(response_url.url, user=yara, action={"action_id": ASK_ADMIN.action_id}, team=partner) == 200
    )
    await response_url.receives("I'm not installed in your workspace.")
    assert [str(key) async for key in redis_of(bot).scan_iter("*T0PARTNER*")] == []


async def test_who_cancels_reads_that_nothing_was_installed(
    browser: aiohttp.ClientSession, bot: Bot, sandbox: Sandbox
) -> None:
    async with browser.get(f"{sandbox.bot_url}/slack/install", allow_redirects=False) as begun:
        cookie, asked = begun.headers["Set-Cookie"].partition(";")[0], begun.headers["Location"]
    async with browser.get(asked) as shown:
        assert "connectbot asks for access" in await shown.text()
    fields = {name: values[0] for name, values in parse_qs(urlsplit(asked).query).items()}
    url = f"{sandbox.url}/slack/oauth/v2/authorize"
    async with browser.post(url, data=fields | {"answer": "cancel"}, allow_redirects=False) as answer:
        back = answer.headers["Location"]
    async with browser.get(back, headers={"Cookie": cookie}) as page:
        assert (page.status, "nothing was installed" in await page.text()) == (200, True)
    assert await bot.deps.installations.places() == ()


async def test_a_state_is_good_once_in_its_own_browser_and_for_ten_minutes(
    install: Install, browser: aiohttp.ClientSession, bot: Bot, sandbox: Sandbox
) -> None:
    page = await install(FIRST)
    back = page.addresses[-1]
    cookie = f"slack-app-oauth-state={parse_qs(urlsplit(back).query)['state'][0]}"
    async with browser.get(back, headers={"Cookie": cookie}) as again:
        assert (again.status, "That took too long" in await again.text()) == (400, True)
    stranger = await visit(browser, f"{sandbox.bot_url}/slack/install", keep_cookie=False)
    assert (stranger.status, "it began in another browser" in stranger.text) == (400, True)
    lives = [await redis_of(bot).pttl(key) async for key in redis_of(bot).scan_iter("connectbot:oauth_state:*")]
    assert all(0 < life <= 600_000 for life in lives)


async def test_strangers_cannot_fill_redis_with_installations_that_they_begin(
    install: Install, browser: aiohttp.ClientSession, bot: Bot, sandbox: Sandbox
) -> None:
    await redis_of(bot).set("connectbot:oauth_states", MOST_STATES, px=60_000)
    async with browser.get(f"{sandbox.bot_url}/slack/install", allow_redirects=False) as answer:
        assert (answer.status, "Too many installations" in await answer.text()) == (429, True)
    assert [key async for key in redis_of(bot).scan_iter("connectbot:oauth_state:*")] == []


async def test_a_preview_of_the_last_address_does_not_use_the_state_up(
    install: Install, browser: aiohttp.ClientSession, sandbox: Sandbox
) -> None:
    async with browser.head(f"{sandbox.bot_url}/slack/oauth_redirect?state=x&code=y") as answer:
        assert answer.status == 405


@pytest.mark.parametrize(("secret", "sentence"), [("another", "Slack didn&#x27;t finish the installation.")])
async def test_what_slack_refuses_is_said_and_logged_with_slacks_word(
    install: Install, sandbox: Sandbox, bot: Bot, secret: str, sentence: str, log_lines: object
) -> None:
    sandbox.slack.oauth.client_secret = secret * 5
    page = await install(FIRST)
    assert (page.status, sentence in page.text) == (502, True)
    assert any("bad_client_secret" in line for line in log_lines.lines)  # type: ignore[attr-defined]  # canaries' Lines
    assert await bot.deps.installations.places() == ()


async def test_an_installation_is_read_again_after_a_minute_not_for_each_call(
    install: Install, bot: Bot, clock: ManualClock, person_in: People, map_in: MapIn
) -> None:
    await install(FIRST)
    await map_in(FIRST, "ben", "Acme: Jane")
    assert await bot.deps.slack.serves(TeamId(FIRST))
    client = await bot.deps.slack.of(TeamId(FIRST))
    await clock.advance(timedelta(seconds=1))
    assert await bot.deps.slack.of(TeamId(FIRST)) is client
