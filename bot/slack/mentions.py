"""Who is meant by a mention. Slack escapes a real one to `<@U0123|label>`; only the ID in it can be trusted.

https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import html
import re

from bot.core.model import UserId
from bot.people.errors import NotAPerson

MENTION = re.compile(r"<@([UW][A-Z0-9]{1,20})(?:\|[^>]*)?>")
NOT_A_PERSON = re.compile(r"<[#!@][^>]*>|(?:^|\s)@\S+")


def split_mention(text: str) -> tuple[UserId | None, str]:
    """Return the person mentioned in a command's text, if any, and the words around; raise NotAPerson."""
    mentioned = MENTION.findall(text)
    words = " ".join(MENTION.sub(" ", text).split())
    if len(mentioned) > 1:
        raise NotAPerson("One person at a time, please: mention just one.")
    if NOT_A_PERSON.search(words):
        raise NotAPerson("I don't know who that is. Type @ and choose a person from the list that Slack shows.")
    return (UserId(mentioned[0]) if mentioned else None), html.unescape(words)
