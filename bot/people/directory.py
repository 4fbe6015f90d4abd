"""Who somebody is, as far as it is remembered: in Redis, so that all processes share it.

What somebody may do is decided from what Slack said within RIGHTS_FOR; whom to message, when, and that a member
asks for a link of their own, from what it said within REMEMBERED_FOR. `user_change` and each answer of Slack's replace
what is remembered. Everybody is read page by page: once a day, and as soon as many people have to be asked about.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from bot.core.background import BackgroundTasks, begun
from bot.core.clock import Clock
from bot.core.metrics import external_wait
from bot.core.model import Membership, Person, TeamId, UserId
from bot.people.limits import LimitStore
from bot.people.page_reader import BOT, PERSON_CHANGED, PageReader, SlackDirectory
from bot.people.store import Group, PeopleStore, Remembered
from bot.scheduling.job import Job, JobName
from bot.scheduling.scheduler import Scheduler
from bot.slack.errors import PersonNotVisible, ScopeMissing, SlackError, SlackRateLimited, TokenRejected
from bot.slack.people import person_of
from bot.storage.errors import RecordDamaged

RIGHTS_FOR = timedelta(minutes=1)
REMEMBERED_FOR = timedelta(hours=36)
"""Longer than READ_EVERY, so that a reading may be late."""
READ_EVERY = timedelta(days=1)
FIRST_READING = timedelta(minutes=10)
"""After the first start; somebody may need it sooner."""
MANY = 20
"""Questions about single people within a minute, by one process, after which everybody is read."""
ASKED_SINGLY = 5
"""Of several people at once that nobody knows; for more of them, everybody is read."""
READ_PEOPLE = JobName("read_people")
"""Read the next pages of everybody, or start again."""
READING = Job(READ_PEOPLE, "daily")
APPS = UserId("apps")
"""In place of a person, in limits."""

T = TypeVar("T")

Met = dict[tuple[TeamId, UserId], asyncio.Future[Remembered | None]]
_met: ContextVar[Met | None] = ContextVar("met", default=None)
"""Whom the present request looks up, or has looked up."""

log = structlog.get_logger()


class People:
    """Remembers who people are, and asks Slack where that is too old. All methods may raise SlackError."""

    def __init__(
        self,
        slack: SlackDirectory,
        store: PeopleStore,
        limits: LimitStore,
        clock: Clock,
        scheduler: Scheduler,
        background: BackgroundTasks,
    ) -> None:
        self._slack, self._store, self._limits = slack.people, store, limits
        self._clock, self._scheduler, self._background = clock, scheduler, background
        self._reader = PageReader(slack, store, limits, clock, scheduler)
        self._under_way: dict[object, asyncio.Task[Any]] = {}
        self._unsaved: dict[tuple[TeamId, UserId], Remembered] = {}
        self._asked: deque[datetime] = deque(maxlen=MANY)

    def begin_request(self, team: TeamId, user: UserId) -> None:
        """Have this task look each person up once, and begin with its own: in the exchange of its first command."""
        _met.set({(team, user): begun(self._recall(team, user))})

    def just_read(self, team: TeamId, people: Mapping[UserId, Remembered | None]) -> None:
        """Have this task take what was read of these people for what is remembered."""
        met = _met.get() or {}
        for user, known in people.items():
            met[team, user] = asyncio.get_running_loop().create_future()
            met[team, user].set_result(self._unsaved.get((team, user)) or known)
        _met.set(met)

    async def recall(self, team: TeamId, user: UserId) -> Remembered | None:
        """Return what is remembered of a person, of whatever age."""
        met = _met.get()
        if met is None:
            return await self._recall(team, user)
        if (team, user) not in met:
            met[team, user] = begun(self._recall(team, user))
        return await met[team, user]

    async def _recall(self, team: TeamId, user: UserId) -> Remembered | None:
        try:
            return self._unsaved.get((team, user)) or await self._store.get(team, user)
        except RecordDamaged:
            return None  # Slack is asked

    async def get(self, team: TeamId, user: UserId, *, by: UserId | None = None) -> Person:
        """Return who a person is, at most a minute old, so that rights can be decided.

        `by` is who wants to know; questions about others are counted. Raises AskedTooOften.
        """
        known = await self.recall(team, user)
        young = known and known.asked and self._is_younger(known, RIGHTS_FOR)
        return known.person if known and young else await self.ask(team, user, by=by)

    async def remembered(self, team: TeamId, user: UserId, *, by: UserId | None = None) -> Person:
        """Return who a person is, at most REMEMBERED_FOR old; raise AskedTooOften."""
        known = await self.recall(team, user)
        return known.person if known and self._is_younger(known, REMEMBERED_FOR) else await self.ask(team, user, by=by)

    async def unchanged(self, team: TeamId, user: UserId) -> Person | None:
        """Return who a person was within REMEMBERED_FOR, if Slack has told of no change since; else None."""
        known = await self.recall(team, user)
        return known.person if known and known.asked and self._is_younger(known, REMEMBERED_FOR) else None

    async def ask(self, team: TeamId, user: UserId, *, by: UserId | None = None) -> Person:
        """Return who a person is now, as Slack says, with their address; raise AskedTooOften."""
        if by and by != user:
            await self._limits.count(team, by, "people")
        person = await self._once((team, user), lambda: self._ask(team, user))
        met = _met.get()
        if met is not None:
            met[team, user] = asyncio.get_running_loop().create_future()
            met[team, user].set_result(Remembered(person, self._clock.now(), asked=True))
        return person

    async def with_address(self, team: TeamId, address: str) -> UserId:
        """Return the person who has this e-mail address now, as Slack says; addresses are not remembered.

        Raises PersonNotVisible, ScopeMissing, and SlackRateLimited where Slack was asked too often.
        """
        wait = await self._limits.take(team, APPS, "people")
        if wait:
            raise SlackRateLimited("paced", retry_after=wait)
        with external_wait():
            return await self._slack.with_address(team, address)

    async def remembered_all(self, team: TeamId, users: Iterable[UserId]) -> tuple[Person, ...]:
        """Return who people are, as `remembered` does; raise SlackRateLimited where that takes longer.

        What was found out is kept, so the next call goes on from there.
        """
        wanted = tuple(dict.fromkeys(users))
        known = await self._known(team, wanted)
        if len(wanted) - len(known) > ASKED_SINGLY:
            await self.read_all(team)
            known = await self._known(team, wanted)
        for user in wanted:
            if user not in known:
                known[user] = await self._ask_for_bot(team, user)
        return tuple(known[user] for user in wanted)

    async def told(self, team: TeamId, shown: Mapping[str, Any]) -> None:
        """Remember what an event says of a person; Slack is asked before that decides about rights."""
        person = person_of(dict(shown), within={team})
        changed = await self._store.save(team, [person], at=self._clock.now(), asked=False)
        self._unsaved.pop((team, person.id), None)
        if person.is_primary_owner:
            reading = await self._store.reading(team)
            await self._store.save_reading(team, replace(reading, owner=person.id))
        if changed or person.membership is Membership.DEACTIVATED:
            await self._scheduler.plan(team, Job(PERSON_CHANGED, person.id), at=self._clock.now())

    async def group(self, team: TeamId, group: str, *, within: timedelta = RIGHTS_FOR) -> frozenset[UserId]:
        """Return a user group's members, as of a moment within this time; none if Slack doesn't show it to the bot."""
        known = await self._store.group(team, group)
        if known and self._is_younger(known, within):
            return known.members
        try:
            return await self.ask_group(team, group)
        except SlackError as error:
            if error.transient or (isinstance(error, TokenRejected) and not isinstance(error, ScopeMissing)):
                raise
            log.warning("user_group_not_read", group=group, error=error.reason)
            await self._store.save_group(team, group, Group(self._clock.now()), life=RIGHTS_FOR)
            return frozenset()

    async def known_members(self, team: TeamId, group: str) -> frozenset[UserId]:
        """Return a user group's members as far as they are remembered."""
        known = await self._store.group(team, group)
        return known.members if known else frozenset()

    async def group_changed(self, team: TeamId, group: str, removed: Iterable[UserId]) -> None:
        """Ask Slack before the group decides about rights again; plan what follows for those who were removed."""
        await self._store.forget_group(team, group)
        for user in removed:
            await self._scheduler.plan(team, Job(PERSON_CHANGED, user), at=self._clock.now())

    async def own_team(self, team: TeamId) -> TeamId:
        """Return the workspace in which a payload that names `team` is to be answered: with one workspace, that one."""
        return await self._slack.own_team(team)

    async def workspace_name(self, team: TeamId) -> str:
        """Return what a workspace is called, as Slack says now."""
        return await self._slack.workspace_name(team)

    async def ask_group(self, team: TeamId, group: str, *, by: UserId | None = None) -> frozenset[UserId]:
        """Return a user group's members as Slack says now; raise AskedTooOften if `by` has asked too often."""
        if by:
            await self._limits.count(team, by, "people")
        return await self._once((team, group), lambda: self._ask_group(team, group))

    async def primary_owner(self, team: TeamId) -> UserId | None:
        """Return the workspace's primary owner; read everybody until they are found."""
        reading = await self._store.reading(team)
        if reading.owner and (await self.remembered(team, reading.owner)).is_primary_owner:
            return reading.owner
        await self.read_all(team)
        return (await self._store.reading(team)).owner

    async def common_zone(self, team: TeamId) -> str:
        """Return the time zone of most members, as far as they are remembered; empty if none is known."""
        return next((zone for zone, _ in (await self._store.zones(team)).most_common(1)), "")

    async def read_all(self, team: TeamId) -> None:
        """Read everybody, unless that was done lately; raise SlackRateLimited where the rest has to wait.

        What was read is kept, so the next call goes on from there.
        """
        reading = await self._store.reading(team)
        if reading.ended and timedelta(0) <= self._clock.now() - reading.ended < RIGHTS_FOR:
            return
        wait = await self.read_on(team)
        if wait:
            await self._scheduler.plan(team, READING, at=self._clock.now() + wait)
            raise SlackRateLimited("paced", retry_after=wait)

    async def read_on(self, team: TeamId) -> timedelta:
        """Read pages until everybody was read, and return zero, or how long the next page has to wait."""
        return await self._once((team, "everybody"), lambda: self._reader.read_on(team))

    async def plan_reading(self, team: TeamId) -> None:
        """Have everybody read once a day."""
        await self._scheduler.plan(team, READING, at=self._clock.now() + FIRST_READING, if_planned="keep")

    async def _known(self, team: TeamId, users: tuple[UserId, ...]) -> dict[UserId, Person]:
        found = await self._store.get_all(team, users)
        return {user: known.person for user, known in found.items() if self._is_younger(known, REMEMBERED_FOR)}

    async def _ask_for_bot(self, team: TeamId, user: UserId) -> Person:
        """Ask about a person for the bot itself; somebody whom Slack doesn't show to it is a stranger."""
        wait = await self._limits.take(team, BOT, "people")
        if wait:
            raise SlackRateLimited("paced", retry_after=wait)
        try:
            return await self.ask(team, user)
        except PersonNotVisible as error:
            log.warning("person_not_visible", user=user, error=error.reason)
            stranger = Person(user, Membership.STRANGER)
            await self._reader.save(team, [stranger], self._clock.now())
            return stranger

    async def _ask(self, team: TeamId, user: UserId) -> Person:
        at = self._clock.now()
        await self._read_all_if_busy(team, at)
        try:
            person = await self._slack.person(team, user)
        except PersonNotVisible as error:
            raise PersonNotVisible(error.reason, user=user) from None
        self._unsaved[team, user] = Remembered(person, at, asked=True)
        self._background.start(self._save_answer(team, person, at))  # nobody waits for Redis
        return person

    async def _ask_group(self, team: TeamId, group: str) -> frozenset[UserId]:
        at = self._clock.now()
        members = await self._slack.group(team, group)
        await self._store.save_group(team, group, Group(at, members), life=RIGHTS_FOR)
        return members

    async def _save_answer(self, team: TeamId, person: Person, at: datetime) -> None:
        try:
            await self._reader.save(team, [person], at)
        finally:
            self._unsaved.pop((team, person.id), None)

    async def _read_all_if_busy(self, team: TeamId, now: datetime) -> None:
        """Have everybody read where so many people are asked about that their pages cost less of Slack's quota."""
        self._asked.append(now)
        if len(self._asked) == MANY and timedelta(0) <= now - self._asked[0] < RIGHTS_FOR:
            self._asked.clear()
            await self._scheduler.plan(team, READING, at=now)

    def _is_younger(self, known: Remembered | Group, age: timedelta) -> bool:
        return timedelta(0) <= self._clock.now() - known.at < age

    async def _once(self, question: object, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask a question, or wait for the answer to the same one that is under way."""
        task = self._under_way.get(question)
        if task is None:
            task = self._under_way[question] = asyncio.ensure_future(ask())
            task.add_done_callback(lambda _: self._under_way.pop(question, None))
        with external_wait():
            answer: T = await asyncio.shield(task)
            return answer
