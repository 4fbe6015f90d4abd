"""Everybody in a workspace is read page by page; each page is kept with the cursor of the next."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.clock import Clock
from bot.core.model import Person, TeamId, UserId
from bot.people.limits import LimitStore
from bot.people.store import PeopleStore, Reading
from bot.scheduling.job import Job, JobName
from bot.scheduling.scheduler import Scheduler
from bot.slack.errors import SlackError
from bot.slack.people import SlackPages, SlackPeople

PERSON_CHANGED = JobName("person_changed")
"""See what follows when a person has left, or has fewer rights."""
BOT = UserId("bot")
"""In place of a person, in limits and in the audit log."""


@dataclass(frozen=True, slots=True)
class SlackDirectory:
    """What of Slack the directory asks."""

    people: SlackPeople
    pages: SlackPages


class PageReader:
    """Reads the pages and keeps what they say. All methods may raise SlackError."""

    def __init__(
        self, slack: SlackDirectory, store: PeopleStore, limits: LimitStore, clock: Clock, scheduler: Scheduler
    ) -> None:
        self._slack, self._store, self._limits = slack, store, limits
        self._clock, self._scheduler = clock, scheduler

    async def read_on(self, team: TeamId) -> timedelta:
        """Read pages until everybody was read, and return zero, or how long the next page has to wait."""
        within = {await self._slack.people.own_team(team), team}
        reading = await self._store.reading(team)
        if reading.ended or reading.began is None:
            reading = Reading(began=self._clock.now(), owner=reading.owner)
        while reading.ended is None:
            wait = await self._limits.take(team, BOT, "pages")
            if wait or self._scheduler.stopping:
                return wait or timedelta(seconds=1)
            reading = await self._read_page(team, within, reading)
            await self._store.save_reading(team, reading)
        return timedelta(0)

    async def _read_page(self, team: TeamId, within: set[TeamId], reading: Reading) -> Reading:
        at = self._clock.now()
        try:
            page = await self._slack.pages.page(team, within, reading.cursor)
        except SlackError as error:
            if not error.transient:  # Slack may have forgotten the cursor
                await self._store.save_reading(team, Reading(owner=reading.owner))
            raise
        await self.save(team, page.people, at)
        owner = next((person.id for person in page.people if person.is_primary_owner), reading.owner)
        ended = None if page.next_cursor else self._clock.now()
        return replace(reading, cursor=page.next_cursor, owner=owner, ended=ended)

    async def save(self, team: TeamId, people: Iterable[Person], at: datetime) -> None:
        """Remember what Slack said of people at a moment; plan what follows where somebody has changed."""
        for user in await self._store.save(team, people, at=at):
            await self._scheduler.plan(team, Job(PERSON_CHANGED, user), at=self._clock.now())
