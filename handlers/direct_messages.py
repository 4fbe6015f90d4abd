"""What people write to the bot in their direct message: `help`, `status`, `connect`, and anything else."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot import VERSION
from bot.core.errors import ConnectbotError, Reported
from bot.core.model import Membership, Message
from bot.deps import Deps
from bot.help.views import link_offer, not_found, offer_to_run, version_message
from bot.people import access
from bot.people.errors import AskedTooOften
from bot.profiles.choose_profile import choose_for_link, profiles_of
from bot.profiles.errors import NoProfileMatches, NotMapped
from bot.profiles.views import picker
from bot.slack.blocks import refusal, typed_again
from bot.slack.delivery import SPACING, reply
from bot.slack.errors import NotAPerson, SlackRateLimited
from bot.slack.listener import acknowledged
from bot.slack.mentions import split_mention
from bot.slack.requests import SlackEvent, read_event
from handlers.commands import (
    HELP,
    LINK,
    LONGEST_GUESS,
    STATUS,
    asks_for_link,
    find,
    help_for,
    may_administer,
    near_miss,
)
from handlers.dispatch import not_found_message
from handlers.help import show_version
from handlers.status import own_status

PEOPLES = frozenset({None, "file_share", "thread_broadcast"})
"""Kinds of messages that people write (https://docs.slack.dev/reference/events/message)."""
ATTEMPTS = 3


async def answer_message(deps: Deps, event: SlackEvent) -> None:
    """Answer what a person wrote; too many of them, and what bots write, stay without an answer."""
    wait = await deps.limits.take(event.team, event.user, "messages")
    if wait:
        raise Reported(AskedTooOften(wait, "messages"))
    if (await deps.people.get(event.team, event.user)).membership is Membership.BOT:
        return
    text = str(event.about.get("text") or "")
    try:
        await access.check_caller(deps, event.viewer)
        answer = await _answer(deps, event, text)
    except ConnectbotError as error:
        await _post(deps, event, refusal(error, event.user, again=typed_again(text)))
        raise Reported(error) from error
    await _post(deps, event, answer)


async def _post(deps: Deps, event: SlackEvent, message: Message) -> None:
    """Post an answer; where Slack takes no second one within a second, wait."""
    thread = str(event.about.get("thread_ts") or "")
    for _ in range(ATTEMPTS):
        try:
            await deps.direct_messages.post(event.team, event.user, message, thread=thread)
        except SlackRateLimited as limited:
            await deps.clock.sleep_until(deps.clock.now() + (limited.retry_after or SPACING))
        else:
            return
    await reply(deps, event.team, event.user, None, message)


async def _answer(deps: Deps, event: SlackEvent, text: str) -> Message:
    """Return the answer; what needs more than a message, such as a form, gets a button that does it."""
    subcommand, rest = find(text)
    if subcommand is STATUS:
        return await _status(deps, event, rest)
    if subcommand is LINK:
        return await _link(deps, event, text, rest)
    if subcommand.run is show_version:
        return version_message(VERSION)
    if subcommand is HELP or len(text) > LONGEST_GUESS:
        return await help_for(deps, event.viewer)
    return offer_to_run(deps.settings.connect_command, text)


async def _status(deps: Deps, event: SlackEvent, rest: str) -> Message:
    try:
        return await own_status(deps, event.team, event.user, rest, response_url=None)
    except NoProfileMatches as error:
        return await not_found_message(deps, event.team, event.user, error, meant=STATUS.words[0], link=False)


async def _link(deps: Deps, event: SlackEvent, text: str, rest: str) -> Message:
    """Offer a link, which is made when its button is pressed; chat that names no profile is answered with the help."""
    viewer = event.viewer
    try:
        return await _offer(deps, event, rest)
    except (NoProfileMatches, NotMapped, NotAPerson) as error:
        if meant := near_miss(text, admin=await may_administer(deps, viewer)):
            return not_found("", command=deps.settings.connect_command, meant=meant)
        if not asks_for_link(text):
            return await help_for(deps, viewer)
        if isinstance(error, NoProfileMatches):
            return await not_found_message(deps, event.team, event.user, error, meant="", link=True)
        raise


async def _offer(deps: Deps, event: SlackEvent, rest: str) -> Message:
    owner, words = split_mention(rest)
    if owner not in {None, event.user}:
        return offer_to_run(deps.settings.connect_command, rest)
    held = await profiles_of(deps, event.team, event.user)
    found, networks = choose_for_link(held, event.user, words=words)
    if len(found) > 1:
        return picker(found, owner=event.user, networks=networks)
    return link_offer(found[0], owner=event.user, networks=networks or ())


async def _is_from_a_person(event: Mapping[str, Any]) -> bool:
    """Return whether it is a new message of a person: the bot's own, and each change of one, are events too."""
    new = event.get("channel_type") == "im" and event.get("subtype") in PEOPLES
    return new and not event.get("bot_id") and isinstance(event.get("user"), str)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to messages in the bot's own direct messages; it gets no others."""
    app.event("message", matchers=[_is_from_a_person])(acknowledged(deps, read_event, answer_message))
