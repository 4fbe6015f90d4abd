"""The workspace of the week: people in six time zones with five profiles each, two admins, Ayrshare's webhooks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import Bot, running_bot
from bot.ayrshare.model import Profile
from bot.core.model import RefId, UserId
from bot.settings import Settings
from sandbox.ayrshare import Profile as LocalProfile
from sandbox.server import Sandbox
from sandbox.slack.members import add_members
from tests.clock import ManualClock
from tests.fuzz.world import environment
from tests.redis_probe import TEAM
from tests.time_travel import QUICK, woken
from tests.webhooks import SECRET

SUNDAY = datetime(2026, 11, 22, 6, tzinfo=UTC)
PROFILES_EACH = 5
NETWORKS = ("instagram", "linkedin", "tiktok", "youtube")
ADMINS = ("ana", "dan")


@dataclass
class Workspace:
    """A bot and what is around it; `holders` are people's ids by the title of their profile."""

    bot: Bot
    sandbox: Sandbox
    clock: ManualClock
    holders: dict[str, list[UserId]] = field(default_factory=dict)

    @property
    def titles(self) -> list[str]:
        """The profiles."""
        return list(self.holders)

    def profile(self, title: str) -> LocalProfile:
        """Return a profile of the local Ayrshare."""
        return next(one for one in self.sandbox.ayrshare.profiles if one.title == title)

    def name(self, user: str) -> str:
        """Return what a person is called."""
        return self.sandbox.slack.world.user(user).name


@asynccontextmanager
async def workspace(folder: Path, *, profiles: int) -> AsyncIterator[Workspace]:
    """Run the bot for a workspace with so many profiles."""
    clock = ManualClock(SUNDAY)
    async with Sandbox(now=clock.now) as sandbox:
        own = {"AYRSHARE_WEBHOOK_SECRET": SECRET}
        own["CONNECT_ADMINS"] = ",".join(sandbox.slack.world.user(name).id for name in ADMINS)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (environment(sandbox, folder) | own).items():
                patch.setenv(name, value)
            settings = Settings()
        async with running_bot(settings, clock=clock, worker_timings=QUICK) as bot, woken(bot, clock):
            sandbox.bot_url = f"http://127.0.0.1:{bot.port}"
            sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
            made = Workspace(bot, sandbox, clock)
            await _fill(made, profiles)
            yield made


async def _fill(made: Workspace, profiles: int) -> None:
    """Connect four accounts of each profile, and map it to one person; every tenth to a second one too."""
    sandbox, deps = made.sandbox, made.bot.deps
    people = add_members(sandbox.slack.world, max(2, profiles // PROFILES_EACH))
    known = len(sandbox.ayrshare.profiles)
    sandbox.ayrshare.add_profiles(f"Client {number:03}" for number in range(1, profiles + 1))
    for number, local in enumerate(sandbox.ayrshare.profiles[known:]):
        for network in NETWORKS:
            local.connect(network, at=made.clock.now() - timedelta(days=1))
        holders = [people[number // PROFILES_EACH % len(people)]]
        holders += [people[(number // PROFILES_EACH + 1) % len(people)]] if number % 10 == 9 else []
        await deps.profiles.save(TEAM, Profile(RefId(local.ref_id), local.title, SecretStr(local.key)))
        for holder in holders:
            await deps.mappings.add(TEAM, UserId(holder.id), RefId(local.ref_id), by="test")
        made.holders[local.title] = [UserId(one.id) for one in holders]
