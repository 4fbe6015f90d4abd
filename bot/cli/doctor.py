"""`doctor`: what is wrong with a bot's set-up, row by row, each with a hint."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import typer
from rich.table import Table
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cli.boundary import console, finish
from bot.clock import SystemClock
from bot.envelope import key_ring
from bot.errors import ConnectbotError
from bot.logs import configure_logs
from bot.metrics import Metrics
from bot.resources import ayrshare_of, redis_of
from bot.settings import LONG_LIFE, Settings, SettingsError, load
from bot.stores.mappings import MappingStore
from bot.stores.profiles import ProfileStore

SLACK_PATIENCE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: `ok` is None where nothing is wrong but something is worth knowing."""

    what: str
    ok: bool | None
    told: str


def doctor() -> None:
    """Check the settings, Redis, the encryption keys, Slack and Ayrshare; exit 1 if anything is wrong."""
    configure_logs("ERROR", None)
    try:
        settings = load(Settings)
    except SettingsError as error:
        findings = [Finding("settings", ok=False, told=problem) for problem in error.problems]
    else:
        findings = finish(_findings(settings))
    table = Table("", "what", "")
    for finding in findings:
        mark = {True: "ok", False: "WRONG", None: "note"}[finding.ok]
        table.add_row(mark, finding.what, finding.told)
    console.print(table)
    if any(finding.ok is False for finding in findings):
        raise typer.Exit(1)


async def _findings(settings: Settings) -> list[Finding]:
    return [
        Finding("settings", ok=True, told="complete"),
        _link_life(settings),
        *[finding async for finding in _store(settings)],
        await _slack(settings),
        await _ayrshare(settings),
    ]


def _link_life(settings: Settings) -> Finding:
    minutes = settings.ayrshare_expires_in
    if minutes is None or minutes <= LONG_LIFE:
        return Finding("link life", ok=True, told=f"{minutes or 5} min")
    told = f"{minutes} min: the longer a link lives, the longer a leaked one works; up to 60 is safer"
    return Finding("link life", ok=None, told=told)


async def _store(settings: Settings) -> AsyncIterator[Finding]:
    try:
        async with redis_of(settings, metrics=Metrics()) as redis:
            profiles = ProfileStore(redis, key_ring(settings.encryption_keys, data_dir=settings.data_dir))
            refs = [(team, ref) for team in await MappingStore(redis).teams() for ref in await profiles.titles(team)]
            yield Finding("Redis", ok=True, told="answers")
            for team, ref in refs:
                await profiles.get(team, ref)
            yield Finding("encryption keys", ok=True, told=f"open all {len(refs)} profile keys")
    except ConnectbotError as error:
        yield Finding("Redis or encryption keys", ok=False, told=error.sentence)


async def _slack(settings: Settings) -> Finding:
    token, base = settings.slack_bot_token.get_secret_value(), settings.slack_api_url
    client = AsyncWebClient(token=token, base_url=base, timeout=SLACK_PATIENCE_SECONDS)
    try:
        told = await client.auth_test()
    except SlackApiError as error:
        hint = f"Slack says {error.response.get('error')}: install the app again and copy its bot token"
        return Finding("Slack token", ok=False, told=hint)
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        return Finding("Slack token", ok=False, told=f"Slack can't be reached ({type(error).__name__})")
    return Finding("Slack token", ok=True, told=f"belongs to workspace {told.get('team_id')}")


async def _ayrshare(settings: Settings) -> Finding:
    try:
        async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as ayrshare:
            profiles = await ayrshare.profiles()
    except ConnectbotError as error:
        return Finding("Ayrshare API key", ok=False, told=error.sentence)
    return Finding("Ayrshare API key", ok=True, told=f"the account has {len(profiles)} profiles")
