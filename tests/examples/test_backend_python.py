"""The sample backend in Python gives whoever is signed in their link."""

import sys

from bot.app import Bot
from sandbox.server import Sandbox
from tests.api.apps import App
from tests.conftest import Map
from tests.examples.backends import check, sample
from tests.users import Someone


async def test_it_gives_whoever_is_signed_in_their_link(
    bot: Bot, app: App, mapped: Map, ben: Someone, sandbox: Sandbox
) -> None:
    await check(sys.executable, sample("backend-python/backend.py"), app=app, mapped=mapped, ben=ben, sandbox=sandbox)
