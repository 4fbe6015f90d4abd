"""`mappings forget-profile`: a profile that nobody has and that Ayrshare has deleted, with its stored key."""

from contextlib import AsyncExitStack
from typing import Annotated

import typer

from bot.cli.boundary import console, finish, settings_of, stop
from bot.cli.mappings.common import SHELL, Team, account_of, stores_of
from bot.cli.names import profiles_named
from bot.core.clock import SystemClock
from bot.core.model import TeamId
from bot.mappings.forget_profile import forget_profile
from bot.settings import AyrshareSettings, StoreSettings


def forget(
    team: Team,
    profile: Annotated[str, typer.Argument(help="The profile's ID, title or part of its title")],
    *,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Ask Ayrshare whether it has deleted it")] = True,
) -> None:
    """Delete a profile that nobody has and that Ayrshare has deleted: its stored key, and what was seen of it."""
    title = finish(_forget(settings_of(AyrshareSettings if check else StoreSettings), TeamId(team), profile))
    console.print(f"{title!r} is forgotten, and its key with it.")


async def _forget(settings: StoreSettings, team: TeamId, named: str) -> str:
    async with stores_of(settings) as stores, AsyncExitStack() as stack:
        titles = await stores.profiles.all_titles(team)
        meant = profiles_named(titles, named)
        if len(meant) != 1:
            several = (f"  {ref_id}  {titles[ref_id]}" for ref_id in meant)
            stop(f"{team} has {len(meant) or 'no'} such profiles. Name one by its ID:", *several)
        ayrshare = None
        if isinstance(settings, AyrshareSettings):
            ayrshare = await stack.enter_async_context(account_of(settings, stores, team))
        await forget_profile(stores.profiles, ayrshare, team, meant[0], by=SHELL, now=SystemClock().now())
        return titles[meant[0]]
