"""`mappings set`: one person and one profile."""

import sys
from typing import Annotated

import typer
from pydantic import SecretStr

from bot.ayrshare.errors import ProfileGone
from bot.ayrshare.model import Profile
from bot.cli.boundary import console, finish, settings_of, stop
from bot.cli.mappings.arguments import Team, User
from bot.cli.mappings.stores import SHELL, stores_of
from bot.connections import ayrshare_of
from bot.core.clock import SystemClock
from bot.core.metrics import Metrics
from bot.core.model import TeamId, UserId
from bot.mappings.imports.mapping_file import FileRow
from bot.mappings.imports.plan import make_plan
from bot.mappings.imports.resolve import match_keys
from bot.mappings.model import KEY_SHAPE
from bot.settings import AyrshareSettings, StoreSettings


def set_mapping(
    team: Team,
    user: User,
    *,
    default: Annotated[bool, typer.Option("--default", help="Make it the person's default profile")] = False,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Ask Ayrshare whether the key works")] = True,
) -> None:
    """Read a profile key from standard input and add its profile to a person's."""
    settings = settings_of(AyrshareSettings if check else StoreSettings)
    key = _read_key(settings)
    finish(_set(settings, TeamId(team), UserId(user), key, default=default))


def _read_key(settings: StoreSettings) -> SecretStr:
    typed = typer.prompt("Profile key", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    key = str(typed).strip()
    if not KEY_SHAPE.fullmatch(key):
        stop("That is no profile key: one word is expected on standard input, as Ayrshare showed it.")
    if isinstance(settings, AyrshareSettings) and key == settings.ayrshare_api_key.get_secret_value():
        stop("That is the account's own API key. A profile key is wanted: Ayrshare shows it when a profile is made.")
    return SecretStr(key)


async def _set(settings: StoreSettings, team: TeamId, user: UserId, key: SecretStr, *, default: bool) -> None:
    checked = {key: await _checked(settings, key)} if isinstance(settings, AyrshareSettings) else None
    async with stores_of(settings) as stores:
        known = await stores.known(team)
        profiles = checked or match_keys([key], known.profiles)
        plan, _ = make_plan([FileRow(1, user, key, ref_id=None, default=default)], {1: user}, profiles, known)
        await stores.imports.apply(team, plan.batch, by=SHELL)
    looks = "now looks" if any(change.new for change in plan.changes) else "looks"
    console.print(f"{user} {looks} after {profiles[key].title!r} ({profiles[key].ref_id}).")


async def _checked(settings: AyrshareSettings, key: SecretStr) -> Profile:
    async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as ayrshare:
        try:
            told = await ayrshare.accounts(key)
        except ProfileGone:
            stop("Ayrshare doesn't know that profile key, or has suspended its profile. Nothing was stored.")
    return Profile(ref_id=told.ref_id, title=told.title, key=key)
