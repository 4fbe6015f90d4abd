"""What people see of a request: its recipient the invitation, its sender the form, the receipt and a group's progress.

No message here brings a link: that is made when the recipient clicks. The note is shown as plain text, so nothing in it
becomes a link or a mention. The sender sees nothing that is the recipient's alone.
"""

from collections.abc import Sequence

from bot.ayrshare.model import Account
from bot.cards.model import Card, CardState
from bot.core.model import Block, Message, UserId
from bot.invitations.model import (
    ANSWER_TIME,
    CONNECTED,
    DELIVERY_TIMEOUT,
    GROUP_INTERVAL,
    HOUR,
    NOTE_LIMIT,
    REMINDER_DELAY,
    REMINDER_TIME,
    WORKSPACE_LIMIT,
    Failure,
    GroupRequest,
    Invitation,
    InvitationState,
    Progress,
    Reminder,
    SkipReason,
    number_in_words,
    span_in_words,
)
from bot.profiles.model import ProfileStatus
from bot.profiles.views import accounts as accounts_in_words
from bot.profiles.views import profile_status
from bot.slack.actions import ALLOW_AGAIN, GET_LINK, REMIND_LATER, SEND_FORM, STOP_THESE
from bot.slack.blocks import actions, button, context, form_input, option, plain, section, sentence
from bot.slack.model import Modal
from bot.slack.text import clock_time, date_and_time, titled

REMINDER_LABELS = {
    Reminder.HOUR: f"In {REMINDER_DELAY // HOUR} hour",
    Reminder.TOMORROW: f"Tomorrow at {REMINDER_TIME.hour}:{REMINDER_TIME:%M}",
    Reminder.WEEK: "Next week",
}
MADE_ON_CLICK = (
    f"A link works for a few minutes only, so I make it when you press *{GET_LINK.label}*. Nobody else sees it."
)
LINK_ON_CARD = "Your link is on the card already. It says until when it works."
STOPPED = "I won't send you such messages any more, nor news of accounts that fell off."

FORM_TITLE = "Ask for accounts"
PERSON, NOTE = "person", "note"
"""The form's blocks with inputs; errors stand under them."""
ABOUT = (
    "I send them a direct message with a button to their linking page. The link is theirs alone: "
    "you hear from me what comes of it."
)

FAILURES = {
    Failure.NOT_MAPPED: "they no longer look after that profile.",
    Failure.OPTED_OUT: "they don't want me to send them such messages. Please write to them yourself.",
    Failure.DEACTIVATED: "their account is deactivated.",
    Failure.NOT_SERVED: "I serve only this workspace's own people.",
    Failure.CANT_BE_MESSAGED: "Slack doesn't let me send them messages. Please write to them yourself.",
    Failure.UNREADABLE: "the stored key of that profile can't be read. An operator has to check ENCRYPTION_KEYS.",
    Failure.SLACK_AWAY: f"Slack didn't take it for {span_in_words(DELIVERY_TIMEOUT)}. Please try again.",
    Failure.NO_MESSAGES: "Slack takes no direct messages from me. Please try again when an operator has mended that.",
    Failure.BROKEN: f"something of mine failed for {span_in_words(DELIVERY_TIMEOUT)}. Please try again.",
}
LINK_ENDS = {
    CardState.EXPIRED: "Their link has expired.",
    CardState.REPLACED: "Their link was replaced by a newer one.",
    CardState.CANCELLED: "Their link was cancelled.",
}

