"""The modals of `/connect unmap` and `/connect handover`, and what the people concerned are sent."""

from collections.abc import Sequence
from hashlib import sha256

from bot.cards.model import LONGEST_COUNTDOWN, Card
from bot.core.model import Block, Message, UserId
from bot.mappings.model import RemovalResult
from bot.people.views import admin_name
from bot.profiles.model import ProfileRef
from bot.profiles.views import titles
from bot.slack.actions import CHOOSE_UNMAP, CONFIRM_HANDOVER, CONFIRM_UNMAP, HAND_OVER
from bot.slack.blocks import MOST_OPTIONS, actions, button, context, form_input, option, plain, section, sentence
from bot.slack.model import Modal
from bot.slack.text import clock_time, date_and_time

UNMAP_TITLE, HANDOVER_TITLE = "Unmap a profile", "Hand over profiles"
UNMAP_SUBMIT, END_LINKS_SUBMIT = "Unmap", "End links"
PROFILE, PROFILES, SUCCESSOR = "profile", "profiles", "to"
"""The blocks with inputs; errors are shown under them."""
ALL = "all"
METADATA_LIMIT = 3000
NONE_CHOSEN = "Choose at least one profile."
HELD_CHANGED = ":warning: What they look after has changed meanwhile. This is how it stands now."
UNMAP_NOTE = (
    "They are told, unless their account is deactivated. "
    "What I know of a profile, its key too, stays stored: it can be mapped again."
)


def unmap_choice(owner: UserId, held: Sequence[ProfileRef], *, words: str) -> Modal:
    """Ask which of several profiles to unmap; the metadata keeps the words that were typed."""
    every = [option(f"All of them ({len(held)})", ALL)] if len(unmap_metadata(owner, held)) <= METADATA_LIMIT else []
    shown = held[: MOST_OPTIONS - len(every)]
    more = f"{len(held)} profiles fit; these are the first {len(shown)}. More of the title narrows it down."
    element = {
        "type": "static_select",
        "action_id": PROFILE,
        "placeholder": plain("Choose a profile"),
        "options": [*(option(one.title, one.ref_id) for one in shown), *every],
    }
    return Modal(
        title=UNMAP_TITLE,
        name=CHOOSE_UNMAP,
        submit="Next",
        close="Cancel",
        metadata=f"{owner}:{words}",
        blocks=(
            section(f"<@{owner}> looks after several profiles."),
            form_input(PROFILE, "Which one is to be taken?", element),
            *((context(more),) if len(shown) < len(held) else ()),
        ),
    )


def unmap_confirmation(
    owner: UserId, chosen: Sequence[ProfileRef], *, held: Sequence[ProfileRef], live: Sequence[Card]
) -> Modal:
    """Ask to confirm that profiles are unmapped; or that links to them end, if they were unmapped before."""
    unmaps = any(one in held for one in chosen)
    question = f"Take {titles(chosen)} from <@{owner}>? {_what_is_left(chosen, held)}".rstrip()
    leftover = f"<@{owner}> no longer looks after {titles(chosen)}, but not all links to {_pronoun(chosen)} were ended."
    links = section(_live_links(live, ending_with="it" if unmaps else "this"))
    return Modal(
        title=UNMAP_TITLE,
        name=CONFIRM_UNMAP,
        submit=UNMAP_SUBMIT if unmaps else END_LINKS_SUBMIT,
        close="Cancel",
        metadata=unmap_metadata(owner, chosen),
        blocks=(section(question), links, context(UNMAP_NOTE)) if unmaps else (section(leftover), links),
    )


def unmap_metadata(owner: UserId, chosen: Sequence[ProfileRef]) -> str:
    """Name the owner and the profiles in the modal's metadata, which gives no rights."""
    return f"{owner}:{','.join(one.ref_id for one in chosen)}"


def unmap_result(result: RemovalResult) -> Message:
    """Tell the admin what was unmapped."""
    return _result(f"<@{result.owner}> no longer looks after {titles(result.removed)}.", result)


def unmapped_message(removed: Sequence[ProfileRef], *, left: Sequence[ProfileRef], by: str, command: str) -> Message:
    """Tell a person which profiles were unmapped, and what is left."""
    no_links = f"`{command}` makes no links for {_pronoun(removed)} any more."
    words = [f"{admin_name(by)} took {titles(removed)} from you: {no_links}"]
    if not left:
        words.append("You look after no profile now.")
    elif any(one.default for one in removed):
        words.append(f"Your default is {titles(left[:1])} now.")
    return sentence(" ".join(words))


def handover_form(
    old: UserId, held: Sequence[ProfileRef], *, new: UserId | None, live: Sequence[Card], changed: bool = False
) -> Modal:
    """Ask who takes over which profiles; `changed` is whether these differ from those shown before."""
    many = f"{len(held)} profiles" if len(held) > 1 else "one profile"
    default = f"Whoever takes over keeps their own default; without one it becomes {titles(held[:1])}."
    return Modal(
        title=HANDOVER_TITLE,
        name=CONFIRM_HANDOVER,
        submit=HAND_OVER.label,
        close="Cancel",
        metadata=handover_metadata(old, held),
        blocks=(
            *((section(HELD_CHANGED),) if changed else ()),
            section(f"<@{old}> looks after {many}."),
            _profiles(held) if len(held) <= MOST_OPTIONS else section(f"All {len(held)} are handed over together."),
            _successor(new),
            section(_live_links(live, ending_with="what is handed over")),
            context(f"{default} Both are told, unless somebody's account is deactivated."),
        ),
    )


