"""When people are alerted about an account, how often, and when an alert is over: the limits and the values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from bot.ayrshare.model import Account
from bot.core.model import RefId, UserId
from bot.profiles.model import Disconnected
from bot.scheduling.job import JobName

SEND_DIGEST = JobName("send_digest")
"""Tell one person what changed about their accounts."""
RUN_SWEEP = JobName("run_sweep")
"""Check the next profiles of the daily sweep."""

REPORT_SUSPENSION = JobName("report_suspension")
"""Tell the admins that Ayrshare has suspended a profile."""
SEND_WEEKLY = JobName("send_weekly_digest")
"""Tell the admins, or one of them, what is broken and what expires soon."""

CHECK_ACCOUNTS = JobName("check_accounts")
"""Look at a profile of which an account was connected, while no card for it does. Its id is the profile."""
TELL_ACCOUNT = JobName("tell_account")
"""Tell one person that another account than before was connected, or one that another profile has as well."""
SHOW_SETTLED = JobName("show_settled_account")
"""Say in a message that told one person of an account that it was kept or undone, is gone, or that another one is
there."""
PAGE_STAYS_OPEN = timedelta(hours=1)
"""After a link has ended; what happens to its page then isn't documented."""
CARD_SHOWS_IT = timedelta(minutes=10)
"""How long a card may be the only place that shows it: some links live for days."""

# Alerts and digests
GATHERED_FOR = timedelta(minutes=1)
"""How long an alert waits for others, so that several are one digest."""
ALERTS_KEPT = timedelta(days=60)
"""The life of undelivered alerts and of what is known of a profile's accounts; the sweep renews the latter."""
SAME_DEADLINE = timedelta(days=2)
"""Two dates this close are the same deadline: Ayrshare counts whole days from the moment of the call."""
WARNED_AGAIN = (timedelta(days=7), timedelta(days=2))
"""How long before its deadline an expiring account is told again, after the first time: ATTENTION_PERIOD ahead, or when
Ayrshare announces it."""
WARNED_EARLIER = timedelta(hours=12)
"""How much earlier such a warning may be: Ayrshare counts whole days from its answer, which comes after we asked."""
WARNED_AGAIN_AFTER = timedelta(days=1, hours=12)
"""The pause between two warnings of one account that a check finds: not on two days running, though a check may come a
little earlier in the day than the one two days before."""
UNDATED_REPEAT = timedelta(days=14)
"""When an account that has recovered may be announced again as expiring, if the first alert had no date."""
PROFILES_IN_DIGEST, ACCOUNTS_IN_ROW = 15, 4
"""A message holds 50 blocks."""
ACCOUNTS_NAMED = 2
"""In one sentence."""
STALE_IN_DIGEST = 5
NEXT_DIGEST = timedelta(seconds=1)
"""Slack takes one message a second (https://docs.slack.dev/reference/methods/chat.postMessage)."""
TOKEN_RETRY = timedelta(hours=1)
"""When a digest is tried again that Slack refuses until an operator changes something."""

# Until a disconnected account is mended
REMIND = JobName("remind_of_disconnected")
"""Remind people of the disconnected accounts of a workspace that they were told of."""
TELL_OUTAGE = JobName("tell_outage")
"""Tell the admins that a network seems to have trouble."""
REMINDED_AFTER = tuple(timedelta(days=days) for days in (2, 7, 12, 17))
"""From the moment at which it disconnected; as far apart at least for people who are told late."""
ADMINS_TOLD_AFTER = timedelta(days=22)
TOGETHER = timedelta(hours=12)
"""What one person would be reminded of within this time is one reminder, or in one message with other news for them; a
request within it takes its place."""
SNOOZED_FOR = timedelta(weeks=1)
OUTAGE_PROFILES = 5
"""So many profiles that lose the same network within OUTAGE_WINDOW mean that the network has trouble."""
OUTAGE_WINDOW = timedelta(hours=1)
OUTAGE_QUIET = timedelta(days=1)
"""How long nobody but the admins hears of that network."""
UNMENDED_IN_DIGEST = 8

