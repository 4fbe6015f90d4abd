"""Postman's own runner goes through the collection that the bot prints, against the bot and the local Ayrshare."""

import json
from pathlib import Path

import pytest

from bot.app import Bot
from sandbox.server import Sandbox
from tests.api.conftest import MakeApp
from tests.commands import command
from tests.conftest import Map
from tests.mappings.removal_helpers import SESSION
from tests.outside.programs import NEWMAN, ran


@pytest.mark.parametrize("overrides", [SESSION | {"PUBLIC_URL": "https://bot.example.com"}], ids=[""])
async def test_every_request_of_the_collection_is_answered_as_it_says(
    bot: Bot, sandbox: Sandbox, app_with: MakeApp, mapped: Map, tmp_path: Path
) -> None:
    profile, app = await mapped("ben", "Acme: Jane"), await app_with()
    sandbox.ayrshare.plan = "enterprise"
    printed = await command("postman", environment={})
    (tmp_path / "collection.json").write_text(printed.out)
    values = {
        "bot_url": app.url,
        "api_key": app.token,
        "ayrshare_url": f"{sandbox.url}/ayrshare/api",
        "ayrshare_api_key": sandbox.ayrshare.api_key,
        "profile_key": profile.key.get_secret_value(),
        "domain": sandbox.ayrshare.domain,
        "private_key": json.dumps(sandbox.ayrshare.private_key_pem)[1:-1],
        "webhook_secret": "a-secret-for-webhooks",
    }
    given = [part for name, value in values.items() for part in ("--env-var", f"{name}={value}")]
    said = await ran(str(NEWMAN), "run", "collection.json", *given, "--reporters", "json,cli", cwd=tmp_path)
    (report,) = (tmp_path / "newman").glob("*.json")
    run = json.loads(report.read_text())["run"]
    assert run["failures"] == [], said
    assert run["stats"]["assertions"]["total"] == run["stats"]["requests"]["total"] > 15
