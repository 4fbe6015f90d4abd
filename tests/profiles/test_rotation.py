"""Rotating the encryption keys: nothing is lost, whatever happens meanwhile."""

import asyncio
import os
import signal
import tempfile
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from redis import Redis

from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId
from bot.profiles.rotation import PASSES, OldKey, Rotation, RotationOutcome, SealedProfileStore
from bot.profiles.store import ProfileStore, profiles_key
from bot.storage.connection import Connection
from bot.storage.embedded.process import pid_of
from bot.storage.encryption_keys import KeyFile, keys_named_in, new_key, parse_keys
from bot.storage.envelope import KEY_FILE, KeyRing, key_ring
from tests.profiles.conftest import redis_in

TEAM, OTHER = TeamId("T1"), TeamId("T2")
A, B = RefId("a" * 40), RefId("b" * 40)
OLD, NEW = new_key(), new_key()
OLD_ID, NEW_ID = OLD.partition(":")[0], NEW.partition(":")[0]
BEFORE = KeyRing(parse_keys(f"{OLD},{NEW}"))
AFTER = KeyRing(parse_keys(f"{NEW},{OLD}"))


def nothing() -> None:
    pass


def profile(ref_id: RefId, key: str = "CANARY") -> Profile:
    return Profile(ref_id, f"Title of {ref_id[:4]}", SecretStr(key))


def rotation_of(redis: Connection, ring: KeyRing = AFTER) -> Rotation:
    return Rotation(SealedProfileStore(redis, ring), ring)


async def seen_while_running(rotation: Rotation) -> set[RotationOutcome]:
    found: set[RotationOutcome] = set()
    await rotation.run(lambda: found.update(sealing for _, sealing in rotation.outcomes.values()))
    return found


async def ids_in(redis: Connection, team: TeamId = TEAM) -> set[str]:
    """The ids of the keys that a workspace's profiles are sealed with."""
    records = await redis.redis.hgetall(profiles_key(team))
    return {key_id for record in records.values() for key_id in keys_named_in(str(record))}


async def test_every_profile_of_every_workspace_is_sealed_with_the_newest_key(redis: Connection) -> None:
    store = ProfileStore(redis, BEFORE)
    refs = [RefId(f"{number:040x}") for number in range(700)]  # several pages
    for team in (TEAM, OTHER):
        await asyncio.gather(*(store.save(team, profile(ref_id, f"CANARY-{team}-{ref_id}")) for ref_id in refs))
    await ProfileStore(redis, AFTER).save(TEAM, profile(refs[0], f"CANARY-{TEAM}-{refs[0]}"))
    rotation = rotation_of(redis)
    await rotation.run(nothing)
    assert (len(rotation.resealed), rotation.total, rotation.remaining) == (1399, 1400, {})
    assert await ids_in(redis) == await ids_in(redis, OTHER) == {NEW_ID}
    new_alone = ProfileStore(redis, KeyRing(parse_keys(NEW)))
    for team in (TEAM, OTHER):
        expected = tuple(profile(ref_id, f"CANARY-{team}-{ref_id}") for ref_id in refs)
        assert await new_alone.get(team, *refs) == expected


async def test_a_second_run_finds_nothing_to_do(redis: Connection) -> None:
    await ProfileStore(redis, BEFORE).save(TEAM, profile(A))
    await rotation_of(redis).run(nothing)
    stored = await redis.redis.hgetall(profiles_key(TEAM))
    again = rotation_of(redis)
    await again.run(nothing)
    assert not again.resealed
    assert len(again.with_outcome(RotationOutcome.NEWEST)) == 1
    assert await redis.redis.hgetall(profiles_key(TEAM)) == stored


async def test_a_value_saved_between_reading_and_rewriting_stays(redis: Connection) -> None:
    store, resealing = ProfileStore(redis, BEFORE), SealedProfileStore(redis, AFTER)
    for ref_id in (A, B):
        await store.save(TEAM, profile(ref_id, "CANARY-BEFORE"))
    (page,) = [page async for page in resealing.profiles(TEAM)]
    await store.save(TEAM, profile(A, "CANARY-MEANWHILE"))
    assert await resealing.reseal(TEAM, page) == {A: RotationOutcome.CHANGED, B: RotationOutcome.RESEALED}
    assert await store.get(TEAM, A, B) == (profile(A, "CANARY-MEANWHILE"), profile(B, "CANARY-BEFORE"))


