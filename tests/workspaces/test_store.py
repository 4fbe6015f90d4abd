"""The installation and state stores, against what slack_sdk documents of their interfaces; and what is in Redis."""

from datetime import datetime, timedelta

import pytest
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.app import Bot
from bot.ayrshare.accounts import AccountKeyStore
from bot.core.model import TeamId
from bot.storage.encryption_keys import parse_keys
from bot.storage.envelope import KeyRing
from bot.storage.errors import UnreadableSecret
from bot.workspaces.reseal import reseal_all
from bot.workspaces.state_store import StateStore
from bot.workspaces.store import InstallationStore
from tests.keys import RING
from tests.redis_probe import redis_of

ORG, ONE, TWO = "E1", "T1", "T2"


@pytest.fixture
def store(bot: Bot) -> InstallationStore:
    return InstallationStore(bot.deps.mappings.connection, KeyRing(parse_keys(RING)))


def installed(team: str | None = ONE, *, user: str = "U1", token: str = "xoxb-1", **more: object) -> Installation:
    fields: dict[str, object] = {
        "app_id": "A1",
        "enterprise_id": ORG,
        "team_id": team,
        "team_name": "One",
        "bot_id": "B1",
    }
    fields |= {"bot_user_id": "UB", "bot_scopes": "commands,chat:write", "bot_token": token, **more}
    return Installation(user_id=user, **fields)  # type: ignore[arg-type]  # a table of names and values


async def find(store: AsyncInstallationStore, team: str | None, *, user: str | None = None) -> Installation | None:
    return await store.async_find_installation(enterprise_id=ORG, team_id=team, user_id=user)


async def test_it_is_an_installation_store_of_the_sdk(store: InstallationStore) -> None:
    assert isinstance(store, AsyncInstallationStore)
    assert store.logger.name.startswith("slack_sdk")


async def test_what_is_saved_is_found_with_every_field(store: InstallationStore) -> None:
    saved = installed(
        bot_refresh_token="xoxe-1", bot_token_expires_at=1_900_000_000, user_token="xoxp-1", user_scopes="chat:write"
    )
    saved.set_custom_value("plan", "big")
    await store.async_save(saved)
    found = await find(store, ONE)
    assert found is not None
    assert vars(found) == vars(saved)
    bot = await store.async_find_bot(enterprise_id=ORG, team_id=ONE)
    assert bot is not None
    assert vars(bot) == vars(saved.to_bot())


async def test_the_latest_installation_is_found_and_a_persons_own_by_their_id(store: InstallationStore) -> None:
    later = datetime.now().timestamp() + 60  # noqa: DTZ005 - slack_sdk's own clock
    await store.async_save(installed(user="U1", user_token="xoxp-1", token="xoxb-1"))
    await store.async_save(installed(user="U2", user_token="xoxp-2", token="xoxb-2", installed_at=later))
    latest, first = await find(store, ONE), await find(store, ONE, user="U1")
    assert latest is not None
    assert first is not None
    assert (latest.user_id, latest.user_token) == ("U2", "xoxp-2")
    assert (first.user_id, first.user_token, first.bot_token) == ("U1", "xoxp-1", "xoxb-2")
    assert await find(store, ONE, user="U3") is None


async def test_an_installation_without_a_bot_leaves_the_bots_own(store: InstallationStore) -> None:
    await store.async_save(installed(token="xoxb-1"))
    await store.async_save(installed(user="U2", token="", user_token="xoxp-2"))
    bot = await store.async_find_bot(enterprise_id=ORG, team_id=ONE)
    assert bot is not None
    assert bot.bot_token == "xoxb-1"


async def test_an_organizations_installation_is_apart_from_its_workspaces(store: InstallationStore) -> None:
    await store.async_save(installed(ONE, token="xoxb-1"))
    await store.async_save(installed(None, token="xoxb-org", is_enterprise_install=True))
    for team, whole in ((None, False), (ONE, True), (None, True)):
        bot = await store.async_find_bot(enterprise_id=ORG, team_id=team, is_enterprise_install=whole)
        assert bot is not None
        assert bot.bot_token == "xoxb-org"
    own = await store.async_find_bot(enterprise_id=ORG, team_id=ONE)
    assert own is not None
    assert own.bot_token == "xoxb-1"


