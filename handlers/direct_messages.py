"""What people write to the bot in their direct message: `help`, `status`, `connect`, and anything else."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.core.errors import Reported
from bot.core.model import Membership, Message
from bot.deps import Deps
from bot.help.views import link_offer, not_found
from bot.people import access
from bot.people.errors import AskedTooOften
from bot.profiles.choose_profile import choose_for_link
from bot.profiles.errors import NoProfileMatches
from bot.profiles.model import Viewer
from bot.profiles.views import picker
from bot.slack.delivery import reply
from bot.slack.errors import NotAPerson
from bot.slack.listener import acknowledged
from bot.slack.mentions import readable, split_mention
from bot.slack.requests import Event, read_event
from handlers.commands import HELP, LINK, LONGEST_GUESS, STATUS, Subcommand, find, help_for, may_administer, near_miss
from handlers.dispatch import not_found_message
from handlers.status import own_status

PEOPLES = frozenset({None, "file_share", "thread_broadcast"})
"""Kinds of messages that people write (https://docs.slack.dev/reference/events/message)."""


async def answer_message(deps: Deps, event: Event) -> None:
    """Answer what a person wrote; too many of them, and what bots write, stay without an answer."""
    wait = await deps.limits.take(event.team, event.user, "messages")
    if wait:
        raise Reported(AskedTooOften(wait, "messages"))
    if (await deps.people.get(event.team, event.user)).membership is Membership.BOT:
        return
    await access.check_caller(deps, team=event.team, caller=event.user)
    await reply(deps, event.user, None, await _answer(deps, event, str(event.about.get("text") or "")))


async def _answer(deps: Deps, event: Event, text: str) -> Message:
    """Return the answer; what needs more than a message, such as a form, gets a button that does it."""
    subcommand, rest = find(text)
    try:
        if subcommand is STATUS:
            return await own_status(deps, event.team, event.user, rest, response_url=None)
        if subcommand is LINK:
            return await _link(deps, event, rest)
    except NoProfileMatches as error:
        return await _not_found(deps, event, text, subcommand, error)
    except NotAPerson:
        return await help_for(deps, Viewer(event.team, event.user))
    if subcommand is HELP or len(text) > LONGEST_GUESS:
        return await help_for(deps, Viewer(event.team, event.user))
    return not_found("", command=deps.settings.connect_command, meant=text)


async def _link(deps: Deps, event: Event, rest: str) -> Message:
    """Offer a link, which is made when its button is pressed; a link for another person needs the command."""
    owner, words = split_mention(rest)
    if owner not in {None, event.user}:
        return not_found("", command=deps.settings.connect_command, meant=rest)
    found, networks = await choose_for_link(deps, event.team, event.user, words=words)
    if len(found) > 1:
        return picker(found, owner=event.user, networks=networks)
    return link_offer(found[0], owner=event.user, networks=networks or ())


async def _not_found(deps: Deps, event: Event, text: str, subcommand: Subcommand, error: NoProfileMatches) -> Message:
    """Return what was probably meant; what can't be told from chat is answered with the help."""
    viewer, link = Viewer(event.team, event.user), subcommand is LINK
    meant = near_miss(text, admin=await may_administer(deps, viewer)) if link else ""
    if link and not meant and error.words == readable(" ".join(text.split())):
        return await help_for(deps, viewer)
    return await not_found_message(deps, event.team, event.user, error, meant=meant, link=link)


async def _is_from_a_person(event: Mapping[str, Any]) -> bool:
    """Return whether it is a new message of a person: the bot's own, and each change of one, are events too."""
    new = event.get("channel_type") == "im" and event.get("subtype") in PEOPLES
    return new and not event.get("bot_id") and isinstance(event.get("user"), str)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to messages in the bot's own direct messages; it gets no others."""
    app.event("message", matchers=[_is_from_a_person])(acknowledged(deps, read_event, answer_message))
