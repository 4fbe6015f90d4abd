"""The modals of `/connect unmap` and `/connect handover`, and their results; what others are sent: told_views.py."""

from collections.abc import Sequence
from hashlib import sha256

from bot.cards.model import LONGEST_COUNTDOWN, Card
from bot.core.model import Block, Message, RefId, UserId
from bot.mappings.model import RemovalResult
from bot.profiles.model import ProfileRef
from bot.profiles.views import titles
from bot.slack.actions import CHOOSE_UNMAP, CONFIRM_HANDOVER, CONFIRM_UNMAP
from bot.slack.blocks import MOST_OPTIONS, alert, context, form_input, option, plain, section, telling, went_wrong
from bot.slack.model import Modal
from bot.slack.text import clock_time, date_and_time, pronoun

UNMAP_TITLE, HANDOVER_TITLE = "Unmap a profile", "Hand over profiles"
UNMAP_SUBMIT, END_LINKS_SUBMIT, HANDOVER_SUBMIT = "Unmap", "End links", "Hand over"
PROFILE, PROFILES, SUCCESSOR = "profile", "profiles", "to"
"""The blocks with inputs; errors are shown under them."""
ALL = "all"
METADATA_LIMIT = 3000
NONE_CHOSEN = "Choose at least one profile."
HELD_CHANGED = "Their profiles have changed meanwhile. This is what they have now."
UNMAP_NOTE = "The accounts stay connected, and posts go on. I'll tell them. You can map the profile again."
HANDOVER_NOTE = "I'll tell both. If whoever takes over has no profile yet, {default} becomes their default."


def unmap_choice(owner: UserId, held: Sequence[ProfileRef], *, words: str) -> Modal:
    """Ask which of several profiles to unmap; the metadata keeps the words that were typed."""
    all_fit = len(held) > 1 and len(unmap_metadata(owner, held)) <= METADATA_LIMIT
    every = [option(f"All of them ({len(held)})", ALL)] if all_fit else []
    shown = held[: MOST_OPTIONS - len(every)]
    more = f"These are the first {len(shown)} of {len(held)}. Type more of the title to find others."
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
            section(f"<@{owner}> has {'several profiles' if len(held) > 1 else 'one profile'}."),
            form_input(PROFILE, "Which one do you want to unmap?", element),
            *((context(more),) if len(shown) < len(held) else ()),
        ),
    )


def unmap_confirmation(
    owner: UserId, chosen: Sequence[ProfileRef], *, held: Sequence[ProfileRef], live: Sequence[Card]
) -> Modal:
    """Ask to confirm that profiles are unmapped; or that links to them end, if they were unmapped before."""
    unmaps = any(one in held for one in chosen)
    question = f"Unmap {titles(chosen)} from <@{owner}>? {_what_is_left(chosen, held)}".rstrip()
    leftover = f"<@{owner}> no longer has {titles(chosen)}, but some links to {pronoun(len(chosen))} still work."
    return Modal(
        title=UNMAP_TITLE,
        name=CONFIRM_UNMAP,
        submit=UNMAP_SUBMIT if unmaps else END_LINKS_SUBMIT,
        close="Cancel",
        metadata=unmap_metadata(owner, chosen),
        blocks=(
            section(question if unmaps else leftover),
            _live_links(live),
            *((context(UNMAP_NOTE),) if unmaps else ()),
        ),
    )


def unmap_metadata(owner: UserId, chosen: Sequence[ProfileRef]) -> str:
    """Name the owner and the profiles in the modal's metadata, which gives no rights."""
    return f"{owner}:{','.join(one.ref_id for one in chosen)}"


def unmap_result(result: RemovalResult) -> Message:
    """Tell the admin what was unmapped."""
    return _result(f"<@{result.owner}> no longer has {titles(result.removed)}.", result)


def handover_form(
    old: UserId,
    held: Sequence[ProfileRef],
    *,
    new: UserId | None,
    live: Sequence[Card],
    warning: str = "",
    chosen: Sequence[RefId] = (),
) -> Modal:
    """Ask who takes over which profiles: all, unless some are `chosen` already."""
    many = f"{len(held)} profiles" if len(held) > 1 else "one profile"
    offered = [one for one in held if one.ref_id in chosen] if chosen and len(held) > MOST_OPTIONS else held
    together = section(f"I hand all {len(held)} over together.")
    return Modal(
        title=HANDOVER_TITLE,
        name=CONFIRM_HANDOVER,
        submit=HANDOVER_SUBMIT,
        close="Cancel",
        metadata=handover_metadata(old, held),
        blocks=(
            *((went_wrong(warning),) if warning else ()),
            section(f"<@{old}> has {many}."),
            _profiles(offered, chosen) if len(offered) <= MOST_OPTIONS else together,
            _successor(new),
            _live_links(live),
            context(HANDOVER_NOTE.format(default=titles(held[:1]))),
        ),
    )


