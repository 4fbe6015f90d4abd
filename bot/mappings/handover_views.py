"""The window in which an admin hands profiles over, what the people are told of it, and the offer to do it."""

from collections.abc import Sequence
from hashlib import sha256

from bot.cards.model import Card
from bot.core.model import Block, Message, UserId
from bot.mappings.model import RemovalResult
from bot.mappings.removal_views import it, links_now, outcome_message
from bot.profiles.model import ProfileRef
from bot.profiles.views import titles
from bot.slack.actions import CONFIRM_HANDOVER, HAND_OVER
from bot.slack.blocks import actions, button, context, option, plain, section, sentence
from bot.slack.model import Modal

WINDOW = "Hand over profiles"
PROFILES, TO = "profiles", "to"
"""The blocks with inputs; errors stand under them."""
MOST_OPTIONS = 100
NONE_CHOSEN = "Choose at least one profile."
CHANGED = ":warning: What they look after has changed meanwhile. This is how it stands now."


def form(
    old: UserId, held: Sequence[ProfileRef], *, new: UserId | None, live: Sequence[Card], changed: bool = False
) -> Modal:
    """Ask who shall take over which of somebody's profiles; it may have `changed` since it was asked before."""
    many = f"{len(held)} profiles" if len(held) > 1 else "one profile"
    return Modal(
        title=WINDOW,
        name=CONFIRM_HANDOVER,
        submit="Hand over",
        close="Cancel",
        metadata=subject(old, held),
        blocks=(
            *((section(CHANGED),) if changed else ()),
            section(f"<@{old}> looks after {many}."),
            _profiles(held) if len(held) <= MOST_OPTIONS else section(f"All {len(held)} are handed over together."),
            _to(new),
            section(links_now(live, what="what is handed over")),
            context(f"{_default(held)} Both are told, unless somebody's account is deactivated."),
        ),
    )


def subject(old: UserId, held: Sequence[ProfileRef]) -> str:
    """Write for a view's metadata whose profiles it shows, and which ones: what was shown is what is handed over."""
    return f"{old}:{sha256(','.join(sorted(one.ref_id for one in held)).encode()).hexdigest()[:16]}"


def handed_over(outcome: RemovalResult, *, new: UserId) -> Message:
    """Say what came of it."""
    done = f"<@{new}> looks after {titles(outcome.removed)} now, in place of <@{outcome.owner}>."
    return outcome_message(done, outcome)


def received_message(
    taken: Sequence[ProfileRef], *, old: UserId, by: UserId, default: Sequence[ProfileRef], command: str
) -> Message:
    """Tell somebody what they look after from now on; it brings no link."""
    said = f"<@{by}> handed {titles(taken)} over to you; so far <@{old}> looked after {it(taken)}."
    return sentence(f"{said} `{command}` makes links for {titles(default)}, with a part of a title for another one.")


def handed_over_message(taken: Sequence[ProfileRef], *, new: UserId, by: UserId, command: str) -> Message:
    """Tell somebody who took over from them."""
    said = f"<@{by}> handed {titles(taken)} over from you to <@{new}>."
    return sentence(f"{said} `{command}` makes no links for {it(taken)} any more.")


def left_message(user: UserId, held: Sequence[ProfileRef]) -> Message:
    """Ask an admin who takes over from somebody who left."""
    text = f"<@{user}>'s account was deactivated. They looked after {titles(held)}. Who takes over?"
    row = actions(HAND_OVER.action_id, button(HAND_OVER, user, style="primary"))
    return Message(text=text, blocks=(section(text), row))


def _profiles(held: Sequence[ProfileRef]) -> Block:
    options = [option(one.title.strip() or f"Profile {one.ref_id[:8]}", one.ref_id) for one in held]
    element = {
        "type": "multi_static_select",
        "action_id": PROFILES,
        "placeholder": plain("Choose profiles"),
        "options": options,
        "initial_options": options,
    }
    return {"type": "input", "block_id": PROFILES, "label": plain("Which profiles?"), "element": element}


def _to(new: UserId | None) -> Block:
    chosen = {"initial_user": new} if new else {}
    element = {"type": "users_select", "action_id": TO, "placeholder": plain("Choose somebody"), **chosen}
    return {"type": "input", "block_id": TO, "label": plain("Who takes over?"), "element": element}


def _default(held: Sequence[ProfileRef]) -> str:
    return f"Whoever takes over keeps their own default; without one it becomes {titles(held[:1])}."
