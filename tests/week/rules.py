"""What a considerate colleague would have kept to, checked over what was posted."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.people.preferences import EVENING, MORNING, zone_of
from tests.week.play import Happening, Post
from tests.week.workspace import ADMINS, Workspace

MOST_A_DAY = 3
APART = timedelta(days=1)


def broken_rules(place: Workspace, story: Sequence[Happening], posts: Sequence[Post], *, quiet: str) -> list[str]:
    """Return what went wrong, in words; `quiet` is who snoozes."""
    return [
        *_at_night(place, posts),
        *_too_many(place, posts),
        *_twice(place, posts),
        *_forgotten(place, story, posts, quiet),
        *_after_it_was_mended(story, posts),
        *_to_others(place, posts),
    ]


def _at_night(place: Workspace, posts: Sequence[Post]) -> list[str]:
    local = {post: post.at.astimezone(zone_of(place.sandbox.slack.world.user(post.user).tz)).time() for post in posts}
    return [
        f"at {at} for {place.name(post.user)}: {post.text}" for post, at in local.items() if not MORNING <= at < EVENING
    ]


def _too_many(place: Workspace, posts: Sequence[Post]) -> list[str]:
    counts = Counter((place.name(post.user), post.at.date()) for post in posts)
    return [f"{name} gets {count} messages on {day}" for (name, day), count in counts.items() if count > MOST_A_DAY]


def _twice(place: Workspace, posts: Sequence[Post]) -> list[str]:
    """Two messages that someone gets with the same words of the same accounts within a day."""
    found = []
    for number, post in enumerate(posts):
        for later in posts[number + 1 :]:
            same = (post.user, post.lines) == (later.user, later.lines)
            if same and later.at - post.at < APART and place.name(post.user) not in ADMINS:
                found.append(f"twice for {place.name(post.user)}: {post.text}")
    return found


def _forgotten(place: Workspace, story: Sequence[Happening], posts: Sequence[Post], quiet: str) -> list[str]:
    """Accounts that dropped and weren't back within a day, of which nobody heard."""
    found = []
    for one in story:
        title, network = one.about
        back = any(other.about == one.about and one.at < other.at < one.at + APART for other in story)
        holders = [user for user in place.holders.get(title, []) if place.name(user) != quiet]
        if "drops" in one.words and not back and one.at < story_end(story) - APART:
            found += [
                f"{place.name(user)} never hears of {network} of {title}"
                for user in holders
                if not any(post.user == user and post.at > one.at and post.tells_of(title, network) for post in posts)
            ]
    return found


def _after_it_was_mended(story: Sequence[Happening], posts: Sequence[Post]) -> list[str]:
    """Accounts that are said to be disconnected although they were connected again."""
    found = []
    for post in posts:
        lately = {one.about: one for one in sorted(story, key=lambda one: one.at) if one.at < post.at}
        mended = [one.about for one in lately.values() if "is connected" in one.words]
        found += [
            f"{network} of {title} isn't disconnected: {post.text}"
            for title, network in mended
            if post.blames(title, network)
        ]
    return found


def _to_others(place: Workspace, posts: Sequence[Post]) -> list[str]:
    """Messages about a profile to people who don't have it."""
    return [
        f"{place.name(post.user)} doesn't have {title}: {post.text}"
        for post in posts
        for title, holders in place.holders.items()
        if place.name(post.user) not in ADMINS and post.user not in holders and post.is_about(title)
    ]


def story_end(story: Sequence[Happening]) -> datetime:
    """Return when the last thing happens."""
    return max(one.at for one in story)
