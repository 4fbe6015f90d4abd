"""Who somebody is: known in all processes, asked once, and counted before it is asked."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.app import Bot, running_bot
from bot.core.model import UserId
from bot.notifications.sweep.run import plan_first
from bot.people.directory import FIRST_READING, MANY, READ_EVERY, READ_PEOPLE
from bot.slack.actions import ASK_ADMIN, OPEN_LINK
from sandbox.server import Sandbox
from sandbox.slack.events import change_user
from sandbox.slack.members import add_group, add_members
from tests.clock import NOON, ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.redis_probe import TEAM, commands_to_redis, idle, redis_of
from tests.time_travel import QUICK, planned, woken
from tests.users import OPENED, Someone

MINUTE = timedelta(minutes=1)
Change = Callable[..., Awaitable[None]]


@pytest.fixture
def change(sandbox: Sandbox, bot: Bot) -> Change:
    """Change somebody's flags, of which Slack tells the bot."""

    async def change(name: str, **flags: bool) -> None:
        slack = sandbox.slack
        await change_user(slack, slack.events, user=slack.world.user(name), flags=flags)
        await idle(bot)

    return change


def no_longer_admin(sandbox: Sandbox) -> None:
    ana = sandbox.slack.world.user("ana")
    ana.is_admin = ana.is_owner = ana.is_primary_owner = False


def owned_by_the_last(sandbox: Sandbox, people: int) -> str:
    """Make the last of many members the primary owner, and return their name."""
    no_longer_admin(sandbox)
    owner = add_members(sandbox.slack.world, people)[-1]
    owner.is_admin = owner.is_owner = owner.is_primary_owner = True
    return owner.name


@asynccontextmanager
async def replica_of(bot: Bot, clock: ManualClock) -> AsyncIterator[Bot]:
    """Run another bot on the same Redis."""
    settings = bot.deps.settings.model_copy(update={"redis_url": bot.deps.audit.connection.url})
    async with running_bot(settings, clock=clock, worker_timings=QUICK) as other, woken(other, clock):
        yield other


async def asks_an_admin(who: Someone) -> None:
    await who.types()
    await who.clicks(await who.sees("have a profile yet"), ASK_ADMIN.label)


class TestOnePerson:
    async def test_who_asks_many_people_uses_up_nobody_elses_quota(
        self, person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
    ) -> None:
        await mapped("cara", "Globex")
        for member in add_members(sandbox.slack.world, 60):
            await person("ben").types(f"send @{member.name} hello")
        await person("ben").sees("too many invitations within a minute")
        await idle(bot)
        assert len(sandbox.received("users.info")) < 15
        await person("cara").types()
        await person("cara").sees_a_card()

    async def test_who_looks_at_many_people_is_stopped_before_slack_is(
        self, person: Person, sandbox: Sandbox, bot: Bot
    ) -> None:
        sandbox.slack.faults.add("internal_error", times=None, method="users.list")
        for number, member in enumerate(add_members(sandbox.slack.world, 40)):
            await person("ana").types(f"@{member.name}")
            if not number % 20:
                await idle(bot)
        await person("ana").sees("too many questions about people within a minute")
        await idle(bot)
        assert len(sandbox.received("users.info")) == 31

    async def test_known_to_one_process_costs_another_no_question_and_no_exchange_of_its_own(
        self, person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
    ) -> None:
        await mapped("ben", "Acme: Jane")
        await person("ben").types("status")
        await person("ben").sees_times(1)
        await idle(bot)
        async with replica_of(bot, clock) as other:
            sandbox.bot_url = f"http://127.0.0.1:{other.port}"
            async with commands_to_redis(bot) as commands:
                await person("ben").types("status")
                await person("ben").sees_times(2)
            await idle(other)
        assert len(sandbox.received("users.info")) == 1
        asked = [one for one in commands if f"{{{TEAM}}}" in one]  # the worker's questions may share the exchange
        people = [number for number, one in enumerate(asked) if one.startswith("HGET") and "}:people " in one]
        (claim,) = [number for number, one in enumerate(asked) if ":once:trigger:" in one]
        assert people == [claim - 1]

    async def test_is_asked_about_once_for_a_command_when_the_last_answer_is_too_old(
        self, person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
    ) -> None:
        await mapped("ben", "Acme: Jane")
        for number in (1, 2):
            await person("ben").types("status")
            await person("ben").sees_times(number)
            await clock.advance(MINUTE)
        assert len(sandbox.received("users.info")) == 2

    async def test_is_asked_about_once_after_the_clock_was_set_back(
        self, person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock
    ) -> None:
        await clock.advance(timedelta(hours=1))
        for number, span in enumerate((timedelta(0), timedelta(hours=-1), timedelta(0), timedelta(0)), start=1):
            await clock.advance(span)
            await person("ben").types()
            await person("ben").sees_times(number)
            await idle(bot)
        assert len(sandbox.received("users.info")) == 2

    async def test_is_asked_about_once_however_many_want_to_know(
        self, person: Person, mapped: Map, sandbox: Sandbox
    ) -> None:
        await mapped("ben", "Acme: Jane")
        sandbox.slack.faults.add("latency", ms=300, method="users.info")
        for _ in range(5):
            await person("ben").types("status")
        await person("ben").sees_times(5)
        assert len(sandbox.received("users.info")) == 1


