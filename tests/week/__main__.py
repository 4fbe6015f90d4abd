"""`make week`: a week of a workspace with 200 profiles (`PROFILES`, `DAYS`), printed as a calendar."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from bot.core.logs import configure_logs
from tests.week.calendar import printed
from tests.week.play import Play
from tests.week.rules import broken_rules
from tests.week.story import DAY, Story, quiet_one
from tests.week.workspace import SUNDAY, workspace

PROFILES, DAYS = int(os.environ.get("PROFILES", "200")), int(os.environ.get("DAYS", "8"))


async def main() -> None:
    """Play and print."""
    configure_logs("ERROR", None)
    with tempfile.TemporaryDirectory() as folder:
        async with workspace(Path(folder), profiles=PROFILES) as place:
            play, story = Play(place), Story(place).tell()
            await play.run(story, until=SUNDAY + DAYS * DAY)
            sys.stdout.write(printed(place, story, play.posts) + "\n")
            if wrong := broken_rules(place, story, play.posts, quiet=quiet_one(story)):
                sys.exit("\n".join(("", "Not considerate:", *wrong)))


if __name__ == "__main__":
    asyncio.run(main())
