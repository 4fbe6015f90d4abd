"""Text in Slack's markup: escaping, date tokens, durations and titles."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

TITLE_IN_TEXT = 150
"""How many letters of a profile's title stand within a text."""
ROUNDING = timedelta(seconds=5)
"""What may be missing from a whole number of minutes."""
MENTION = re.compile(r"<@\w+>")
ADDRESS = re.compile(r"\S*(://|www\.)\S*")
"""What clients make a link of."""
DATE_TOKEN = re.compile(r"<!date\^\d+\^[^|>]*\|([^>]*)>")
MINUTE = timedelta(minutes=1)
HALF_A_MINUTE = MINUTE / 2
LIFETIME_UNITS = ((24 * 60, "day"), (60, "hour"), (1, "minute"))
"""Minutes of each, the longest first."""
UNITS = {
    timedelta(weeks=1): "a week",
    timedelta(days=1): "a day",
    timedelta(hours=1): "an hour",
    MINUTE: "a minute",
    timedelta(seconds=1): "a second",
}
SHORT_UNITS = {"min": "minute", "s": "second"}
SHORT_UNIT = re.compile(r"(\d+) (min|s)\b")
MANY = 20
BAR = 5
"""Pieces of a drawn countdown."""


def escaped(text: str) -> str:
    """Return a person's words made inert in mrkdwn (https://docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def without_mentions(text: str) -> str:
    """Return a sentence for a place that shows markup as it is."""
    return MENTION.sub("that person", re.sub(rf"^{MENTION.pattern}", "This person", text))


def without_dates(text: str) -> str:
    """Return a sentence with its moments in UTC, for notifications, which know no date tokens."""
    return DATE_TOKEN.sub(r"\1", text)


def several(names: Sequence[str], *, limit: int = MANY) -> str:
    """Return the first names as they stand in a sentence: "A", "A and B", or "A, B and 3 more"."""
    left = len(names) - limit
    shown = [*names[:limit], *([f"{left} more"] if left > 0 else [])]
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)


def shortened(text: str, *, limit: int) -> str:
    """Return the text cut to a length, with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def told_apart(text: str, *, limit: int) -> str:
    """Return a name cut to a length, with its end and a mark, so that two names that are cut stay different."""
    if len(text) <= limit:
        return text
    mark = f" ({sha256(text.encode(errors='surrogatepass')).hexdigest()[:4]})"
    kept = limit - len(mark) - 1
    return f"{text[: kept - kept // 3]}…{text[-(kept // 3) :]}{mark}"


def clock_time(moment: datetime) -> str:
    """Return a moment of today as a date token: the reader's own clock, to the minute."""
    return f"<!date^{int(moment.timestamp())}^{{time}}|{moment.astimezone(UTC):%H:%M} UTC>"


def date_and_time(moment: datetime) -> str:
    """Return a moment that may be on another day as a date token."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}}, {{time}}|{plain_date_and_time(moment)}>"


def plain_date_and_time(moment: datetime) -> str:
    """Return a moment for places that know no date tokens."""
    return f"{moment.astimezone(UTC):%d %b %Y, %H:%M} UTC"


def date(moment: datetime) -> str:
    """Return a day as a date token."""
    return f"<!date^{int(moment.timestamp())}^{{date_short}}|{moment.astimezone(UTC):%d %b %Y}>"


def time_left(left: timedelta) -> str:
    """Return a time left in words, to the minute: "5 min", "under 5 min", "under 30 s"."""
    if left <= HALF_A_MINUTE:
        return "under 30 s"
    count = -(-left // timedelta(minutes=1))
    whole = timedelta(minutes=count) - left <= ROUNDING
    return f"{'' if whole else 'under '}{count} min"


def to_the_second(left: timedelta) -> str:
    """Return a time left in words, to the second, for what is redrawn every few seconds: "4 min 50 s"."""
    minutes_left, seconds = divmod(max(0, round(left.total_seconds())), 60)
    parts = ([f"{minutes_left} min"] if minutes_left else []) + (
        [f"{seconds} s"] if seconds or not minutes_left else []
    )
    return " ".join(parts)


def in_full(short: str) -> str:
    """Return a time left for those who hear it: "4 minutes 50 seconds"."""
    return SHORT_UNIT.sub(lambda found: counted(int(found[1]), SHORT_UNITS[found[2]]), short)


def counted(count: int, what: str) -> str:
    """Return a number of things in words: "1 minute", "2 minutes"."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def people_in_words(count: int) -> str:
    """Return a number of people in words."""
    return "1 person" if count == 1 else f"{count:,} people"


def pronoun(count: int) -> str:
    """Return what things that were named are called after that."""
    return "it" if count == 1 else "them"


def number_in_words(number: int) -> str:
    """Return a number as it stands in a sentence: "five", "a thousand", else digits."""
    return {5: "five", 1000: "a thousand"}.get(number, f"{number:,}")


def span_in_words(span: timedelta) -> str:
    """Return a duration as it stands in a sentence: "a second", "an hour", "2 days"."""
    unit = next(unit for unit in UNITS if span >= unit and not span % unit)
    return UNITS[unit] if span == unit else f"{span // unit} {UNITS[unit].split()[1]}s"


def lifetime(life: timedelta) -> str:
    """Return how long something lives, in front of what it is: "5-minute", "2-hour", "90-second"."""
    if life < 2 * MINUTE and abs(life - MINUTE) > ROUNDING:
        return f"{round(life.total_seconds())}-second"
    minutes = round(life / MINUTE)
    count, unit = next((minutes // size, unit) for size, unit in LIFETIME_UNITS if not minutes % size)
    return f"{count}-{unit}"


def bar(left: timedelta, life: timedelta) -> str:
    """Draw the part of a lifetime that is left, for eyes only: "▰▰▰▱▱"."""
    full = max(0, min(BAR, -(-left * BAR // life)))
    return "▰" * full + "▱" * (BAR - full)


def plain_date(moment: datetime) -> str:
    """Return a day for places that know no date tokens."""
    return f"{moment.astimezone(UTC):%d %b %Y}"


def ago(moment: datetime) -> str:
    """Return how long ago a moment was, as Slack says it: "2 hours ago"."""
    return f"<!date^{int(moment.timestamp())}^{{ago}}|{plain_date_and_time(moment)}>"


def titled(title: str) -> str:
    """Return a profile's title, shortened and escaped, to stand within a text."""
    return escaped(told_apart(title, limit=TITLE_IN_TEXT))
