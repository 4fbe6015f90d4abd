"""The OpenAPI document is valid, and the bot keeps to it, whatever is sent: no 5xx, no answer that isn't described."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from bot.app import Bot
from sandbox.server import Sandbox
from tests.api.conftest import MakeApp
from tests.conftest import Map
from tests.mappings.removal_helpers import SESSION

EXAMPLES = 20
"""For each call."""
PUBLIC = {"PUBLIC_URL": "https://bot.example.com"}
OFFERS_EVERYTHING = {"AYRSHARE_X_API_KEY": "x-key", "AYRSHARE_X_API_SECRET": "x-secret", **PUBLIC, **SESSION}


async def document(session: aiohttp.ClientSession, sandbox: Sandbox) -> Any:
    async with session.get(f"{sandbox.bot_url}/api/v1/openapi.json") as answer:
        assert answer.status == 200
        return await answer.json()


async def test_the_document_is_valid_and_needs_no_key(
    bot: Bot, session: aiohttp.ClientSession, sandbox: Sandbox
) -> None:
    found = await document(session, sandbox)
    validate(found, cls=OpenAPIV31SpecValidator)
    assert {"/api/v1/links", "/api/v1/links/{id}", "/api/v1/profiles", "/api/v1/profiles/{ref_id}"} <= set(
        found["paths"]
    )


def fuzzed(described: Any, ref_id: str) -> Any:
    """Return the document with the profile and the person that there are, so that links are made.

    It leaves the idempotency key out, with which the second request is rightly refused.
    """
    for operations in described["paths"].values():
        for operation in operations.values():
            operation["parameters"] = [one for one in operation["parameters"] if one["in"] != "header"]
    for schema in described["components"]["schemas"].values():
        for name, known in (("profile", ref_id), ("user", "U0BEN0001")):
            if schema.get("properties", {}).get(name, {}).get("type") == "string":
                schema["properties"][name]["enum"] = [known]
    return described


@pytest.mark.parametrize("overrides", [OFFERS_EVERYTHING], ids=[""])
async def test_the_bot_keeps_to_it(
    bot: Bot, session: aiohttp.ClientSession, sandbox: Sandbox, app_with: MakeApp, mapped: Map, tmp_path: Path
) -> None:
    sandbox.ayrshare.max_pack = True
    profile, app = await mapped("ben", "Acme: Jane"), await app_with("--rate", "100000")
    (tmp_path / "openapi.json").write_text(json.dumps(fuzzed(await document(session, sandbox), profile.ref_id)))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", "openapi.json"),
        *("--url", app.url, "--header", f"Authorization: Bearer {app.token}"),
        *("--checks", "all", "--phases", "coverage,fuzzing", "--max-examples", str(EXAMPLES)),
        *("--seed", "1", "--generation-database", "none", "--warnings", "off", "--continue-on-failure"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert any("link-sessions" in str(call["call"]) for call in sandbox.ayrshare.calls.since()), "no link was made"
