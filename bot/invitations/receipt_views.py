"""What became of an invitation, for whoever asked: no link, and nothing else that is its recipient's alone."""

from bot.cards.model import Card, CardState
from bot.core.model import Message
from bot.invitations.model import Failure, Invitation, InvitationState
from bot.profiles.views import accounts
from bot.slack.blocks import section
from bot.slack.text import clock_time, date_and_time, titled

FAILURES = {
    Failure.NOT_MAPPED: "they no longer look after that profile.",
    Failure.OPTED_OUT: "they don't want me to send them such messages. Please write to them yourself.",
    Failure.DEACTIVATED: "their account is deactivated.",
    Failure.NOT_SERVED: "I serve only this workspace's own people.",
    Failure.CANT_BE_MESSAGED: "Slack doesn't let me send them messages. Please write to them yourself.",
    Failure.UNREADABLE: "the stored key of that profile can't be read. An operator has to check ENCRYPTION_KEYS.",
    Failure.SLACK_AWAY: "Slack didn't take it for an hour. Please try again.",
}
LINK_ENDS = {
    CardState.EXPIRED: "Their link has expired.",
    CardState.REPLACED: "Their link was replaced by a newer one.",
    CardState.CANCELLED: "Their link was cancelled.",
}


def receipt(invitation: Invitation, card: Card | None) -> Message:
    """Tell how an invitation stands; `card` is the newest that came of it."""
    lines = [_subject(invitation), *_delivery(invitation), *_answer(invitation), *_link(card), *_linked(invitation)]
    return Message(text=" ".join(lines), blocks=(section("\n".join(lines)),))


def on_its_way(invitation: Invitation) -> Message:
    """Say at once that it is being sent, and where to hear of it."""
    text = f"I'm sending it to <@{invitation.recipient}>. I'll tell you in our direct message what comes of it."
    return Message(text=text, blocks=(section(text),))


def _subject(invitation: Invitation) -> str:
    title = titled(invitation.title)
    if invitation.failure:
        why = FAILURES[invitation.failure]
        return f"I couldn't ask <@{invitation.recipient}> to link accounts for *{title}*: {why}"
    return f"You asked <@{invitation.recipient}> to link accounts for *{title}*."


def _delivery(invitation: Invitation) -> list[str]:
    if invitation.delivered_at is None:
        return [] if invitation.failure else ["It is on its way."]
    again = " again" if invitation.deliveries > 1 else ""
    return [f"Delivered{again} {date_and_time(invitation.delivered_at)}."]


def _answer(invitation: Invitation) -> list[str]:
    at = f" {date_and_time(invitation.answered_at)}" if invitation.answered_at else ""
    match invitation.state:
        case InvitationState.POSTPONED:
            return [f"They want to be reminded {date_and_time(invitation.due_at)}."]
        case InvitationState.STOPPED:
            return [f"They stopped such messages{at}. Please write to them yourself."]
        case InvitationState.UNANSWERED:
            return ["They didn't answer within a week."]
        case InvitationState.OPENED:
            return [f"They fetched a link{at}."]
        case _:
            return []


def _link(card: Card | None) -> list[str]:
    if card is None:
        return []
    opened = [f"They opened the linking page at {clock_time(card.opened_at)}."] if card.opened_at else []
    return [*opened, *([LINK_ENDS[card.state]] if card.state in LINK_ENDS else [])]


def _linked(invitation: Invitation) -> list[str]:
    return [f"Linked: {accounts(invitation.connected)}."] if invitation.connected else []