async def test_what_is_saved_while_rotation_runs_is_never_lost(redis: Connection) -> None:
    refs = [RefId(f"{number:040x}") for number in range(40)]
    saved: dict[RefId, str] = {}
    done = asyncio.Event()

    async def save_on_and_on(number: int, ref_id: RefId) -> None:
        stores = (ProfileStore(redis, BEFORE), ProfileStore(redis, AFTER))
        for turn in count():
            await stores[(turn + number) % 2].save(TEAM, profile(ref_id, f"CANARY-{turn}"))
            saved[ref_id] = f"CANARY-{turn}"
            if done.is_set():
                return
            for _ in range(10 * number):  # in step with each other, they would change every record in each pass
                await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for number, ref_id in enumerate(refs):
            group.create_task(save_on_and_on(number, ref_id))
        found: set[RotationOutcome] = set()
        while not {RotationOutcome.RESEALED, RotationOutcome.CHANGED} <= found:
            found |= await seen_while_running(rotation_of(redis))
        done.set()
    assert await ProfileStore(redis, AFTER).get(TEAM, *refs) == tuple(profile(r, saved[r]) for r in refs)


async def test_an_older_key_has_to_stay_while_a_bot_keeps_saving_with_it(
    redis: Connection,
) -> None:
    await ProfileStore(redis, BEFORE).save(TEAM, profile(A))
    outdated, passes = await redis.redis.hgetall(profiles_key(TEAM)), 0
    rotation = rotation_of(redis)
    with Redis(unix_socket_path=redis.redis.connection_pool.connection_kwargs["path"]) as another:

        def save_outdated() -> None:
            nonlocal passes
            passes += 1
            another.hset(profiles_key(TEAM), mapping=outdated)

        await rotation.run(save_outdated)
    assert passes == PASSES
    assert list(rotation.remaining) == [(TEAM, A)]
    assert await rotation.old_keys() == (OldKey(OLD_ID, profiles=1, until=None),)


async def test_a_damaged_record_is_reported_and_left_as_it_is(redis: Connection) -> None:
    texts = ["", "not json", "[]", '{"title": "Acme"}', '{"title": "Acme", "key": 5}', "null"]
    damaged: dict[Any, Any] = {f"{number:040x}": text for number, text in enumerate(texts)}
    await redis.redis.hset(profiles_key(TEAM), mapping=damaged)
    await ProfileStore(redis, BEFORE).save(TEAM, profile(B))
    rotation = rotation_of(redis)
    await rotation.run(nothing)
    unreadable = rotation.with_outcome(RotationOutcome.UNREADABLE)
    assert {place: found.key_id for place, found in unreadable.items()} == {(TEAM, ref): None for ref in damaged}
    assert {ref: await redis.redis.hget(profiles_key(TEAM), ref) for ref in damaged} == damaged
    assert list(rotation.with_outcome(RotationOutcome.NEWEST)) == [(TEAM, B)]


async def test_a_record_moved_from_elsewhere_or_under_an_unknown_key_is_reported_by_key(redis: Connection) -> None:
    unknown = new_key()
    await ProfileStore(redis, KeyRing(parse_keys(unknown))).save(TEAM, profile(A))
    await ProfileStore(redis, BEFORE).save(OTHER, profile(B))
    await redis.redis.hset(profiles_key(TEAM), B, str(await redis.redis.hget(profiles_key(OTHER), B)))
    stored = await redis.redis.hgetall(profiles_key(TEAM))
    rotation = rotation_of(redis)
    await rotation.run(nothing)
    reported = {
        ref_id: found.key_id for (_, ref_id), found in rotation.with_outcome(RotationOutcome.UNREADABLE).items()
    }
    assert reported == {A: unknown.partition(":")[0], B: OLD_ID}
    assert await redis.redis.hgetall(profiles_key(TEAM)) == stored
    assert await rotation.old_keys() == (OldKey(OLD_ID, profiles=1, until=None),)


