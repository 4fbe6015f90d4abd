"""An invitation in its recipient's direct message: who asks, in which words, for which profile, and what to do.

It brings no link: that is made when its recipient presses the button. The note is shown as plain text, so nothing in it
is a link and nobody is mentioned.
"""

from collections.abc import Sequence

from bot.ayrshare.model import Account
from bot.core.model import Block, Message
from bot.invitations.model import Invitation, Reminder
from bot.profiles.model import ProfileStatus
from bot.profiles.views import profile_status
from bot.slack.actions import ALLOW_AGAIN, GET_LINK, REMIND_LATER, STOP_THESE
from bot.slack.blocks import actions, button, context, option, plain, section
from bot.slack.text import date_and_time, titled

REMINDERS = {
    Reminder.HOUR: "In 1 hour",
    Reminder.TOMORROW: "Tomorrow at 9:00",
    Reminder.WEEK: "Next week",
}
FRESH = "A link works for a few minutes only, so I make it when you press *Get my link*. Nobody else sees it."
STOPPED = "I won't send you such messages any more, nor news of accounts that fell off."


def invitation_message(invitation: Invitation, accounts: Sequence[Account] | None) -> Message:
    """Ask its recipient; `accounts` are what is linked, where that is known."""
    row = actions("invitation", _get_link(invitation), _remind_later(invitation), _stop(invitation))
    return Message(text=_text(invitation), blocks=(*_asking(invitation, accounts), row, context(FRESH)))


def postponed_message(invitation: Invitation, accounts: Sequence[Account] | None) -> Message:
    """Say when it comes again; it can be answered until then, too."""
    row = actions("invitation", _get_link(invitation), _stop(invitation))
    again = section(f"I'll remind you {date_and_time(invitation.due_at)}.")
    return Message(text=_text(invitation), blocks=(*_asking(invitation, accounts), again, row))


def stopped_message(invitation: Invitation) -> Message:
    """Say that there will be no more of these, and how to have them again."""
    again = button(ALLOW_AGAIN, invitation.id)
    return Message(text=STOPPED, blocks=(section(STOPPED), actions("invitation", again)))


def sent_again(invitation: Invitation) -> Message:
    """Say on an earlier message that the same was sent again."""
    text = f"<@{invitation.sender}> asked you to link accounts for {_title(invitation)}. I sent this again below."
    return Message(text=text, blocks=(section(text),))


def note_blocks(note: str) -> tuple[Block, ...]:
    """Draw somebody's own words, if there are any."""
    return ({"type": "section", "text": plain(note)},) if note else ()


def _asking(invitation: Invitation, accounts: Sequence[Account] | None) -> tuple[Block, ...]:
    asks = section(f"<@{invitation.sender}> asks you to sign in to your social networks for *{_title(invitation)}*.")
    status = ProfileStatus(invitation.title, tuple(accounts or ()))
    linked = (section(profile_status(status)),) if accounts is not None else ()
    return (asks, *note_blocks(invitation.note), *linked)


def _text(invitation: Invitation) -> str:
    return (
        f"<@{invitation.sender}> asks you to sign in to your social networks for {_title(invitation)}. "
        "Press Get my link when you have a few minutes."
    )


def _title(invitation: Invitation) -> str:
    return titled(invitation.title)


def _get_link(invitation: Invitation) -> Block:
    spoken = f"Get my link for {invitation.title}"
    return button(GET_LINK, invitation.id, spoken=spoken, style="primary")


def _stop(invitation: Invitation) -> Block:
    return button(STOP_THESE, invitation.id, spoken="Send me no more messages like this")


def _remind_later(invitation: Invitation) -> Block:
    options = [option(label, f"{invitation.id}:{when}") for when, label in REMINDERS.items()]
    placeholder = plain("Remind me later")
    return {"type": "static_select", "action_id": REMIND_LATER, "placeholder": placeholder, "options": options}
