"""What the recipient of a request sees, and the form in which it is made; what its sender sees is in `sender_views.py`.

No message here brings a link: that is made when the recipient clicks. The note is shown as a quote, in which nothing
becomes a link or a mention.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.ayrshare.networks import OfferedNetworks, network_name
from bot.core.model import Block, Message, RefId, UserId
from bot.invitations.model import (
    HOUR,
    NOTE_LIMIT,
    POSTPONED_BY,
    POSTPONED_TO,
    SENDER_LIMIT,
    Invitation,
    Postponement,
)
from bot.profiles.model import ProfileStatus, Snapshot
from bot.profiles.views import profile_status
from bot.slack.actions import GET_LINK, MUTE, POSTPONE, RECONNECT_ASKED, SEND_FORM, SEND_PEOPLE, UNMUTE
from bot.slack.blocks import (
    MOST_OPTIONS,
    actions,
    button,
    confirmation,
    context,
    form_input,
    option,
    plain,
    quoted,
    section,
    sentence,
    telling,
    went_wrong,
)
from bot.slack.model import Modal
from bot.slack.text import date_and_time, several, titled

POSTPONE_LABELS = {
    Postponement.HOUR: f"In {POSTPONED_BY // HOUR} hour",
    Postponement.TOMORROW: f"Tomorrow at {POSTPONED_TO.hour}:{POSTPONED_TO:%M}",
    Postponement.WEEK: "Next week",
}
MADE_ON_CLICK = "You get a fresh link when you press the button. Only you can see it."
LINK_ON_CARD = "Your link is on the card already. Open it there."
MUTED = "You won't hear from me about requests or disconnected accounts, until you unmute."
STOPS = f"{MUTED} You can do that here or on Home."
MUTING = f"*{MUTE.label}* is for everyone's requests and all your profiles, until you unmute."

FORM_TITLE = "Ask a colleague"
PERSON, PROFILE, NOTE = "person", "profile", "note"
"""The form's blocks with inputs; errors stand under them."""
ANY_PROFILE = "any"
ANY_LABEL = "The one that needs attention"
ABOUT = "They get a direct message with a button. Only they see the link; I'll DM you when it's done."
HAVE_NONE = ("doesn't have a profile yet. An admin can give them one.", "don't have profiles yet. An admin can help.")
MANY_NETWORKS = 4
NOBODY_CHOSEN = "Choose people first. Then you'll see which profile this is about."


def asks_first(label: str, verb: str) -> Block:
    """Have a button ask before many people get a message at once."""
    said = "Everyone with a disconnected account gets a direct message. I leave out whoever was asked in the last day."
    return {"confirm": confirmation(f"{label}?", said, confirm=verb)}


@dataclass(frozen=True, slots=True)
class SendForm:
    """What the form shows: what was entered so far, and the `profiles` of these people by title."""

    people: Sequence[UserId] = ()
    profiles: Mapping[RefId, str] = field(default_factory=dict)
    profile: RefId | None = None
    note: str = ""
    warning: str = ""


def invitation_message(
    invitation: Invitation, seen: Snapshot | None, *, offered: OfferedNetworks, again: bool = False
) -> Message:
    """Ask the recipient, for the first time or `again`; `seen` is how the profile is, if that is known."""
    row = actions("invitation", _get_link(invitation, seen, offered), _postpone(invitation), _stop(invitation))
    opening = "Reminder: " if again else ""
    return _request(invitation, seen, offered, row, context(MADE_ON_CLICK), context(MUTING), opening=opening)


def postponed_message(invitation: Invitation, seen: Snapshot | None, *, offered: OfferedNetworks) -> Message:
    """Say when the invitation is delivered again; until then it can be answered, too."""
    again = context(f"I'll remind you {date_and_time(invitation.due_at)}.")
    row = actions("invitation", _get_link(invitation, seen, offered), _stop(invitation))
    return _request(invitation, seen, offered, row, again, context(MUTING))


def muted_message(invitation: Invitation) -> Message:
    """Confirm that these messages are muted, and offer to undo it."""
    return telling("Muted", MUTED, actions("invitation", button(UNMUTE, invitation.id)))


