"""How far a `send @group` is and what came of it, for whoever sent it: numbers, nothing that is a member's alone."""

from bot.core.model import Message
from bot.invitations.group.model import GroupRequest, Progress, SkipReason
from bot.invitations.model import LINKED, Failure, InvitationState
from bot.slack.blocks import section

DELIVERED = (
    InvitationState.DELIVERED,
    InvitationState.POSTPONED,
    InvitationState.OPENED,
    InvitationState.STOPPED,
    InvitationState.UNANSWERED,
    LINKED,
)
SINCE = {
    LINKED: "Linked accounts",
    InvitationState.OPENED: "Fetched a link",
    InvitationState.POSTPONED: "To be reminded later",
    InvitationState.STOPPED: "Stopped such messages",
    InvitationState.UNANSWERED: "No answer within a week",
}
NOT_ASKED = {
    Failure.NOT_MAPPED: "No profile to link",
    Failure.OPTED_OUT: "No such messages wanted",
    Failure.DEACTIVATED: "Account deactivated",
    Failure.NOT_SERVED: "Guest, or otherwise not served",
    Failure.CANT_BE_MESSAGED: "Can't be sent messages by me",
    SkipReason.ASKED_ALREADY: "Asked already, today or for the same profile",
    SkipReason.CAPPED: "Not asked, because a thousand messages is what I send in a day",
    Failure.UNREADABLE: "The profile's stored key can't be read",
    SkipReason.BROKEN: "Not asked, because something went wrong that I don't know; the bot's log has it",
    Failure.SLACK_AWAY: "Not delivered, because Slack was out of reach",
}
"""What precedes a number, so that one fits as well as many."""


def sending_begun(sending: GroupRequest) -> Message:
    """Say at once that it has begun, and where to see how far it is."""
    many = f"{_people(sending.total)} in" if sending.total is not None else "everybody in"
    text = f"I'm asking {many} {_group(sending)}, one a second. I'll tell you in our direct message how far I am."
    return Message(text=text, blocks=(section(text),))


def sending_progress(sending: GroupRequest, progress: Progress) -> Message:
    """Tell how far it is, and once it is through, what came of it."""
    if sending.trouble:
        text = f"I couldn't ask {_group(sending)}: {sending.trouble}"
        return Message(text=text, blocks=(section(text),))
    counts = progress.counts
    arrived = sum(counts.get(word, 0) for word in DELIVERED)
    lines = [_headline(sending, progress), f"{arrived} got my message."]
    lines += [f"• {meaning}: {counts[word]}" for word, meaning in SINCE.items() if counts.get(word)]
    lines += [f"• {meaning}: {counts[word]}" for word, meaning in NOT_ASKED.items() if counts.get(word)]
    return Message(text=" ".join(lines[:2]), blocks=(section("\n".join(lines)),))


def _headline(sending: GroupRequest, progress: Progress) -> str:
    if progress.left or sending.total is None:
        done = sum(progress.counts.values())
        return f"I'm asking {_group(sending)}: {done} of {sending.total or 'all'} people so far."
    return f"I've asked {_group(sending)}: {_people(sending.total)}."


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _group(sending: GroupRequest) -> str:
    return f"<!subteam^{sending.group}>"