async def test_an_older_key_has_to_wait_for_what_expires_by_itself(redis: Connection) -> None:
    rotation = rotation_of(redis)
    assert await rotation.old_keys() == (OldKey(OLD_ID, profiles=0, until=None),)
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    for number in range(30):
        card = f"connectbot:{{T1}}:link_card:{number}"
        sealed = BEFORE.seal(SecretStr("CANARY"), TEAM, str(number))
        await redis.redis.hset(card, mapping={"version": 0, "card": f'{{"url": "{sealed}"}}'})
        await redis.redis.expireat(card, at - timedelta(minutes=number))
    await redis.redis.set("connectbot:{T1}:new", AFTER.seal(SecretStr("CANARY")), ex=10_000)
    word = "connectbot:{T2}:word"
    for words, last in ((at - timedelta(minutes=5), at), (at + timedelta(minutes=5), at + timedelta(minutes=5))):
        await redis.redis.set(word, BEFORE.seal(SecretStr("CANARY")), exat=words)
        assert await rotation.old_keys() == (OldKey(OLD_ID, profiles=0, until=last),)


class World:
    """A bot on a DATA_DIR of its own, a replica that reads new keys only when it starts, and what they saved."""

    def __init__(self, data_dir: Path, stack: AsyncExitStack) -> None:
        self.data_dir, self._stack = data_dir, stack
        self.saved: dict[tuple[TeamId, RefId], str] = {}

    async def start(self) -> None:
        self.redis = await self._stack.enter_async_context(redis_in(self.data_dir))
        self.ring = key_ring(None, data_dir=self.data_dir)
        self.start_replica()

    def start_replica(self) -> None:
        self.replica = KeyRing(parse_keys((self.data_dir / KEY_FILE).read_text()))

    async def restart(self, kill: bool) -> None:  # noqa: FBT001 - called with what hypothesis made
        if kill:
            os.kill(pid_of(self.data_dir), signal.SIGKILL)
        await self._stack.aclose()
        await self.start()

    async def save(self, team: TeamId, number: int, key: str) -> None:
        await self._save(self.ring, team, number, key)

    async def save_by_replica(self, team: TeamId, number: int, key: str) -> None:
        await self._save(self.replica, team, number, key)

    async def generate(self) -> None:
        KeyFile(self.data_dir / KEY_FILE).add()

    async def rotate(self) -> None:
        """Rotate as the command does, and remove at once what may go."""
        ring = key_ring(None, data_dir=self.data_dir)
        rotation = rotation_of(self.redis, ring)
        await rotation.run(nothing)
        old_keys = await rotation.old_keys()
        assert old_keys == tuple(OldKey(key_id, profiles=0, until=None) for key_id in ring.ids[1:])
        path = self.data_dir / KEY_FILE
        path.write_text(path.read_text().splitlines()[0])
        self.start_replica()

    async def rotate_interrupted(self, turns: int) -> None:
        running = asyncio.create_task(self._rotation().run(nothing))
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    async def rotate_while_others_save(self, key: str) -> None:
        savers = (self.save, self.save_by_replica)
        saves = (savers[number % 2](TEAM, number, f"{key}-{number}") for number in range(6))
        await asyncio.gather(self._rotation().run(nothing), *saves)

    async def check(self) -> None:
        for ring in (self.ring, key_ring(None, data_dir=self.data_dir)):
            store = ProfileStore(self.redis, ring)
            for (team, ref_id), key in self.saved.items():
                assert await store.get(team, ref_id) == (profile(ref_id, key),)

    def _rotation(self) -> Rotation:
        return rotation_of(self.redis, key_ring(None, data_dir=self.data_dir))

    async def _save(self, ring: KeyRing, team: TeamId, number: int, key: str) -> None:
        ref_id = RefId(f"{number:040x}")
        await ProfileStore(self.redis, ring).save(team, profile(ref_id, key))
        self.saved[team, ref_id] = key


KEYS = st.integers(0, 9999).map("CANARY-{}".format)
TEAMS, NUMBERS = st.sampled_from([TEAM, OTHER]), st.integers(0, 5)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("save"), TEAMS, NUMBERS, KEYS),
        st.tuples(st.just("save_by_replica"), TEAMS, NUMBERS, KEYS),
        st.tuples(st.just("generate")),
        st.tuples(st.just("rotate")),
        st.tuples(st.just("rotate_interrupted"), st.integers(0, 200)),
        st.tuples(st.just("rotate_while_others_save"), KEYS),
        st.tuples(st.just("restart"), st.booleans()),
    ),
    min_size=3,
    max_size=15,
)


@settings(max_examples=30, deadline=None)
@given(steps=STEPS)
async def test_no_record_is_lost_under_random_rotations_and_kills(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            world = World(Path(folder), stack)
            await world.start()
            for what, *how in steps:
                await getattr(world, what)(*how)
                await world.check()
