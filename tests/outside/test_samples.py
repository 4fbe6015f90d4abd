"""The sample backend in Node runs, and the React Native screen type-checks with the real packages."""

import pytest

from bot.app import Bot
from sandbox.server import Sandbox
from tests.api.apps import App
from tests.conftest import Map
from tests.examples.backends import check, sample
from tests.outside.programs import SCREEN, TSC, ran
from tests.users import Someone


async def test_the_backend_in_node_gives_whoever_is_signed_in_their_link(
    bot: Bot, app: App, mapped: Map, ben: Someone, sandbox: Sandbox
) -> None:
    await check("node", sample("backend-node/backend.mjs"), app=app, mapped=mapped, ben=ben, sandbox=sandbox)


async def test_the_screen_type_checks() -> None:
    await ran(str(TSC), "--project", ".", cwd=SCREEN)


async def test_a_wrong_screen_does_not() -> None:
    wrong = SCREEN / "node_modules" / "Wrong.tsx"
    wrong.write_text((SCREEN / "ConnectAccounts.tsx").read_text().replace("Async(said.url)", "Async(5)"))
    options = ("--noEmit", "--strict", "--jsx", "react-native", "--module", "esnext", "--moduleResolution", "bundler")
    with pytest.raises(AssertionError, match="'number' is not assignable to parameter of type 'string'"):
        await ran(str(TSC), *options, "--skipLibCheck", str(wrong), cwd=SCREEN)