def handover_metadata(old: UserId, held: Sequence[ProfileRef]) -> str:
    """Name the owner and a digest of the profiles shown: what was shown is what is handed over."""
    return f"{old}:{sha256(','.join(sorted(one.ref_id for one in held)).encode()).hexdigest()[:16]}"


def handover_result(result: RemovalResult, *, new: UserId) -> Message:
    """Tell the admin what was handed over."""
    return _result(f"<@{new}> has {titles(result.removed)} now, in place of <@{result.owner}>.", result)


def _profiles(held: Sequence[ProfileRef], chosen: Sequence[RefId]) -> Block:
    options = [option(one.title.strip() or f"Profile {one.ref_id[:8]}", one.ref_id) for one in held]
    initial = [one for one in options if one["value"] in chosen]
    element = {
        "type": "multi_static_select",
        "action_id": PROFILES,
        "placeholder": plain("Choose profiles"),
        "options": options,
        "initial_options": initial or options,
    }
    return form_input(PROFILES, "Which profiles?", element)


def _successor(new: UserId | None) -> Block:
    chosen = {"initial_user": new} if new else {}
    element = {"type": "users_select", "action_id": SUCCESSOR, "placeholder": plain("Choose a person"), **chosen}
    return form_input(SUCCESSOR, "Who takes over?", element)


def _what_is_left(chosen: Sequence[ProfileRef], held: Sequence[ProfileRef]) -> str:
    left = [one for one in held if one not in chosen]
    if not left:
        return "They have no other profile."
    return f"Their default becomes {titles(left[:1])}." if any(one.default for one in chosen) else ""


def _live_links(live: Sequence[Card]) -> Block:
    """Say how many links will end for good, and until when copies of links that can't be revoked work."""
    if not live:
        return context("None of their links works right now.")
    links = f"the {len(live)} links they have now" if len(live) > 1 else "the link they have now"
    copies = _copies([one for one in live if one.link.session_id is None])
    return alert(f"This also cancels {links}, for good.{copies}")


def _result(done: str, result: RemovalResult) -> Message:
    """Say what was done, if anything, what became of the links, and what couldn't be done."""
    lines = [_ended_links(result.ended_cards)] if result.ended_cards else []
    if result.already_gone:
        lines.append(f"<@{result.owner}> had lost {titles(result.already_gone)} already: another admin was faster.")
    if result.links_left:
        lines.append("Some of their links still work. I keep trying to end them; each expires by itself, too.")
    if result.notified:
        lines.append(f"I told {_people(result.notified)}.")
    if result.not_notified:
        lines.append(f"Slack doesn't let me message {_people(result.not_notified)}. Tell them yourself.")
    if result.notified_later:
        lines.append(f"I couldn't message {_people(result.notified_later)} yet. I keep trying.")
    below = (section("\n".join(lines)),) if lines else ()
    if result.removed:
        return telling("Done", done, *below)
    return telling("Links ended" if result.ended_cards else "Nothing to take", lines[0], *_rest(lines))


def _rest(lines: Sequence[str]) -> tuple[Block, ...]:
    return (section("\n".join(lines[1:])),) if len(lines) > 1 else ()


def _people(users: Sequence[UserId]) -> str:
    return " and ".join(f"<@{user}>" for user in users)


def _ended_links(cards: Sequence[Card]) -> str:
    many = f"{len(cards)} of their links" if len(cards) > 1 else "One of their links"
    return f"{many} ended.{_copies([card for card in cards if not card.revoked])}"


def _copies(cards: Sequence[Card]) -> str:
    """Say until when copies of links that weren't revoked work."""
    if not cards:
        return ""
    last = max(cards, key=lambda card: card.link.expires_at)
    expires_at = last.link.expires_at
    until = date_and_time(expires_at) if expires_at - last.made_at > LONGEST_COUNTDOWN else clock_time(expires_at)
    if all(card.can_be_revoked for card in cards):
        return f" Ayrshare hasn't revoked {'it' if len(cards) == 1 else 'all'} yet: copies work until {until} at most."
    return f" Copies keep working until {until}."