async def test_deleting_one_thing_leaves_the_others(store: InstallationStore) -> None:
    for team in (ONE, TWO):
        for user in ("U1", "U2"):
            await store.async_save(installed(team, user=user))
    await store.async_delete_installation(enterprise_id=ORG, team_id=ONE, user_id="U1")
    assert await find(store, ONE, user="U1") is None
    assert await find(store, ONE, user="U2") is not None
    await store.async_delete_bot(enterprise_id=ORG, team_id=ONE)
    assert await store.async_find_bot(enterprise_id=ORG, team_id=ONE) is None
    await store.async_delete_all(enterprise_id=ORG, team_id=ONE)
    assert await find(store, ONE) is None
    assert await find(store, TWO) is not None
    assert await store.places() == (TWO,)
    await store.async_delete_installation(enterprise_id=ORG, team_id=TWO)
    assert await find(store, TWO) is None
    assert await store.async_find_bot(enterprise_id=ORG, team_id=TWO) is not None


async def test_no_token_stands_in_redis_and_none_opens_in_another_place(bot: Bot, store: InstallationStore) -> None:
    tokens = {
        "bot_refresh_token": "xoxe-r1",
        "user_token": "xoxp-u1",
        "user_refresh_token": "xoxe-r2",
        "incoming_webhook_url": "https://hooks.slack.example/1",
    }
    await store.async_save(installed(ONE, token="xoxb-secret", **tokens))
    redis = redis_of(bot)
    kept = await redis.hgetall(f"connectbot:{{{ONE}}}:installation")
    assert [secret for secret in ("xoxb-secret", *tokens.values()) if secret in str(kept)] == []
    await redis.hset(f"connectbot:{{{TWO}}}:installation", mapping=kept)
    with pytest.raises(UnreadableSecret):
        await store.async_find_bot(enterprise_id=ORG, team_id=TWO)


async def test_tokens_follow_the_newest_encryption_key(bot: Bot, store: InstallationStore) -> None:
    await store.async_save(installed(ONE, user_token="xoxp-1"))
    old = parse_keys(RING)
    rings = {"new": b"n" * 32, **old}
    connection = bot.deps.mappings.connection
    both = InstallationStore(connection, KeyRing(rings))
    outcome = await reseal_all(both, AccountKeyStore(connection, KeyRing(rings)))
    assert (outcome.done, outcome.left) == (1, ())
    only_new = InstallationStore(connection, KeyRing({"new": b"n" * 32}))
    found = await find(only_new, ONE)
    assert found is not None
    assert (found.bot_token, found.user_token) == ("xoxb-1", "xoxp-1")


async def test_a_state_is_good_once_for_ten_minutes_and_stands_nowhere(bot: Bot) -> None:
    states = StateStore(bot.deps.mappings.connection)
    assert isinstance(states, AsyncOAuthStateStore)
    state = await states.async_issue()
    keys = [str(key) async for key in redis_of(bot).scan_iter("connectbot:oauth_state:*")]
    assert [key for key in keys if state in key] == []
    lives = [timedelta(milliseconds=await redis_of(bot).pttl(key)) for key in keys]
    assert all(timedelta(0) < life <= timedelta(minutes=10) for life in lives)
    assert await states.async_consume(state)
    assert not await states.async_consume(state)
    assert not await states.async_consume("unknown")


async def test_a_workspace_finds_its_organizations_installation_before_its_own(store: InstallationStore) -> None:
    await store.async_save(installed(ONE, token="xoxb-1"))
    own = await store.installed_for(TeamId(ONE))
    assert own is not None
    assert own.bot.bot_token == "xoxb-1"
    await store.async_save(installed(None, token="xoxb-org", is_enterprise_install=True))
    await store.add_workspace(TeamId(ORG), TeamId(ONE))
    everywhere = await store.installed_for(TeamId(ONE))
    assert everywhere is not None
    assert everywhere.bot.bot_token == "xoxb-org"
