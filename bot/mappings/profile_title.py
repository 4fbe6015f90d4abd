"""The title of a new profile: anybody may read it, so it must not be a key."""

import re

from bot.core.model import TeamId
from bot.deps import Deps
from bot.mappings.errors import KeyRefused

SHORTEST_KEY = 8
GROUPS_WITH_DIGITS = 2
KEY_LIKE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{6,8}(?:-[A-Za-z0-9]{6,8}){3}(?![A-Za-z0-9])")
"""Ayrshare's own look like AX1XGG-9jK3M5LS-GR5RX5G-LLCK8EA."""
IS_KEY = 'That looks like a profile key. Choose "Use a profile key" above and type it there, so that it stays secret.'


async def check_title(deps: Deps, team: TeamId, title: str) -> None:
    """Return if a title can't be told to be a key; raise KeyRefused."""
    words = {word for word in title.split() if len(word) >= SHORTEST_KEY}
    if any(_looks_like_a_key(found) for found in KEY_LIKE.findall(title)):
        raise KeyRefused(IS_KEY)
    if deps.settings.ayrshare_api_key.get_secret_value() in words:
        raise KeyRefused(IS_KEY)
    if words and any(one.key.get_secret_value() in words for one in await deps.profiles.readable(team)):
        raise KeyRefused(IS_KEY)


def _looks_like_a_key(text: str) -> bool:
    """Tell a key from words with dashes: it has digits in several places, and capitals rather than small letters."""
    with_digits = sum(any(letter.isdigit() for letter in group) for group in text.split("-"))
    capitals = sum(letter.isupper() for letter in text) - sum(letter.islower() for letter in text)
    return with_digits >= GROUPS_WITH_DIGITS and capitals > 0