class TestManyPeople:
    @pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "S0M00001"}])
    async def test_in_an_admin_group_are_looked_up_together_and_remembered(
        self, person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
    ) -> None:
        admins = add_members(sandbox.slack.world, 105)
        add_group(sandbox.slack.world, "admins").users = [one.id for one in admins]
        await mapped("cara", "Globex")
        await asks_an_admin(person("dan"))
        await person("dan").sees("I asked", within=20)
        await idle(bot)
        await asks_an_admin(person("eve"))
        await person("eve").sees("I asked", within=20)  # their messages are changed in the minutes after
        await person("m105", channel=sandbox.slack.world.dm_of("m105")).sees("U0DAN0001")
        assert len(sandbox.received("users.info")) == 1
        assert len(sandbox.received("users.list")) == 1
        assert len(sandbox.received("usergroups.users.list")) == 1
        await person("cara").types()
        await person("cara").sees_a_card()

    async def test_who_come_within_a_minute_are_read_together(self, person: Person, sandbox: Sandbox, bot: Bot) -> None:
        members = add_members(sandbox.slack.world, 3 * MANY)
        for one in members[:MANY]:
            await person(one.name).types()
            await person(one.name).sees("have a profile yet")
        await idle(bot)
        for one in members[MANY:]:
            await person(one.name).types()
            await person(one.name).sees("have a profile yet")
        assert len(sandbox.received("users.info")) == MANY
        assert len(sandbox.received("users.list")) == 1

    async def test_are_read_slowly_once_a_day(
        self, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
    ) -> None:
        await mapped("ben", "Acme: Jane")
        await bot.deps.people.plan_reading(TEAM)
        await planned(bot, READ_PEOPLE, at=clock.now() + FIRST_READING)
        await clock.advance(FIRST_READING)
        await planned(bot, READ_PEOPLE, at=clock.now() + READ_EVERY)
        assert len(sandbox.received("users.list")) == 1


class TestTheOwnerOfThousands:
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock(NOON)  # news is told by day

    async def test_is_found_once(self, person: Person, sandbox: Sandbox) -> None:
        owner = owned_by_the_last(sandbox, 3000)
        for asker in ("dan", "eve"):
            await asks_an_admin(person(asker))
            await person(asker).sees("I asked", within=20)
        await person(owner, channel=sandbox.slack.world.dm_of(owner)).sees("U0DAN0001", "U0EVE0001")
        assert len(sandbox.received("users.list")) == 7

    async def test_is_looked_for_where_it_was_left_off_when_the_quota_was_used_up(
        self, person: Person, sandbox: Sandbox, bot: Bot
    ) -> None:
        owner = owned_by_the_last(sandbox, 8_000)
        await asks_an_admin(person("dan"))
        await person("dan").sees("couldn't reach an admin", within=30)
        assert len(sandbox.received("users.list")) == 15
        await redis_of(bot).delete(f"connectbot:{{{TEAM}}}:pages:by", f"connectbot:{{{TEAM}}}:pages:by:bot")  # a minute
        sandbox.slack.rate_limiter.enabled = False
        await person("dan").clicks(await person("dan").sees("have a profile yet"), ASK_ADMIN.label)
        await person("dan").sees("I asked", within=30)
        assert len(sandbox.received("users.list")) == 17
        await person(owner, channel=sandbox.slack.world.dm_of(owner)).sees("U0DAN0001")

    @pytest.mark.parametrize(
        ("news", "told"),
        [("left", "<@U0BEN0001>"), ("not_found", "Acme: Jane"), ("bad_api_key", "API key")],
        ids=["somebody who left", "a stale profile", "a refused API key"],
    )
    async def test_reads_news_for_which_they_are_looked_for_over_minutes(
        self,
        person: Person,
        mapped: Map,
        sandbox: Sandbox,
        bot: Bot,
        clock: ManualClock,
        change: Change,
        news: str,
        told: str,
    ) -> None:
        owner = owned_by_the_last(sandbox, 8_000)
        sandbox.slack.rate_limiter.enabled = False  # the bot's own limit is enough
        await mapped("ben", "Acme: Jane")
        if news == "left":
            await change("ben", deleted=True)
        else:
            sandbox.ayrshare.faults.add(news, times=None)
            await plan_first(bot.deps, [TEAM])
            sweep = await bot.deps.sweeps.get(TEAM)
            assert sweep
            await clock.advance(sweep.next_at - clock.now())

        async def is_told() -> bool:
            await redis_of(bot).delete(f"connectbot:{{{TEAM}}}:pages:by", f"connectbot:{{{TEAM}}}:pages:by:bot")
            await clock.advance(MINUTE)
            return any(told in one.all_words for one in await owners.messages())

        owners = person(owner, channel=sandbox.slack.world.dm_of(owner))
        await eventually(is_told, "the owner is told", within=60)
        assert len(sandbox.received("users.list")) == 17


