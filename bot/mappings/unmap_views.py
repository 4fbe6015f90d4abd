"""The window in which an admin takes profiles from somebody: which, whether really, what came of it."""

from collections.abc import Sequence

from bot.cards.model import Card
from bot.core.model import Message, UserId
from bot.mappings.model import RemovalResult
from bot.mappings.removal_views import it, links_now, outcome_message
from bot.profiles.model import ProfileRef
from bot.profiles.views import titles
from bot.slack.actions import CHOOSE_UNMAP, CONFIRM_UNMAP
from bot.slack.blocks import MOST_OPTIONS, context, option, plain, section, sentence
from bot.slack.model import Modal

WINDOW = "Unmap a profile"
PROFILE = "profile"
"""The block with the only input."""
ALL = "all"
METADATA_LIMIT = 3000
KNOWN = (
    "They are told, unless their account is deactivated. "
    "What I know of a profile, its key too, stays stored: it can be mapped again."
)


def which(owner: UserId, held: Sequence[ProfileRef], *, words: str) -> Modal:
    """Ask which of several profiles is meant."""
    every = [option(f"All of them ({len(held)})", ALL)] if len(subject(owner, held)) <= METADATA_LIMIT else []
    shown = held[: MOST_OPTIONS - len(every)]
    more = f"{len(held)} profiles fit; these are the first {len(shown)}. More of the title narrows it down."
    element = {
        "type": "static_select",
        "action_id": PROFILE,
        "placeholder": plain("Choose a profile"),
        "options": [*(option(one.title, one.ref_id) for one in shown), *every],
    }
    return Modal(
        title=WINDOW,
        name=CHOOSE_UNMAP,
        submit="Next",
        close="Cancel",
        metadata=f"{owner}:{words}",
        blocks=(
            section(f"<@{owner}> looks after several profiles."),
            {"type": "input", "block_id": PROFILE, "label": plain("Which one is to be taken?"), "element": element},
            *((context(more),) if len(shown) < len(held) else ()),
        ),
    )


def confirmation(
    owner: UserId, chosen: Sequence[ProfileRef], *, held: Sequence[ProfileRef], live: Sequence[Card]
) -> Modal:
    """Ask whether somebody shall really lose these of the profiles they look after, or links left to what they lost."""
    if not any(one in held for one in chosen):
        return _left_over(owner, chosen, live)
    return Modal(
        title=WINDOW,
        name=CONFIRM_UNMAP,
        submit="Unmap",
        close="Cancel",
        metadata=subject(owner, chosen),
        blocks=(
            section(f"Take {titles(chosen)} from <@{owner}>? {_what_is_left(chosen, held)}".rstrip()),
            section(links_now(live)),
            context(KNOWN),
        ),
    )


def _left_over(owner: UserId, chosen: Sequence[ProfileRef], live: Sequence[Card]) -> Modal:
    return Modal(
        title=WINDOW,
        name=CONFIRM_UNMAP,
        submit="End links",
        close="Cancel",
        metadata=subject(owner, chosen),
        blocks=(
            section(
                f"<@{owner}> no longer looks after {titles(chosen)}, but not all links to {it(chosen)} were ended."
            ),
            section(links_now(live, what="this")),
        ),
    )


def subject(owner: UserId, chosen: Sequence[ProfileRef]) -> str:
    """Write for a view's metadata what it is about; it gives no rights."""
    return f"{owner}:{','.join(one.ref_id for one in chosen)}"


def unmapped(outcome: RemovalResult) -> Message:
    """Say what came of it."""
    return outcome_message(f"<@{outcome.owner}> no longer looks after {titles(outcome.removed)}.", outcome)


def unmapped_message(taken: Sequence[ProfileRef], *, left: Sequence[ProfileRef], by: UserId, command: str) -> Message:
    """Tell somebody that they have lost profiles."""
    words = [f"<@{by}> took {titles(taken)} from you: `{command}` makes no links for {it(taken)} any more."]
    if not left:
        words.append("You look after no profile now.")
    elif any(one.default for one in taken):
        words.append(f"Your default is {titles(left[:1])} now.")
    return sentence(" ".join(words))


def _what_is_left(chosen: Sequence[ProfileRef], held: Sequence[ProfileRef]) -> str:
    left = [one for one in held if one not in chosen]
    if not left:
        return "They look after no other profile."
    if any(one.default for one in chosen):
        default = "It is their default" if len(chosen) == 1 else "Their default is among them"
        return f"{default}; then {titles(left[:1])} is."
    return ""