def handover_metadata(old: UserId, held: Sequence[ProfileRef]) -> str:
    """Name the owner and a digest of the profiles shown: what was shown is what is handed over."""
    return f"{old}:{sha256(','.join(sorted(one.ref_id for one in held)).encode()).hexdigest()[:16]}"


def handover_result(result: RemovalResult, *, new: UserId) -> Message:
    """Tell the admin what was handed over."""
    return _result(f"<@{new}> looks after {titles(result.removed)} now, in place of <@{result.owner}>.", result)


def received_message(
    received: Sequence[ProfileRef], *, old: UserId, by: str, default: Sequence[ProfileRef], command: str
) -> Message:
    """Tell a person which profiles they received; there is no link in it."""
    said = f"{admin_name(by)} handed {titles(received)} over to you; so far <@{old}> looked after {_pronoun(received)}."
    return sentence(f"{said} `{command}` makes links for {titles(default)}, with a part of a title for another one.")


def handed_over_message(removed: Sequence[ProfileRef], *, new: UserId, by: str, command: str) -> Message:
    """Tell a person who took over from them."""
    said = f"{admin_name(by)} handed {titles(removed)} over from you to <@{new}>."
    return sentence(f"{said} `{command}` makes no links for {_pronoun(removed)} any more.")


def deactivated_message(user: UserId, held: Sequence[ProfileRef]) -> Message:
    """Ask an admin who takes over from a person whose account was deactivated."""
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
    return form_input(PROFILES, "Which profiles?", element)


def _successor(new: UserId | None) -> Block:
    chosen = {"initial_user": new} if new else {}
    element = {"type": "users_select", "action_id": SUCCESSOR, "placeholder": plain("Choose somebody"), **chosen}
    return form_input(SUCCESSOR, "Who takes over?", element)


def _pronoun(profiles: Sequence[ProfileRef]) -> str:
    return "it" if len(profiles) == 1 else "them"


def _what_is_left(chosen: Sequence[ProfileRef], held: Sequence[ProfileRef]) -> str:
    left = [one for one in held if one not in chosen]
    if not left:
        return "They look after no other profile."
    if any(one.default for one in chosen):
        default = "It is their default" if len(chosen) == 1 else "Their default is among them"
        return f"{default}; then {titles(left[:1])} is."
    return ""


def _live_links(live: Sequence[Card], *, ending_with: str) -> str:
    """Say how many links will end, and until when copies of links that can't be revoked work."""
    if not live:
        return "None of their links works at this moment."
    many = f"{len(live)} of their links work now and end" if len(live) > 1 else "One of their links works now and ends"
    return f"{many} with {ending_with}.{_copies([card for card in live if card.link.session_id is None])}"


def _result(done: str, result: RemovalResult) -> Message:
    """Say what was done, if anything, what became of the links, and what couldn't be done."""
    lines = [done] if result.removed else []
    if result.ended_cards:
        lines.append(_ended_links(result.ended_cards))
    if result.already_gone:
        lines.append(
            f"<@{result.owner}> didn't look after {titles(result.already_gone)} any more: somebody was faster."
        )
    if result.links_left:
        lines.append("I couldn't end all of their links that still work yet. I keep trying; each dies by itself, too.")
    if result.notified:
        lines.append(f"I've told {_people(result.notified)}.")
    if result.not_notified:
        lines.append(f"I couldn't send {_people(result.not_notified)} a message: please tell them yourself.")
    if result.notified_later:
        lines.append(f"I couldn't send {_people(result.notified_later)} a message yet; I keep trying.")
    return Message(text=" ".join(lines), blocks=(section("\n".join(lines)),))


def _people(users: Sequence[UserId]) -> str:
    return " and ".join(f"<@{user}>" for user in users)


def _ended_links(cards: Sequence[Card]) -> str:
    many = f"{len(cards)} of their links" if len(cards) > 1 else "One of their links"
    return f"{many} ended with it.{_copies([card for card in cards if not card.revoked])}"


def _copies(cards: Sequence[Card]) -> str:
    """Say until when copies of links that weren't revoked work."""
    if not cards:
        return ""
    last = max(cards, key=lambda card: card.link.expires_at)
    expires_at = last.link.expires_at
    until = date_and_time(expires_at) if expires_at - last.made_at > LONGEST_COUNTDOWN else clock_time(expires_at)
    which = "It" if len(cards) == 1 else f"{len(cards)} of them"
    copies = "until then whoever has a copy can use it"
    if all(card.can_be_revoked for card in cards):
        return f" Ayrshare hasn't taken {which.lower()} back yet. I keep trying; {copies}, until {until} at most."
    return f" {which} can't be taken back: whoever has a copy can use it until {until}."