ANSWERS = {
    CONNECTED: "Linked accounts",
    InvitationState.OPENED: "Fetched a link",
    InvitationState.POSTPONED: "To be reminded later",
    InvitationState.STOPPED: "Stopped such messages",
    InvitationState.UNANSWERED: f"No answer within {span_in_words(ANSWER_TIME)}",
}
DELIVERED = (InvitationState.DELIVERED, *ANSWERS)
MOST = number_in_words(WORKSPACE_LIMIT.count)
NOT_ASKED = {
    Failure.NOT_MAPPED: "No profile to link",
    Failure.OPTED_OUT: "No such messages wanted",
    Failure.DEACTIVATED: "Account deactivated",
    Failure.NOT_SERVED: "Guest, or otherwise not served",
    Failure.CANT_BE_MESSAGED: "Can't be sent messages by me",
    SkipReason.ASKED_ALREADY: "Asked already, today or for the same profile",
    SkipReason.CAPPED: f"Not asked, because {MOST} messages is what I send in {span_in_words(WORKSPACE_LIMIT.window)}",
    Failure.UNREADABLE: "The profile's stored key can't be read",
    SkipReason.MENDED: "Not asked: their accounts are connected again",
    SkipReason.LEFT_GROUP: "Not in the group any more",
    SkipReason.GROUP_GONE: "Not asked, because Slack no longer shows me that group. It may have been switched off",
    SkipReason.SENDER_NO_ADMIN: "Not asked, because you are no admin any more",
    SkipReason.BROKEN: "Not asked, because something went wrong that I don't know; the bot's log has it",
    Failure.SLACK_AWAY: "Not delivered, because Slack was out of reach",
    Failure.NO_MESSAGES: "Not asked, because Slack takes no direct messages from me",
}


def invitation_message(invitation: Invitation, accounts: Sequence[Account] | None) -> Message:
    """Ask the recipient; `accounts` are the profile's, if known."""
    row = actions("invitation", _get_link(invitation), _remind_later(invitation), _stop(invitation))
    return Message(text=_text(invitation), blocks=(*_request(invitation, accounts), row, context(MADE_ON_CLICK)))


def postponed_message(invitation: Invitation, accounts: Sequence[Account] | None) -> Message:
    """Say when the invitation is delivered again; until then it can be answered, too."""
    again = section(f"I'll remind you {date_and_time(invitation.due_at)}.")
    row = actions("invitation", _get_link(invitation), _stop(invitation))
    return Message(text=_text(invitation), blocks=(*_request(invitation, accounts), again, row))


def stopped_message(invitation: Invitation) -> Message:
    """Confirm that these messages are muted, and offer to undo it."""
    again = button(ALLOW_AGAIN, invitation.id)
    return Message(text=STOPPED, blocks=(section(STOPPED), actions("invitation", again)))


def resent_message(invitation: Invitation) -> Message:
    """Replace an earlier message by a note that the invitation was sent again."""
    title = titled(invitation.title)
    return sentence(f"<@{invitation.sender}> asked you to link accounts for {title}. I sent this again below.")


def send_form(person: UserId | None) -> Modal:
    """Ask the sender for a recipient, with `person` chosen already if given, and for a note."""
    chosen = {"initial_user": person} if person else {}
    recipient = {"type": "users_select", "action_id": PERSON, "placeholder": plain("Choose somebody"), **chosen}
    note = {"type": "plain_text_input", "action_id": NOTE, "max_length": NOTE_LIMIT}
    return Modal(
        title=FORM_TITLE,
        name=SEND_FORM,
        submit="Send",
        close="Cancel",
        blocks=(
            form_input(PERSON, "Who shall link their accounts?", recipient, optional=False),
            form_input(NOTE, "Note", note, hint="Plain words, without links.", optional=True),
            context(ABOUT),
        ),
    )


def on_its_way(invitation: Invitation) -> Message:
    """Confirm a request, and say where its outcome will be told."""
    return sentence(
        f"I'm sending it to <@{invitation.recipient}>. I'll tell you in our direct message what comes of it."
    )


def receipt(invitation: Invitation, card: Card | None) -> Message:
    """Tell the sender the state of an invitation; `card` is the newest that came of it."""
    lines = [_subject(invitation), *_delivery(invitation), *_answer(invitation), *_link(card)]
    lines += [f"Linked: {accounts_in_words(invitation.connected)}."] if invitation.connected else []
    return Message(text=" ".join(lines), blocks=(section("\n".join(lines)),))


