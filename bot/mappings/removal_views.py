"""What unmapping and handing over have in common: profiles are taken from somebody, and links end with it."""

from collections.abc import Sequence

from bot.cards.model import LONGEST_COUNTDOWN, Card
from bot.core.model import Message, UserId
from bot.mappings.model import RemovalResult
from bot.profiles.model import ProfileRef
from bot.profiles.views import titles
from bot.slack.blocks import section
from bot.slack.text import clock_time, date_and_time


def it(held: Sequence[ProfileRef]) -> str:
    """Return the word for profiles that were named already."""
    return "it" if len(held) == 1 else "them"


def links_now(live: Sequence[Card], *, what: str = "it") -> str:
    """Say how many links end with `what`, and how long a copy of one that can't be taken back goes on working."""
    if not live:
        return "None of their links works at this moment."
    many = f"{len(live)} of their links work now and end" if len(live) > 1 else "One of their links works now and ends"
    return f"{many} with {what}.{_copies([card for card in live if card.link.session_id is None])}"


def outcome_message(done: str, outcome: RemovalResult) -> Message:
    """Say what came of it: what was done, if anything, what became of the links, and what couldn't be done."""
    lines = [*([done] if outcome.removed else []), *_what_else(outcome)]
    return Message(text=" ".join(lines), blocks=(section("\n".join(lines)),))


def _what_else(outcome: RemovalResult) -> list[str]:
    lines = [_ended(outcome.ended_cards)] if outcome.ended_cards else []
    if outcome.already_gone:
        lines.append(
            f"<@{outcome.owner}> didn't look after {titles(outcome.already_gone)} any more: somebody was faster."
        )
    if outcome.links_left:
        lines.append("I couldn't end all of their links that still work. Each dies by itself at the time on its card.")
    if outcome.notified:
        lines.append(f"I've told {_people(outcome.notified)}.")
    if outcome.not_notified:
        lines.append(f"I couldn't send {_people(outcome.not_notified)} a message: please tell them yourself.")
    return lines


def _people(users: Sequence[UserId]) -> str:
    return " and ".join(f"<@{user}>" for user in users)


def _ended(ended: Sequence[Card]) -> str:
    many = f"{len(ended)} of their links" if len(ended) > 1 else "One of their links"
    return f"{many} ended with it.{_copies([card for card in ended if not card.revoked])}"


def _copies(cards: Sequence[Card]) -> str:
    """Say how long copies of links that weren't taken back go on working."""
    if not cards:
        return ""
    last = max(cards, key=lambda card: card.link.expires_at)
    moment = last.link.expires_at
    until = date_and_time(moment) if moment - last.made_at > LONGEST_COUNTDOWN else clock_time(moment)
    which_ones = "It" if len(cards) == 1 else f"{len(cards)} of them"
    return f" {which_ones} can't be taken back: whoever has a copy can use it until {until}."
