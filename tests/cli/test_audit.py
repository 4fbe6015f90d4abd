"""`audit`: ids only, in the order it happened."""

import json

import pytest

from bot.app import Bot
from sandbox.server import Sandbox
from tests.commands import command
from tests.conftest import Map, Person
from tests.eventually import eventually

ANA, BEN, DAN = "U0ANA0001", "U0BEN0001", "U0DAN0001"


async def test_links_views_refusals_and_mappings_stand_in_the_trail_without_secrets(
    person: Person, mapped: Map, bot: Bot, sandbox: Sandbox, environment: dict[str, str]
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await person("ben").types()
    await person("ben").sees_a_card()
    await person("ana").types("@ben")
    await person("ana").sees_a_card()
    await person("dan").types("@ben")
    await person("dan").sees("can connect these accounts.")
    shown = await command("audit", "--json", environment=environment)
    rows = [json.loads(line) for line in shown.out.splitlines()]
    assert [(row["what"], row["by"], row["for"]) for row in rows] == [
        ("mapping_added", "test", BEN),
        ("link_made", BEN, BEN),
        ("link_made", ANA, BEN),
        ("link_shown_for_other", ANA, BEN),
        ("refused", DAN, BEN),
    ]
    assert rows[1]["profile"] == profile.ref_id
    assert rows[-1]["detail"] == "not_admin"
    for secret in (profile.key.get_secret_value(), "jwt=", "http"):
        assert secret not in shown.out
    about_dan = await command("audit", "--user", DAN, "--since", "1h", environment=environment)
    assert "refused" in about_dan.out
    assert "link_made" not in about_dan.out
    for since in ("999999d", "999999h", "0m"):
        assert (await command("audit", "--since", since, environment=environment)).code == 0
    later = await command("audit", "--since", "2100-01-01", environment=environment)
    assert "Nothing to show" in later.out


async def test_a_removed_mapping_stands_in_the_trail(mapped: Map, bot: Bot, environment: dict[str, str]) -> None:
    await mapped("ben", "Acme: Jane")
    await command("mappings", "remove", "T0CONNECT", BEN, environment=environment)

    async def look() -> bool:
        shown = await command("audit", "--json", environment=environment)
        return '"what": "mapping_removed", "by": "shell"' in shown.out

    assert await eventually(look, "the removal is in the trail")


@pytest.mark.parametrize("since", ["yesterday", "5", "7w", "2026-13-01"])
async def test_a_moment_that_is_none_is_explained(environment: dict[str, str], since: str) -> None:
    ended = await command("audit", "--since", since, environment=environment)
    assert ended.code == 2
    assert "12h" in ended.err