# The admins' weekly digest
WEEKLY_AT = time(9)
"""On Mondays, in the time zone of most of the workspace's people."""
EXPIRES_WITHIN = timedelta(days=14)
PROFILES_IN_WEEKLY = 20

# The check, just before a digest is sent, that its alerts still hold
FRESH = timedelta(minutes=2)
"""A snapshot of this age needs no new call: the sweep has just taken it."""
VERIFY_TIMEOUT = timedelta(seconds=4)
PROFILES_VERIFIED = 10
"""Profiles asked about for one digest; alerts of the others are sent unverified."""

# Ayrshare's webhook
WEBHOOK_TIMEOUT = timedelta(seconds=0.7)
"""Ayrshare gets its response within a second; it delivers again what took longer."""
CLOCK_SKEW = timedelta(minutes=1)
"""How far Ayrshare's clock and ours may differ."""
LATE = timedelta(minutes=2)
"""An event that comes so long after it happened may have been overtaken: Ayrshare sends again for hours."""
REASON_KEPT = 500
"""Characters kept of Ayrshare's reason; a digest shows fewer."""

# The daily sweep
SWEEP_EVERY = timedelta(days=1)
FIRST_SWEEP = timedelta(minutes=10)
"""From a workspace's first mapping to its first sweep: the bot may still be being set up."""
OVERDUE_SWEEP = timedelta(minutes=1)
"""To the next sweep, after one that took longer than a day."""
SLICE_RETRY = timedelta(seconds=30)
"""When another process takes over a slice; longer than any slice takes."""
CALL_INTERVAL = timedelta(seconds=1.25)
"""Between two calls: 240 in five minutes. Ayrshare allows 300 per profile and, to be safe, per account
(https://www.ayrshare.com/docs/errors/errors-http); the rest is for what people ask meanwhile."""
BATCH_FROM = 240
"""Profiles for which a file with all accounts is asked for; fewer are asked about while that would be made."""
BATCH_WAIT, BATCH_AGE = timedelta(minutes=30), timedelta(hours=6)
"""The longest wait for the file, and how old it may be; documented are minutes, and three hours."""
BATCH_MARGIN = timedelta(seconds=30)
"""For clocks that differ, and a file that comes late."""
BATCH_SLICE = 100
"""Profiles compared with the file in one step."""
SWEEP_CALL_TIMEOUT = timedelta(seconds=5)
"""For one call; shorter than a job's lease."""
RATE_LIMIT_WINDOW = timedelta(minutes=5)
"""The pause after a 429 without Retry-After: a thousand 429 in a day suspend a profile."""
FAILURES_IN_A_ROW = 5
"""Failed calls in a row after which the sweep pauses."""
FAILURE_PAUSE = timedelta(minutes=10)
PEOPLE_A_DAY = 50
"""People in a workspace who get a digest because of a sweep on one day; the others get theirs on the days after."""
DAYS_AHEAD = 60
"""How many days ahead a digest may be put off; as long as alerts are kept."""
REPORTED_AT_ONCE = 50
"""Stale profiles, or people, that one slice reports."""
SWEEP_KEPT = timedelta(days=7)
DAY_KEPT = timedelta(days=90)
"""The life of a day's list of people; longer than DAYS_AHEAD."""
SLOT_KEPT = timedelta(hours=1)

NO_PROFILE = RefId("")


class AlertKind(StrEnum):
    """What happened: to an account (its profile's people are alerted), or to a profile or the bot (admins are)."""

    DISCONNECTED = "disconnected"
    EXPIRING = "expiring"
    BACK = "back"
    STALE = "stale"
    API_KEY = "api_key"
    UNMENDED = "unmended"
    OUTAGE = "outage"


