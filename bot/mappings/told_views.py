"""What people are sent when their profiles change, and what admins are asked: who gets a profile, who takes over."""

from collections.abc import Sequence

from bot.core.model import Block, Message, UserId
from bot.mappings.model import Asker, Taken
from bot.people.views import admin_name
from bot.profiles.model import ProfileRef
from bot.profiles.views import in_bold, titles
from bot.slack.actions import CONNECT_GIVEN, MAP_A_PROFILE, WHO_TAKES_OVER
from bot.slack.blocks import actions, button, context, section, sentence, telling
from bot.slack.text import pronoun, several, titled

PROFILES_WITH_BUTTON = 10
"""Of those that a person was given at once; the others are on their Home tab."""
MAX_ASKERS_SHOWN = 40
"""A message holds 50 blocks."""


def mapped_message(profiles: Sequence[ProfileRef], *, by: str) -> Message:
    """Tell a person which profiles they have now, each with a button that makes a link."""
    many = f"{len(profiles)} new profiles" if len(profiles) > 1 else "a new profile"
    said = f"{admin_name(by)} gave you {titles(profiles)}. Connect your accounts so that Ayrshare can post for you."
    return telling(f"You have {many}", said, *_connect(profiles))


def received_message(received: Sequence[ProfileRef], *, old: UserId, by: str) -> Message:
    """Tell a person which profiles they took over, each with a button that makes a link."""
    said = f"{admin_name(by)} gave you {titles(received)}. Until now <@{old}> had {pronoun(len(received))}."
    return telling("You take over", said, *_connect(received))


def handed_over_message(removed: Sequence[ProfileRef], *, new: UserId, by: str) -> Message:
    """Tell a person who took over from them."""
    said = f"{admin_name(by)} gave {titles(removed)} to <@{new}>. Your links to {pronoun(len(removed))} have ended."
    return telling("Handed over", said)


def unmapped_message(removed: Sequence[ProfileRef], *, left: Sequence[ProfileRef], by: str, command: str) -> Message:
    """Tell a person which profiles they no longer have, and what is left."""
    said = f"{admin_name(by)} took back {titles(removed)}. Your links to {pronoun(len(removed))} have ended."
    if not left:
        return telling("You have no profile now", said)
    now = (context(f"`{command}` is for {titles(left[:1])} now."),) if any(one.default for one in removed) else ()
    return telling(f"You have {len(removed)} fewer profile{'s' if len(removed) > 1 else ''}", said, *now)


def admin_request(askers: Sequence[Asker]) -> Message:
    """Tell an admin who asks for a profile or for help, with a button to map one each; and who has got one since."""
    rows = [
        section(_asks(one)) | {"accessory": button(MAP_A_PROFILE, one.user)}
        if not one.served
        else section(_served(one))
        for one in askers[:MAX_ASKERS_SHOWN]
    ]
    others = ", ".join(f"<@{one.user}>" for one in askers[MAX_ASKERS_SHOWN:])
    more = (context(f"And {others}."),) if others else ()
    waiting = [one for one in askers if not one.served]
    if not waiting:
        return Message(text=" ".join(map(_served, askers)), blocks=(*rows, *more))
    who = f"<@{waiting[0].user}>" if len(waiting) == 1 else f"{len(waiting)} people"
    title, said = f"{who} would like a profile", "Map one, and they can connect their accounts."
    if len(waiting) == 1 and waiting[0].asked_by:
        title = f"{who} needs a profile"
    if any(one.has for one in waiting):
        title = f"{who} need{'s' if len(waiting) == 1 else ''} an admin"
        said = "They tried what only admins can do. Message them, or map a profile."
    return telling(title, said, *rows, *more)


def admins_asked(asked: Sequence[UserId], *, has_profile: bool = False, colleague: UserId | None = None) -> Message:
    """Tell a person which admins were asked, for a `colleague` if any: none if that was done within a day."""
    first = f"I asked {several([f'<@{admin}>' for admin in asked])}." if asked else "Your admins know already."
    then = "They can message you here in Slack." if has_profile else "I'll DM you when you have a profile."
    if colleague:
        then = f"Ask <@{colleague}> again when they have a profile."
    return sentence(f"{first} {then}")


def deactivated_message(user: UserId, held: Sequence[ProfileRef], taken: Sequence[Taken] = ()) -> Message:
    """Ask an admin who takes over from a person whose account was deactivated; and say what was taken since."""
    done = [_taken_from(user, one) for one in taken]
    if not held:
        return Message(text=" ".join(done), blocks=tuple(map(section, done)))
    said = f"They had {titles(held)}. Nobody will reconnect its accounts."
    if len(held) > 1:
        said = f"They had {titles(held)}. Nobody will reconnect their accounts."
    row = actions(WHO_TAKES_OVER.action_id, button(WHO_TAKES_OVER, user, style="primary"))
    return telling(f"<@{user}> has left", said, row, *map(section, done))


def _asks(asker: Asker) -> str:
    if asker.asked_by:
        return f"<@{asker.user}> (<@{asker.asked_by}> asked)"
    return f"<@{asker.user}> has {in_bold(asker.has)}" if asker.has else f"<@{asker.user}>"


def _taken_from(user: UserId, taken: Taken) -> str:
    if taken.to:
        return f"✅ <@{taken.to}> takes over {in_bold(taken.titles)} from <@{user}>{_done_by(taken.by)}"
    have = "is" if len(taken.titles) == 1 else "are"
    return f"✅ {in_bold(taken.titles)} {have} no longer <@{user}>'s{_done_by(taken.by)}"


def _served(asker: Asker) -> str:
    return f"✅ <@{asker.user}> has {in_bold(asker.served)}{_done_by(asker.by)}"


def _done_by(by: str) -> str:
    return f" (done by {admin_name(by).replace('An', 'an', 1)})" if by else ""


def _connect(profiles: Sequence[ProfileRef]) -> tuple[Block, ...]:
    """Return a button for one profile, or a row with a button for each; its value says if the message is about one."""
    if len(profiles) == 1:
        (one,) = profiles
        return (actions("given", _button(one, f"{one.ref_id}:alone:", style="primary")),)
    return tuple(
        section(f"*{titled(one.title)}*") | {"accessory": _button(one, one.ref_id)}
        for one in profiles[:PROFILES_WITH_BUTTON]
    )


def _button(profile: ProfileRef, value: str, *, style: str = "") -> Block:
    spoken = f"{CONNECT_GIVEN.label} for {profile.title}"
    return button(CONNECT_GIVEN, value, spoken=spoken, style=style)
