"""What happens in the week: accounts that drop by day and by night, heal, are reconnected or forgotten; wrong accounts,
an outage, warnings, snoozes. Where it happens is drawn by lot from a seed.
"""

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.ayrshare.networks import network_name
from bot.notifications.model import SNOOZED_FOR
from sandbox.ayrshare.assumptions import REFRESH_AFTER
from tests.redis_probe import TEAM
from tests.week.play import Happening
from tests.week.workspace import SUNDAY, Workspace

SEED = 7
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DROPS_A_DAY = 5
"""In a workspace of 200."""
REASONS = ("The password was changed.", "The access token has expired.", "Account locked")


class Story:
    """Makes the happenings; each account is in one of them."""

    def __init__(self, place: Workspace) -> None:
        self._place = place
        self._lots = random.Random(SEED)
        self._free = [(title, network) for title in place.titles for network in ("instagram", "youtube", "linkedin")]
        self._lots.shuffle(self._free)
        self.happenings: list[Happening] = []

    def tell(self) -> list[Happening]:
        """Return what happens in the week."""
        for day in range(1, 7):
            self._usual_day(SUNDAY + day * DAY - 6 * HOUR)
        monday, tuesday, wednesday, thursday, friday = (SUNDAY + day * DAY - 6 * HOUR for day in range(1, 6))
        self._expire(days=(3, 5, 8, 15))
        self._drop(monday + 10 * HOUR, back_after=timedelta(seconds=30))
        self._drop(monday + 22 * HOUR)
        self._drop(tuesday + 9 * HOUR, quietly=True)
        self._snooze(tuesday + 16 * HOUR)
        self._outage(wednesday + 14 * HOUR)
        self._wrong_account(thursday + 9 * HOUR)
        self._shared_account(thursday + 11 * HOUR)
        self._taken_off(friday + 9 * HOUR)
        self._suspension(friday + 10 * HOUR)
        return self.happenings

    def _usual_day(self, day: datetime) -> None:
        """Some accounts drop; half of them are reconnected within a day."""
        for number in range(max(1, DROPS_A_DAY * len(self._place.titles) // 200)):
            at = day + timedelta(minutes=self._lots.randrange(24 * 60))
            self._drop(at, back_after=timedelta(hours=self._lots.randrange(1, 24)) if number % 2 else None)

    def _drop(self, at: datetime, *, back_after: timedelta | None = None, quietly: bool = False) -> None:
        title, network = self._free.pop()
        reason = self._lots.choice(REASONS)

        async def drop() -> None:
            if quietly:  # no webhook tells
                self._place.profile(title).accounts.pop(network)
            else:
                self._place.sandbox.ayrshare.disconnect_as_system(title, network, reason)

        how = "drops without a word" if quietly else "drops"
        self._add(at, f"{network_name(network)} of {title} {how}", drop, title, network)
        if back_after:
            self._connect(at + back_after, title, network)

    def _connect(self, at: datetime, title: str, network: str, *, signed_in: str | None = None) -> None:
        async def connect() -> None:
            self._place.sandbox.ayrshare.signed_in = signed_in
            self._place.sandbox.ayrshare.connect_as_user(title, network)
            self._place.sandbox.ayrshare.signed_in = None

        who = f" as {signed_in}" if signed_in else ""
        self._add(at, f"{network_name(network)} of {title} is connected{who}", connect, title, network)

    def _expire(self, *, days: tuple[int, ...]) -> None:
        """LinkedIn accounts that expire in so many days; nothing announces it."""
        for left in days:
            title = self._take("linkedin")

            async def expire(title: str = title, left: int = left) -> None:
                profile = self._place.profile(title)
                profile.connect("linkedin", at=self._place.clock.now() - REFRESH_AFTER["linkedin"] + left * DAY)

            self._add(SUNDAY, f"LinkedIn of {title} expires in {left} days", expire, title, "linkedin")

    def _outage(self, at: datetime) -> None:
        """A fifth of the profiles lose TikTok within ten minutes; most have it again in the evening."""
        for number, title in enumerate(self._place.titles[::5]):

            async def drop(title: str = title) -> None:
                self._place.sandbox.ayrshare.disconnect_as_system(title, "tiktok", "TikTok is having trouble.")

            self._add(at + number * timedelta(seconds=10), f"TikTok of {title} drops", drop, title, "tiktok")
            if number % 10:
                self._connect(at + 6 * HOUR + number * timedelta(seconds=10), title, "tiktok")

    def _wrong_account(self, at: datetime) -> None:
        title = self._take("instagram")
        self._connect(at, title, "instagram", signed_in="Eve")

    def _shared_account(self, at: datetime) -> None:
        title = self._take("youtube")
        other = next(one for one in self._place.titles if one != title)
        self._connect(at, title, "youtube", signed_in=other)

    def _taken_off(self, at: datetime) -> None:
        """People disconnect an account themselves."""
        title = self._take("youtube")

        async def take_off() -> None:
            profile = self._place.profile(title)
            account = profile.accounts.pop("youtube")
            self._place.sandbox.ayrshare._webhooks.announce(profile, account, "unlink", source="user")

        self._add(at, f"YouTube of {title} is taken off by its people", take_off)

    def _suspension(self, at: datetime) -> None:
        title = self._take("youtube")

        async def suspend() -> None:
            self._place.sandbox.ayrshare.suspend(title)

        self._add(at, f"{title} is suspended", suspend)

    def _snooze(self, at: datetime) -> None:
        """Someone snoozes, and loses an account an hour later."""
        user = self._place.holders[self._free[-1][0]][0]

        async def snooze() -> None:
            await self._place.bot.deps.preferences.snooze(TEAM, user, self._place.clock.now() + SNOOZED_FOR)

        self._add(at, f"{self._place.name(user)} snoozes for a week", snooze)
        self._drop(at + HOUR)

    def _take(self, network: str) -> str:
        """Return a profile whose account on a network is in no other happening."""
        found = next(one for one in self._free if one[1] == network)
        self._free.remove(found)
        return found[0]

    def _add(
        self, at: datetime, words: str, do: Callable[[], Awaitable[None]], title: str = "", network: str = ""
    ) -> None:
        self.happenings.append(Happening(at, words, do, (title, network_name(network) if network else "")))


def quiet_one(story: list[Happening]) -> str:
    """Return who snoozes."""
    return next(one.words.split()[0] for one in story if "snoozes" in one.words)