FOR_ADMINS = frozenset({AlertKind.STALE, AlertKind.API_KEY, AlertKind.UNMENDED, AlertKind.OUTAGE})


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that happened at `at`; `refresh_by` is the deadline of a new sign-in. Both are UTC.

    `name` is the account's, `reason` is Ayrshare's text. `since` (UTC) is when it happened, where people are reminded.
    `admins` are those who are told what is for admins.
    """

    kind: AlertKind
    at: datetime
    ref_id: RefId = NO_PROFILE
    network: str = ""
    name: str = ""
    reason: str = ""
    refresh_by: datetime | None = None
    since: datetime | None = None
    admins: tuple[UserId, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert that was raised at a moment, with its deadline (both UTC); `warning` counts up as that comes nearer."""

    at: datetime
    refresh_by: datetime | None = None

    @property
    def warning(self) -> int:
        """How many of WARNED_AGAIN had passed; a higher one makes the alert new."""
        left = self.refresh_by - self.at if self.refresh_by else timedelta.max
        return sum(left - WARNED_EARLIER < ahead for ahead in WARNED_AGAIN)


class Heard(StrEnum):
    """What became of news for one of a profile's people, or that it no longer holds for anybody."""

    TOLD = "told"
    MUTED = "muted"
    RESOLVED = "resolved"


AlertKey = tuple[AlertKind, str]
"""What makes two alerts of a profile the same: the kind and the network."""


@dataclass(frozen=True, slots=True)
class KnownAccounts:
    """What is known of a profile: its connected networks with the accounts' names, and the alerts not yet resolved.

    `reminders` counts how often people were reminded of each disconnected network that they were told of, the last time
    at a moment in `told` (UTC), when `people` had the profile.
    """

    connected: Mapping[str, str] = field(default_factory=dict)
    alerts: Mapping[AlertKey, AlertRecord] = field(default_factory=dict)
    reminders: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, datetime] = field(default_factory=dict)
    people: Mapping[str, tuple[UserId, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Digest:
    """The alerts that one person gets in one message; its id stays the same however often delivery is tried."""

    id: str
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class ProfileAlerts:
    """The alerts of one profile, with its title."""

    ref_id: RefId
    title: str
    alerts: tuple[Alert, ...]

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks that need a new sign-in, each once."""
        return tuple(dict.fromkeys(alert.network for alert in self.alerts if alert.kind is not AlertKind.BACK))


@dataclass(frozen=True, slots=True)
class DigestContent:
    """What a digest shows: alerts by profile and, to admins, what concerns profiles of others and the bot itself.

    `unmended` are accounts that people were reminded of in vain, each with a holder; `outages` are networks.
    """

    profiles: tuple[ProfileAlerts, ...] = ()
    stale_titles: tuple[str, ...] = ()
    bad_api_key: bool = False
    unmended: tuple[tuple[ProfileAlerts, UserId], ...] = ()
    outages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WeeklyRow:
    """A profile with what is disconnected and what expires.

    `asked_at` (UTC) is when a colleague last asked one of its people, `told_at` when the bot last told them.
    """

    ref_id: RefId
    title: str
    people: tuple[UserId, ...]
    disconnected: tuple[Disconnected, ...]
    expiring: tuple[Account, ...]
    asked_at: datetime | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sweep:
    """The state of a workspace's sweep: running since `began`, or due at `next_at` (both UTC).

    `failures` counts failed calls in a row. `retried` is the profile whose call Ayrshare last rate-limited.
    `bad_api_key` says that Ayrshare rejected the bot's own key. `batch_at` (UTC) is from when a file with all accounts
    can be read; None once that is done with, or if profiles are asked about one by one. `ended` (UTC) is when the sweep
    before was complete.
    """

    next_at: datetime
    began: datetime | None = None
    failures: int = 0
    retried: RefId = NO_PROFILE
    bad_api_key: bool = False
    batch_at: datetime | None = None
    ended: datetime | None = None


def is_resolved(kind: AlertKind, record: AlertRecord, account: Account | None, *, now: datetime) -> bool:
    """Return whether an alert about an account no longer holds, so that the next one like it is new."""
    if kind in {AlertKind.DISCONNECTED, AlertKind.UNMENDED}:
        return account is not None and not account.lost_at(now)
    if account is None:
        return True
    if kind is AlertKind.BACK:
        return False
    if record.refresh_by is not None and account.refresh_by is not None:
        return account.refresh_by > max(record.refresh_by + SAME_DEADLINE, now + timedelta(days=1))
    return not account.needs_attention and now > (record.refresh_by or record.at + UNDATED_REPEAT)
