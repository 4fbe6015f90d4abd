"""The small parts of text that several views share."""

from datetime import UTC, datetime, timedelta

TITLE_IN_TEXT = 150
"""Letters of a profile's title that are shown where the text goes on."""
JUST_MADE = timedelta(seconds=5)
HALF_A_MINUTE = timedelta(seconds=30)
MANY_MINUTES = 120


def escaped(text: str) -> str:
    """Make somebody's words inert in mrkdwn (https://docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: str, *, limit: int) -> str:
    """Cut a text that is longer than Slack accepts."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clock_time(moment: datetime) -> str:
    """Write a moment of today as a date token: the reader's own clock, to the second."""
    return f"<!date^{int(moment.timestamp())}^{{time_secs}}|{moment.astimezone(UTC):%H:%M:%S} UTC>"


def date_and_time(moment: datetime) -> str:
    """Write a moment that may be on another day as a date token."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}}, {{time}}|{plain_date_and_time(moment)}>"


def plain_date_and_time(moment: datetime) -> str:
    """Write the same where date tokens mean nothing."""
    return f"{moment.astimezone(UTC):%d %b %Y, %H:%M} UTC"


def date(moment: datetime) -> str:
    """Write a day as a date token."""
    return f"<!date^{int(moment.timestamp())}^{{date_short}}|{moment.astimezone(UTC):%d %b %Y}>"


def minutes(left: timedelta) -> str:
    """Say in words how long something lasts: "5 min" when that is what is left, else "less than 5 min"."""
    if left <= HALF_A_MINUTE:
        return "less than 1 min, at most 30 s"
    count = -(-left // timedelta(minutes=1))
    whole = timedelta(minutes=count) - left <= JUST_MADE
    hours = f", {round(count / 60)} h" if count >= MANY_MINUTES else ""
    return f"{'' if whole else 'less than '}{count} min{hours}"


def to_the_second(left: timedelta) -> str:
    """Say in words how long something lasts where it is redrawn every few seconds: "4 min 50 s"."""
    minutes_left, seconds = divmod(max(0, round(left.total_seconds())), 60)
    parts = ([f"{minutes_left} min"] if minutes_left else []) + (
        [f"{seconds} s"] if seconds or not minutes_left else []
    )
    return " ".join(parts)


def titled(title: str) -> str:
    """Return a profile's title as it stands within a text."""
    return escaped(shortened(title, limit=TITLE_IN_TEXT))
