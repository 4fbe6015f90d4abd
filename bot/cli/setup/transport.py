"""How Slack reaches the bot: Socket Mode, or HTTP at an address that leads to this machine."""

import asyncio
from contextlib import ExitStack, suppress
from enum import Enum

from bot.cli.boundary import stop
from bot.cli.doctor.settings import is_callable
from bot.cli.setup import terminal
from bot.cli.setup.answers import Given, given, save, without_name
from bot.cli.setup.challenge import Challenges, Unreachable
from bot.cli.setup.secret_step import Refused
from bot.http.server import CannotListen
from bot.settings import SettingsError, SlackAppSettings


class SlackTransport(Enum):
    """How Slack's requests come."""

    SOCKET_MODE = "Socket Mode: the bot calls Slack. Needs no public address, works behind a firewall"
    HTTP = "HTTP: Slack calls the bot, at an https:// address of yours"


def choose_transport() -> SlackTransport:
    """Return the transport that earlier answers show, else ask."""
    earlier = given(Given)
    if earlier.slack_app_token or earlier.slack_signing_secret:
        transport = SlackTransport.SOCKET_MODE if earlier.slack_app_token else SlackTransport.HTTP
    else:
        ways = list(SlackTransport)
        transport = ways[terminal.choose("Which?", [way.value for way in ways], default=int(bool(earlier.public_url)))]
    terminal.done(transport.value.partition(":")[0])
    return transport


def give_public_url(challenges: Challenges, listening: ExitStack) -> str:
    """Ask for the bot's address, and answer there in the bot's place until `listening` is closed."""
    earlier, known = given(Given), given(SlackAppSettings).public_url
    if known and earlier.slack_bot_token and earlier.slack_signing_secret:
        terminal.done(known)
        with suppress(CannotListen):  # the bot runs already
            listening.enter_context(challenges.answered())
        return known
    try:
        port = listening.enter_context(challenges.answered())
    except CannotListen as error:
        stop(f"{error.sentence} If it is the bot that listens there, stop it meanwhile.")
    terminal.clicks(
        f"Have your proxy or tunnel pass everything at an https:// address on to port {port} of this machine.",
        "Until the bot runs, setup answers there when Slack asks whether the address is yours.",
    )
    refused = ""
    while True:
        typed = terminal.ask(f"The address [{known}]" if known else "The address, such as https://bot.example.com")
        try:
            url = _callable_url(without_name(typed) or known or "")
            if url != refused:  # a router may lead nobody from inside back in
                asyncio.run(challenges.must_answer_at(url))
        except Unreachable as unreachable:
            refused = unreachable.url
            terminal.wrong(f"{unreachable} If Slack reaches it all the same, type it again.")
        except Refused as reason:
            terminal.wrong(str(reason))
        else:
            save("PUBLIC_URL", url)
            terminal.done(url if url == refused else f"{url} leads here")
            return url


def _callable_url(typed: str) -> str:
    """Return an address as the bot reads it; raise Refused if Slack wouldn't call it."""
    try:
        url = SlackAppSettings(public_url=typed).public_url
    except SettingsError as error:
        raise Refused(f"That {next(iter(error.problems)).partition(': ')[2]}.") from None
    if not url:
        raise Refused("Slack needs an address that it can call. Without one, press Ctrl-C and choose Socket Mode.")
    if not is_callable(url):
        raise Refused("Slack calls https:// only. Put a proxy or a tunnel in front of the bot.")
    return url
