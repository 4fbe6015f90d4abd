"""A smaller form of the week: nobody is bothered more than the rules allow, and nothing is forgotten."""

from pathlib import Path

from tests.week.calendar import printed
from tests.week.play import Play
from tests.week.rules import broken_rules
from tests.week.story import DAY, Story, quiet_one
from tests.week.workspace import SUNDAY, workspace


async def test_a_week_reads_as_a_considerate_colleague_would_have_done_it(tmp_path: Path) -> None:
    async with workspace(tmp_path, profiles=20) as place:
        play, story = Play(place), Story(place).tell()
        await play.run(story, until=SUNDAY + 10 * DAY)
        assert broken_rules(place, story, play.posts, quiet=quiet_one(story)) == [], printed(place, story, play.posts)
        snoozed = [post for post in play.posts if place.name(post.user) == quiet_one(story)]
        assert len([post for post in snoozed if post.at > SUNDAY + 9 * DAY]) == 1, "one message after the snooze"
