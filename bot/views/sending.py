"""How far a `send @group` is and what came of it, for whoever sent it: numbers, nothing that is a member's alone."""

from bot.invitations import LINKED, Failure, InvitationState
from bot.model import Message
from bot.sendings import Progress, Sending, Unasked
from bot.views.text import section

DELIVERED = (
    InvitationState.DELIVERED,
    InvitationState.POSTPONED,
    InvitationState.OPENED,
    InvitationState.STOPPED,
    InvitationState.UNANSWERED,
    LINKED,
)
SINCE = {
    LINKED: "linked accounts",
    InvitationState.OPENED: "fetched a link",
    InvitationState.POSTPONED: "want to be reminded later",
    InvitationState.STOPPED: "stopped such messages",
    InvitationState.UNANSWERED: "didn't answer within a week",
}
NOT_ASKED = {
    Failure.NOT_MAPPED: "look after no profile",
    Failure.OPTED_OUT: "want no such messages from me",
    Failure.DEACTIVATED: "are deactivated",
    Failure.NOT_SERVED: "are guests or others whom I don't serve",
    Failure.CANT_BE_MESSAGED: "can't be sent messages by me",
    Unasked.ASKED_ALREADY: "have been asked already, today or for the same profile",
    Unasked.CAPPED: "were not asked, because a thousand messages is what I send in a day",
    Failure.UNREADABLE: "have a profile whose stored key can't be read",
    Unasked.BROKEN: "were not asked, because something went wrong that I don't know; the bot's log has it",
    Failure.SLACK_AWAY: "didn't get it, because Slack was out of reach",
}


def sending_begun(sending: Sending) -> Message:
    """Say at once that it has begun, and where to see how far it is."""
    many = f"the {sending.total} people in" if sending.total is not None else "everybody in"
    text = f"I'm asking {many} {_group(sending)}, one a second. I'll tell you in our direct message how far I am."
    return Message(text=text, blocks=(section(text),))


def sending_progress(sending: Sending, progress: Progress) -> Message:
    """Tell how far it is, and once it is through, what came of it."""
    if sending.trouble:
        text = f"I couldn't ask {_group(sending)}: {sending.trouble}"
        return Message(text=text, blocks=(section(text),))
    counts = progress.counts
    arrived = sum(counts.get(word, 0) for word in DELIVERED)
    lines = [_headline(sending, progress), f"{arrived} got my message."]
    lines += [f"• {counts[word]} {meaning}" for word, meaning in SINCE.items() if counts.get(word)]
    lines += [f"{counts[word]} {meaning}." for word, meaning in NOT_ASKED.items() if counts.get(word)]
    return Message(text=" ".join(lines[:2]), blocks=(section("\n".join(lines)),))


def _headline(sending: Sending, progress: Progress) -> str:
    if progress.left or sending.total is None:
        done = sum(progress.counts.values())
        return f"I'm asking {_group(sending)}: {done} of {sending.total or 'all'} people so far."
    return f"I've asked {_group(sending)}: {sending.total} people."


def _group(sending: Sending) -> str:
    return f"<!subteam^{sending.group}>"