def resent_message(invitation: Invitation) -> Message:
    """Replace an earlier message by a note that the invitation was sent again."""
    return sentence(f"<@{invitation.sender}>'s request for {titled(invitation.title)} is below, sent again.")


def send_form(form: SendForm) -> Modal:
    """Ask the sender for people, one of their profiles if there are several, and a note."""
    people = {
        "type": "multi_users_select",
        "action_id": SEND_PEOPLE,
        "placeholder": plain("Choose people"),
        "max_selected_items": SENDER_LIMIT.count,
        **({"initial_users": list(form.people)} if form.people else {}),
    }
    note = {"type": "plain_text_input", "action_id": NOTE, "max_length": NOTE_LIMIT, "multiline": True}
    typed = {"initial_value": form.note} if form.note else {}
    return Modal(
        title=FORM_TITLE,
        name=SEND_FORM,
        submit="Send",
        close="Cancel",
        blocks=(
            *((went_wrong(form.warning),) if form.warning else ()),
            form_input(PERSON, "Who should connect their accounts?", people, optional=False, dispatch_action=True),
            _about(form),
            form_input(NOTE, "Note", note | typed, hint="Plain words, without links.", optional=True),
            context(ABOUT),
        ),
    )


def _about(form: SendForm) -> Block:
    """Say which profile it is about, or ask."""
    if len(form.profiles) > 1:
        return _profile_choice(form)
    if form.profiles:
        return section(f"This is about *{titled(next(iter(form.profiles.values())))}*.")
    if not form.people:
        return context(NOBODY_CHOSEN)
    return section(f"{several([f'<@{one}>' for one in form.people])} {HAVE_NONE[len(form.people) > 1]}")


def _profile_choice(form: SendForm) -> Block:
    named = sorted(form.profiles.items(), key=lambda one: one[1].casefold())[: MOST_OPTIONS - 1]
    options = [option(ANY_LABEL, ANY_PROFILE), *(option(title, ref_id) for ref_id, title in named)]
    chosen = next((one for one in options if one["value"] == form.profile), options[0])
    element = {"type": "static_select", "action_id": PROFILE, "options": options, "initial_option": chosen}
    return form_input(PROFILE, "Which profile?", element, optional=False)


def _request(
    invitation: Invitation, seen: Snapshot | None, offered: OfferedNetworks, *below: Block, opening: str = ""
) -> Message:
    broken = several([network_name(one) for one in _to_reconnect(seen, offered)], limit=MANY_NETWORKS)
    asked = f"asks you to {f'reconnect {broken}' if broken else 'connect your accounts'}."
    note = (quoted(invitation.note),) if invitation.note else ()
    status = profile_status(ProfileStatus(invitation.ref_id, invitation.title, seen)).partition("\n")[2]
    known = seen is not None and (seen.accounts or seen.disconnected) and status
    refused = offered.refusals(seen.to_reconnect) if seen else ""
    shown = (*((section(status),) if known else ()), *((context(refused),) if refused else ()))
    return telling(titled(invitation.title), f"{opening}<@{invitation.sender}> {asked}", *note, *shown, *below)


def _to_reconnect(seen: Snapshot | None, offered: OfferedNetworks) -> tuple[str, ...]:
    return offered.among(seen.to_reconnect) if seen else ()


def _get_link(invitation: Invitation, seen: Snapshot | None, offered: OfferedNetworks) -> Block:
    kind = RECONNECT_ASKED if _to_reconnect(seen, offered) else GET_LINK
    return button(kind, invitation.id, spoken=f"{kind.label} for {invitation.title}", style="primary")


def _stop(invitation: Invitation) -> Block:
    return {**button(MUTE, invitation.id), "confirm": confirmation(f"{MUTE.label}?", STOPS, confirm="Mute")}


def _postpone(invitation: Invitation) -> Block:
    options = [option(label, f"{invitation.id}:{when}") for when, label in POSTPONE_LABELS.items()]
    placeholder = plain("Remind me of this later")
    return {"type": "static_select", "action_id": POSTPONE, "placeholder": placeholder, "options": options}
