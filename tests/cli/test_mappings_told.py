"""`mappings` beside a running bot: who is told of a change, and which links end with a key that was replaced."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.app import Bot
from bot.core.model import TeamId, UserId
from bot.mappings.model import TELL_CHANGE, TELLING_PACE
from bot.scheduling.due_workspaces import WAKE
from bot.scheduling.queue import queue_key
from bot.slack.actions import NEW_LINK, OPEN_LINK
from bot.storage.connection import moment_of
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.commands import Ended, command
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.mappings.removal_helpers import BY_BOTH, SESSION, card_of, page_of
from tests.redis_probe import idle, jobs, redis_of
from tests.users import OPENED, Seen, Someone

TEAM, BEN, CARA = TeamId("T0CONNECT"), UserId("U0BEN0001"), UserId("U0CARA001")
NEW_KEY = "NEWKEY12-KEY12345-AAAA1111-BBBB2222"
CANCELLED = "This link is cancelled."


@pytest.fixture
def keys(sandbox: Sandbox) -> dict[str, str]:
    return {profile.title: profile.key for profile in sandbox.ayrshare.profiles}


@pytest.fixture
def rekeyed(sandbox: Sandbox) -> Callable[[str], str]:
    """Give a profile another key at Ayrshare, as an operator does whose key has leaked."""

    def rekeyed(title: str) -> str:
        next(one for one in sandbox.ayrshare.profiles if one.title == title).key = NEW_KEY
        return NEW_KEY

    return rekeyed


async def mappings(environment: dict[str, str], *words: str, typed: str = "") -> Ended:
    ended = await command("mappings", *words, environment=environment, typed=typed)
    assert ended.code == 0, ended.err
    return ended


async def imported(environment: dict[str, str], folder: Path, *rows: str, quiet: bool = False) -> Ended:
    file = folder / "rows.csv"
    file.write_text("\n".join(("user,profile_key,default", *rows)))
    return await mappings(environment, "import", str(file), "--apply", *(["--quiet"] if quiet else []))


async def told_at(bot: Bot, clock: ManualClock) -> None:
    """Move the clock to the moment of the first job that tells of a change."""
    due = await redis_of(bot).zrange(queue_key(TEAM), 0, -1, withscores=True)
    moments = sorted(moment_of(score) for entry, score in due if str(entry).startswith(TELL_CHANGE))
    await clock.advance(moments[0] - clock.now())


async def is_woken(channel: Any) -> None:
    """Wait for a word to the workers of other processes."""

    async def said() -> bool:
        message = await channel.get_message(ignore_subscribe_messages=True)
        return message is not None

    await eventually(said, "a worker is woken")


async def opened(who: Someone) -> Seen:
    card = await card_of(who)
    await who.clicks(card, OPEN_LINK.label)
    await who.sees(OPENED)
    return card


async def both_cards_end(
    people: tuple[Someone, Someone], urls: tuple[str | None, str | None], *, revoked: bool
) -> None:
    for who, url in zip(people, urls, strict=True):
        assert (await who.sees(CANCELLED)).url is None

        async def dead(who: Someone = who, url: str | None = url) -> bool:
            return await page_of(who, url) == (401 if revoked else 200)

        await eventually(dead, "the page knows that the link was revoked")


@pytest.mark.parametrize("way", ["import", "set"])
async def test_the_first_card_of_a_new_profile_says_what_is_broken(
    bot: Bot,
    person: Person,
    environment: dict[str, str],
    keys: dict[str, str],
    tmp_path: Path,
    clock: ManualClock,
    way: str,
) -> None:
    if way == "import":
        await imported(environment, tmp_path, f"{CARA},{keys['Acme: Team']},", quiet=True)
    else:
        await mappings(environment, "set", TEAM, CARA, "--quiet", typed=keys["Acme: Team"])
    await clock.advance_seconds(60)  # the command has the real time, which is later than the bot's
    await idle(bot)
    assert "Reconnect TikTok" in (await card_of(person("cara"))).buttons


@BY_BOTH
@pytest.mark.parametrize("way", ["import", "set"])
async def test_a_key_that_is_replaced_ends_everybodys_links(
    bot: Bot,
    person: Person,
    mapped: Map,
    environment: dict[str, str],
    rekeyed: Callable[[str], str],
    tmp_path: Path,
    clock: ManualClock,
    overrides: dict[str, str],
    way: str,
) -> None:
    people = person("ben"), person("cara", channel="random")
    for who in people:
        await mapped(who.name, "Acme: Jane")
    urls = (await opened(people[0])).url, (await opened(people[1])).url
    key = rekeyed("Acme: Jane")
    if way == "import":
        await imported(environment, tmp_path, f"{BEN},{key},")
    else:
        await mappings(environment, "set", TEAM, BEN, typed=key)
    await clock.advance_seconds(60)
    await both_cards_end(people, urls, revoked=bool(overrides))
    assert (await card_of(people[1])).url not in urls


@pytest.mark.parametrize("overrides", [SESSION])
async def test_the_links_of_a_profile_that_gets_its_own_name_end_with_the_old_one(
    bot: Bot,
    ben: Someone,
    environment: dict[str, str],
    keys: dict[str, str],
    clock: ManualClock,
    overrides: dict[str, str],
) -> None:
    await mappings(environment, "set", TEAM, BEN, "--no-check", "--quiet", typed=keys["Acme: Jane"])
    card = await opened(ben)
    await mappings(environment, "set", TEAM, BEN, typed=keys["Acme: Jane"])
    await clock.advance_seconds(60)
    await ben.sees(CANCELLED)

    async def dead() -> bool:
        return await page_of(ben, card.url) == 401

    await eventually(dead, "the link is revoked")
    await idle(bot)
    await clock.advance_seconds(10)
    await ben.clicks(await ben.sees(CANCELLED), NEW_LINK.label)
    assert (await ben.sees_a_card("Acme: Jane")).url != card.url


async def test_the_same_key_once_more_ends_no_link(
    bot: Bot,
    ben: Someone,
    mapped: Map,
    environment: dict[str, str],
    keys: dict[str, str],
    tmp_path: Path,
    clock: ManualClock,
) -> None:
    await mapped("ben", "Acme: Jane")
    await opened(ben)
    await imported(environment, tmp_path, f"{BEN},{keys['Acme: Jane']},", f"{CARA},{keys['Acme: Jane']},")
    await clock.advance_seconds(60)
    await idle(bot)
    assert (await ben.sees_a_card()).url


async def test_whoever_a_profile_is_removed_from_is_told(
    bot: Bot, dm: Callable[[str], Someone], mapped: Map, environment: dict[str, str], clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await mappings(environment, "remove", TEAM, BEN)
    await clock.advance_seconds(60)
    told = await dm("ben").sees("An admin took back *Acme: Jane*", "You have no profile now")
    assert told.url is None
    await idle(bot)
    assert len(await dm("ben").messages()) == 1


async def test_the_people_of_an_import_are_told_once_each_one_after_the_other(
    bot: Bot,
    dm: Callable[[str], Someone],
    mapped: Map,
    environment: dict[str, str],
    keys: dict[str, str],
    tmp_path: Path,
    clock: ManualClock,
) -> None:
    await mapped("leo", "Globex")
    rows = [f"{user},{keys[title]}," for user in (BEN, CARA) for title in ("Acme: Jane", "Globex")]
    await imported(environment, tmp_path, *rows, f"{BEN},{keys['Initech']},")
    assert len(await jobs(bot, TELL_CHANGE)) == 2
    await imported(environment, tmp_path, *rows)
    await told_at(bot, clock)
    await dm("ben").sees("An admin gave you *Acme: Jane*, *Globex* and *Initech*.")
    await idle(bot)
    assert await dm("cara").messages() == []
    await clock.advance(TELLING_PACE)
    await dm("cara").sees("An admin gave you *Acme: Jane* and *Globex*.")
    await idle(bot)
    assert [len(await dm(name).messages()) for name in ("ben", "cara", "leo")] == [1, 1, 0]


async def test_quietly_nobody_is_told_and_links_end_all_the_same(
    bot: Bot,
    ben: Someone,
    dm: Callable[[str], Someone],
    environment: dict[str, str],
    keys: dict[str, str],
    tmp_path: Path,
    clock: ManualClock,
) -> None:
    await imported(environment, tmp_path, f"{BEN},{keys['Acme: Jane']},", quiet=True)
    await mappings(environment, "set", TEAM, CARA, "--quiet", typed=keys["Globex"])
    await opened(ben)
    await mappings(environment, "remove", TEAM, BEN, "--quiet")
    await clock.advance_seconds(60)
    await ben.sees(CANCELLED)
    await idle(bot)
    assert [len(await dm(name).messages()) for name in ("ben", "cara")] == [0, 0]


async def test_who_lost_the_profile_before_they_could_be_told_hears_of_its_removal_only(
    bot: Bot, dm: Callable[[str], Someone], environment: dict[str, str], keys: dict[str, str], clock: ManualClock
) -> None:
    await clock.advance_seconds(-3600)
    await mappings(environment, "set", TEAM, BEN, typed=keys["Acme: Jane"])
    await mappings(environment, "remove", TEAM, BEN)
    await clock.advance_seconds(3700)
    await dm("ben").sees("An admin took back *Acme: Jane*")
    await idle(bot)
    assert len(await dm("ben").messages()) == 1


async def test_each_change_wakes_a_worker_of_another_process(
    keys: dict[str, str], bot: Bot, environment: dict[str, str], tmp_path: Path
) -> None:
    async with redis_of(bot).pubsub() as channel:
        await channel.subscribe(WAKE)
        await mappings(environment, "set", TEAM, BEN, typed=keys["Globex"])
        await is_woken(channel)
        await mappings(environment, "remove", TEAM, BEN)
        await is_woken(channel)
        await imported(environment, tmp_path, f"{BEN},{keys['Globex']},yes")
        await is_woken(channel)
