"""The help by role, *Did you mean*, and what `version` and `home` say."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.ayrshare.model import Profile
from bot.ayrshare.networks import network_name
from bot.core.model import Block, Button, Message, UserId
from bot.profiles.errors import PROFILE_IS
from bot.profiles.views import profile_menu
from bot.slack.actions import ASK_COLLEAGUE, CONNECT_ACCOUNTS, CONNECT_HERE, MAP_A_PROFILE, SEE_STATUS, TYPED
from bot.slack.blocks import LABEL_LIMIT, actions, button, context, section
from bot.slack.mentions import as_seen
from bot.slack.text import escaped, several, shortened, titled

ABOUT = f"*connectbot* connects your social accounts to Ayrshare, which posts for you. {PROFILE_IS}"
THREADS = "Slash commands don't work in threads. Use a channel, or our direct message."


@dataclass(frozen=True, slots=True)
class ProfileMenu:
    """The profiles of `owner` that there are to choose from, and the networks that were typed."""

    profiles: tuple[Profile, ...]
    owner: UserId
    networks: tuple[str, ...]


def help_message(command: str, *, more: Sequence[str] = ()) -> Message:
    """Say what the bot can do, with a button for each thing; `more` are words that can be typed too."""
    lines = (
        ABOUT,
        f"Type `{command}` for a link. Name a profile or a network: `{command} acme instagram`.",
        f"`{command} status` shows what works. `{command} send @ben @cara acme` asks colleagues.",
    )
    text = "\n".join(lines)
    others = ", ".join(f"`{word}`" for word in more)
    blocks: tuple[Block, ...] = (
        section(text),
        actions(
            "help",
            button(CONNECT_ACCOUNTS, "connect", style="primary"),
            button(SEE_STATUS, "status"),
            button(ASK_COLLEAGUE),
        ),
        context(f"{f'Also: {others}. ' if others else ''}{THREADS}"),
    )
    return Message(text=text.replace("*", ""), blocks=blocks)


def admins_help(everyones: Message, command: str, *, for_admins: Sequence[tuple[str, str]]) -> Message:
    """Add what admins can type, and what it does, to the help."""
    lines = "\n".join(f"`{command} {typed}`  {meaning}" for typed, meaning in for_admins)
    block = section(f"*For admins*\n{lines}"), actions("help_admins", button(MAP_A_PROFILE))
    return Message(everyones.text, (*everyones.blocks, *block))


def not_found(sentence: str, *, command: str, meant: str, menu: ProfileMenu | None = None) -> Message:
    """Say in one line that nothing was found and what there is, and offer what was probably meant."""
    choice = _choice(menu) if menu else ()
    if not meant:
        return Message(sentence, (section(sentence), *choice))
    question = f"{sentence} Did you mean *{escaped(as_seen(meant))}*?".strip()
    return Message(question, (section(question), _run(command, meant), *choice))


def offer_to_run(command: str, meant: str) -> Message:
    """Offer in a direct message to do what takes a command, since it opens a form or is about others."""
    text = f"I can do that with one click: *{escaped(as_seen(meant))}*"
    return Message(text, (section(text), _run(command, meant)))


def _run(command: str, meant: str) -> Block:
    run = Button(TYPED, shortened(f"{command} {as_seen(meant)}", limit=LABEL_LIMIT))
    return actions("meant", button(run, meant, style="primary"))


def _choice(menu: ProfileMenu) -> tuple[Block, ...]:
    """Draw a menu, or a button where there is nothing to choose."""
    if len(menu.profiles) == 1:
        return (_connect(menu.profiles[0], menu.owner, menu.networks),)
    return profile_menu(menu.profiles, owner=menu.owner, networks=menu.networks)


def _connect(profile: Profile, owner: UserId, networks: Sequence[str]) -> Block:
    value = f"{owner}:{profile.ref_id}:{','.join(networks)}".rstrip(":")
    return actions("connect", button(CONNECT_HERE, value, style="primary"))


def link_offer(profile: Profile, *, owner: UserId, networks: Sequence[str]) -> Message:
    """Offer a link in a direct message, where it is made on the click."""
    names = several([network_name(one) for one in networks])
    text = f"Connect {names} for {{}}." if names else "Connect the accounts that {} should post to."
    title, connect = titled(profile.title), _connect(profile, owner, networks)
    return Message(text.format(title), (section(text.format(f"*{title}*")), connect))


def version_message(version: str) -> Message:
    """Say which version this is."""
    text = f"This is connectbot {version}."
    return Message(text, (section(text),))


def home_link(team: str, app: str) -> Message:
    """Say what the Home tab shows, with a link to it (https://docs.slack.dev/interactivity/deep-linking)."""
    about, address = "shows your profiles and what needs attention.", f"slack://app?team={team}&id={app}&tab=home"
    return Message(f"My Home tab {about}", (section(f"<{address}|My Home tab> {about}"),))
