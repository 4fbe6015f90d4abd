"""The calendar: day by day what happened and who got which message, and at the end how many each person got."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from bot.people.preferences import zone_of
from tests.week.play import Happening, Post
from tests.week.workspace import Workspace

WIDTH = 110


def printed(place: Workspace, story: Sequence[Happening], posts: Sequence[Post]) -> str:
    """Return the calendar."""
    return "\n".join((*_days(place, story, posts), *_counts(place, posts)))


def _days(place: Workspace, story: Sequence[Happening], posts: Sequence[Post]) -> Iterator[str]:
    rows = [(one.at, f"   · {one.words}") for one in story]
    rows += [(post.at, f"{_local(place, post)} → {place.name(post.user)}: {post.text}"[:WIDTH]) for post in posts]
    for day, of_day in groupby(sorted(rows, key=lambda row: row[0]), key=lambda row: row[0].date()):
        yield f"\n{day:%A, %d %b}"
        yield from (f"  {at:%H:%M:%S}  {words}" for at, words in of_day)


def _counts(place: Workspace, posts: Sequence[Post]) -> Iterator[str]:
    yield "\nMessages a day"
    days = sorted({post.at.date() for post in posts})
    yield "  " + " ".join(f"{day:%a %d}" for day in days)
    for user, total in Counter(post.user for post in posts).most_common():
        each = Counter(post.at.date() for post in posts if post.user == user)
        yield "  " + " ".join(f"{each[day] or '·':>6}" for day in days) + f"  {total:>3}  {place.name(user)}"


def _local(place: Workspace, post: Post) -> str:
    return f"({_moment(place, post):%a %H:%M} there)"


def _moment(place: Workspace, post: Post) -> datetime:
    return post.at.astimezone(zone_of(place.sandbox.slack.world.user(post.user).tz))