class TestAChange:
    @pytest.mark.parametrize(
        ("who", "flags", "said"),
        [
            ("ana", dict.fromkeys(("is_admin", "is_owner", "is_primary_owner"), False), "can connect these accounts."),
            ("ana", {"is_restricted": True}, "guest"),
            ("ben", {"is_restricted": True}, "guest"),
            ("ben", {"deleted": True}, "has left"),
        ],
    )
    async def test_of_rights_holds_at_once_in_every_process(
        self,
        person: Person,
        mapped: Map,
        sandbox: Sandbox,
        bot: Bot,
        change: Change,
        clock: ManualClock,
        who: str,
        flags: dict[str, bool],
        said: str,
    ) -> None:
        await mapped("ben", "Acme: Jane")
        async with replica_of(bot, clock) as other:
            ports = (other.port, bot.port)
            for number, port in enumerate(ports, start=1):
                sandbox.bot_url = f"http://127.0.0.1:{port}"
                await person("ana").types("@ben")
                await person("ana").sees_times(number)
            await change(who, **flags)  # told to this bot
            for port in ports:
                sandbox.bot_url = f"http://127.0.0.1:{port}"
                await person("ana").reloads()
                await person("ana").types("@ben")
                await person("ana").sees(said)

    async def test_ends_the_links_that_the_person_may_no_longer_see(
        self, person: Person, mapped: Map, change: Change
    ) -> None:
        await mapped("ben", "Acme: Jane")
        await person("ana").types("@ben")
        await person("ana").clicks(await person("ana").sees_a_card(), OPEN_LINK.label)
        await person("ana").sees(OPENED)
        await change("ana", is_admin=False, is_owner=False, is_primary_owner=False)
        card = await person("ana").sees("Acme: Jane", where=lambda seen: seen.url is None)
        assert card.url is None

    async def test_that_came_before_slack_answered_is_not_undone_by_the_answer(
        self, bot: Bot, sandbox: Sandbox
    ) -> None:
        ana, now = UserId("U0ANA0001"), bot.deps.clock.now()
        store = bot.deps.people._store
        asked = await bot.deps.people.ask(TEAM, ana)
        no_longer_admin(sandbox)
        told = sandbox.slack.world.user("ana").as_json(home_team=TEAM, with_email=False)
        await bot.deps.people.told(TEAM, told)
        await store.save(TEAM, [asked], at=now - timedelta(milliseconds=5))
        assert not (await bot.deps.people.get(TEAM, ana)).is_admin

    async def test_that_no_event_told_is_found_by_the_reading(
        self, person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
    ) -> None:
        await mapped("ben", "Acme: Jane")
        await person("ben").types("status")
        await person("ben").sees_times(1)
        sandbox.slack.world.user("ben").deleted = True
        await clock.advance(MINUTE)
        await bot.deps.people.read_all(TEAM)

        ana = person("ana", channel=sandbox.slack.world.dm_of("ana"))
        assert await eventually(ana.messages, "ana is asked who takes over")

    @pytest.mark.parametrize("about", [{"team_id": []}, {"enterprise_user": "x"}, {"id": ""}, {"tz": {"a": 1}}])
    async def test_that_makes_no_sense_is_acknowledged_and_counted(
        self, bot: Bot, sandbox: Sandbox, about: dict[str, Any]
    ) -> None:
        user = sandbox.slack.world.user("ana").as_json(home_team=TEAM, with_email=False) | about
        answer = await sandbox.slack.events.send({"type": "user_change", "user": user, "cache_ts": 1})
        assert not answer.failure
        await idle(bot)
