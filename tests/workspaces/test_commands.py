"""`workspaces list`, `remove` and `set`, beside the running bot."""

import pytest

from bot.app import Bot
from bot.core.model import TeamId
from sandbox.server import Sandbox
from tests.cli.examined import examined
from tests.commands import command
from tests.redis_probe import redis_of
from tests.workspaces.conftest import FIRST, ORGANIZATION, SECOND, Install, MapIn, People


async def test_the_list_names_each_place_and_no_token(
    install: Install, map_in: MapIn, environment: dict[str, str], sandbox: Sandbox
) -> None:
    none = await command("workspaces", "list", environment=environment)
    assert "No workspace has installed the app yet." in none.out
    for place in (FIRST, SECOND, ORGANIZATION):
        await install(place)
    await map_in(SECOND, "ben", "Acme: Jane")
    ended = await command("workspaces", "list", environment=environment | {"SLACK_ALLOWED_WORKSPACES": FIRST})
    assert ended.code == 0
    rows = {cells[0]: cells for cells in (line.split("\t") for line in ended.out.splitlines())}
    assert (rows[FIRST][1], rows[SECOND][1], rows[ORGANIZATION][1]) == ("Connect Demo", "Connect Second", "Connect Org")
    assert [rows[place][5] for place in (FIRST, SECOND, ORGANIZATION)] == ["yes", "no", "no"]
    assert (rows[FIRST][4], rows[SECOND][4]) == ("0", "1")
    assert [secret for secret in sandbox.slack.oauth.secrets if secret in ended.out + ended.err] == []


@pytest.mark.parametrize("overrides", [{"AYRSHARE_LINK_API": "session"}])
async def test_a_removed_workspace_loses_the_app_its_links_and_its_data_at_once(
    install: Install,
    map_in: MapIn,
    person_in: People,
    bot: Bot,
    sandbox: Sandbox,
    environment: dict[str, str],
) -> None:
    for team in (FIRST, SECOND):
        await install(team)
        await map_in(team, "ben", "Acme: Jane")
        await person_in(team, "ben").types()
    card, kept = await person_in(SECOND, "ben").sees_a_card(), await person_in(FIRST, "ben").sees_a_card()
    ended = await command("workspaces", "remove", SECOND, environment=environment)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "The app is uninstalled there.",
        "Links ended: 1.",
        f"All data of {SECOND} is deleted.",
    ]
    assert sandbox.slack.oauth.grant_in(SECOND) is None
    session = person_in(FIRST, "ben").session
    async with session.get(str(card.url)) as page, session.get(str(kept.url)) as other:
        assert (page.status, other.status) == (401, 200)
    assert [key async for key in redis_of(bot).scan_iter(f"*{{{SECOND}}}*")] == []
    assert await bot.deps.mappings.teams() == (FIRST,)


async def test_of_an_organization_only_the_tokens_can_be_revoked(
    install: Install, bot: Bot, sandbox: Sandbox, environment: dict[str, str]
) -> None:
    await install(ORGANIZATION)
    ended = await command("workspaces", "remove", ORGANIZATION, environment=environment)
    assert "an admin has to. Its tokens are revoked." in ended.out
    grant = sandbox.slack.oauth.grant_in(ORGANIZATION)
    assert grant is not None
    assert [token.revoked for token in grant.tokens] == [token.revoked for token in grant.refresh_tokens] == [True]
    assert await bot.deps.installations.places() == ()


async def test_an_unknown_key_is_refused_and_never_shown(
    install: Install, environment: dict[str, str], bot: Bot
) -> None:
    await install(FIRST)
    ended = await command("workspaces", "set", FIRST, environment=environment, typed="NOT-AN-API-KEY\n")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.strip().endswith("Ayrshare doesn't know this API key. Nothing was changed.")
    assert "NOT-AN-API-KEY" not in ended.err
    assert await redis_of(bot).get(f"connectbot:{{{FIRST}}}:ayrshare_key") is None
    assert await bot.deps.slack.serves(TeamId(FIRST))


@pytest.mark.parametrize("overrides", [{"AYRSHARE_LINK_API": "session"}])
async def test_a_workspace_with_an_account_of_its_own_uses_no_other(
    install: Install,
    map_in: MapIn,
    person_in: People,
    bot: Bot,
    sandbox: Sandbox,
    environment: dict[str, str],
) -> None:
    """The local Ayrshare gets another key, so that only who has that one is let in."""
    for team in (FIRST, SECOND):
        await install(team)
        await map_in(team, "ben", "Acme: Jane")
    sandbox.ayrshare.api_key = "THE-KEY-OF-ANOTHER-ACCOUNT"
    ended = await command("workspaces", "set", SECOND, environment=environment, typed="THE-KEY-OF-ANOTHER-ACCOUNT\n")
    assert (ended.code, ended.err) == (0, "")
    assert f"{SECOND} now works with its own Ayrshare account" in ended.out
    own, common = person_in(SECOND, "ben"), person_in(FIRST, "ben")
    await own.types()
    await own.sees_a_card("Acme: Jane")
    await common.types()
    await common.sees("API key")
    kept = str(await redis_of(bot).get(f"connectbot:{{{SECOND}}}:ayrshare_key"))
    assert kept.startswith("v1:")
    assert "THE-KEY" not in kept
    shown = await command("workspaces", "list", environment=environment)
    assert [line.split("\t")[-1] for line in shown.out.splitlines()[1:]] == ["common", "its own"]
    back = await command("workspaces", "set", SECOND, "--common", environment=environment)
    assert "now works with AYRSHARE_API_KEY" in back.out


async def test_doctor_checks_the_apps_secrets_and_every_token(
    install: Install, environment: dict[str, str], sandbox: Sandbox
) -> None:
    fresh = await examined(environment)
    assert fresh.rows["slack.client"][0] == "ok"
    assert fresh.rows["slack.workspaces"][0] == "note"
    assert "slack.token" not in fresh.rows
    await install(FIRST)
    await install(SECOND)
    assert "2 installed, and every token works" in (await examined(environment)).told("slack.workspaces")
    short = await examined(environment, SLACK_ALLOWED_WORKSPACES=FIRST)
    assert f"not on the list: {SECOND}" in short.told("slack.workspaces")
    wrong = await examined(environment, SLACK_CLIENT_SECRET="another")
    assert "bad_client_secret" in wrong.told("slack.client")
    grant = sandbox.slack.oauth.grant_in(SECOND)
    assert grant is not None
    sandbox.slack.uninstall(grant)
    broken = await examined(environment)
    assert f"{SECOND} (Slack says account_inactive)" in broken.told("slack.workspaces")
    assert [secret for secret in sandbox.slack.oauth.secrets if secret in broken.written] == []


async def test_status_shows_what_is_due_for_each_place(install: Install, environment: dict[str, str], bot: Bot) -> None:
    for place in (FIRST, ORGANIZATION):
        await install(place)
    ended = await command("status", environment=environment)
    rows = {cells[0]: cells[1:] for cells in (line.split("\t") for line in ended.out.splitlines())}
    assert (rows[FIRST][0], rows[ORGANIZATION][0]) == ("1", "1")