def group_confirmation(request: GroupRequest) -> Message:
    """Confirm a group request, and say where its progress will be told."""
    who = _people(request.total) if request.total is not None else "everybody"
    which = f"in {_group(request)}" if request.group else "with disconnected accounts"
    return sentence(
        f"I'm asking {who} {which}, one {span_in_words(GROUP_INTERVAL)}. "
        "I'll tell you in our direct message how far I am."
    )


def progress_message(request: GroupRequest, progress: Progress) -> Message:
    """Tell the sender how many members were asked, and the outcomes by number."""
    if request.error:
        return sentence(f"I couldn't ask {_group(request)}: {request.error}")
    counts = progress.counts
    lines = [_headline(request, progress), f"{sum(counts.get(outcome, 0) for outcome in DELIVERED)} got my message."]
    labels = (*ANSWERS.items(), *NOT_ASKED.items())
    counted = [f"• {label}: {counts[outcome]}" for outcome, label in labels if counts.get(outcome)]
    return Message(text=" ".join(lines), blocks=(section("\n".join(lines + counted)),))


def _request(invitation: Invitation, accounts: Sequence[Account] | None) -> tuple[Block, ...]:
    title = titled(invitation.title)
    asks = section(f"<@{invitation.sender}> asks you to sign in to your social networks for *{title}*.")
    note = ({"type": "section", "text": plain(invitation.note)},) if invitation.note else ()
    status = ProfileStatus(invitation.title, tuple(accounts or ()))
    return (asks, *note, *((section(profile_status(status)),) if accounts is not None else ()))


def _text(invitation: Invitation) -> str:
    return (
        f"<@{invitation.sender}> asks you to sign in to your social networks for {titled(invitation.title)}. "
        f"Press {GET_LINK.label} when you have a few minutes."
    )


def _get_link(invitation: Invitation) -> Block:
    spoken = f"{GET_LINK.label} for {invitation.title}"
    return button(GET_LINK, invitation.id, spoken=spoken, style="primary")


def _stop(invitation: Invitation) -> Block:
    return button(STOP_THESE, invitation.id, spoken="Send me no more messages like this")


def _remind_later(invitation: Invitation) -> Block:
    options = [option(label, f"{invitation.id}:{when}") for when, label in REMINDER_LABELS.items()]
    placeholder = plain("Remind me later")
    return {"type": "static_select", "action_id": REMIND_LATER, "placeholder": placeholder, "options": options}


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
    late = ["That is late: I couldn't work before."] if invitation.late else []
    return [f"Delivered{again} {date_and_time(invitation.delivered_at)}.", *late]


def _answer(invitation: Invitation) -> list[str]:
    at = f" {date_and_time(invitation.answered_at)}" if invitation.answered_at else ""
    match invitation.state:
        case InvitationState.POSTPONED:
            return [f"They want to be reminded {date_and_time(invitation.due_at)}."]
        case InvitationState.STOPPED:
            return [f"They stopped such messages{at}. Please write to them yourself."]
        case InvitationState.UNANSWERED:
            return [f"They didn't answer within {span_in_words(ANSWER_TIME)}."]
        case InvitationState.OPENED:
            return [f"They fetched a link{at}."]
        case _:
            return []


def _link(card: Card | None) -> list[str]:
    if card is None:
        return []
    opened = [f"They opened the linking page at {clock_time(card.opened_at)}."] if card.opened_at else []
    return [*opened, *([LINK_ENDS[card.state]] if card.state in LINK_ENDS else [])]


def _headline(request: GroupRequest, progress: Progress) -> str:
    if progress.left or request.total is None:
        asked = sum(progress.counts.values())
        return f"I'm asking {_group(request)}: {asked} of {request.total or 'all'} people so far."
    return f"I've asked {_group(request)}: {_people(request.total)}."


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _group(request: GroupRequest) -> str:
    return f"<!subteam^{request.group}>" if request.group else "everybody with disconnected accounts"
