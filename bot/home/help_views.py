"""The smaller answers: a sentence, the usage, a choice of profiles, what is linked."""

from collections.abc import Iterable, Sequence

from bot.core.model import Account, Block, Message, Profile, ProfileStatus, UserId
from bot.slack.blocks.actions import ASK_ADMIN, MAP, PICK_PROFILE, SEND_TO
from bot.slack.blocks.elements import MOST_OPTIONS, actions, button, option, plain
from bot.slack.blocks.text import account, accounts, context, date, escaped, network, section

ASKERS_WITH_A_BUTTON = 40
"""A message holds 50 blocks."""


def sentence(text: str) -> Message:
    """Say one thing."""
    return Message(text=text, blocks=(section(text),))


def not_mapped(text: str) -> Message:
    """Say that somebody has no profile, and offer to ask for one."""
    return Message(
        text=text, blocks=(section(text), actions("ask", button("Ask an admin", ASK_ADMIN, style="primary")))
    )


def not_theirs(text: str, *, owner: UserId) -> Message:
    """Say that a link is somebody else's to open, and offer to ask them."""
    return Message(
        text=text, blocks=(section(text), actions("send", button("Send it to them", SEND_TO, owner, style="primary")))
    )


def asked_for_profiles(askers: Sequence[UserId], *, command: str) -> Message:
    """Tell an admin who would like to have a profile, each with a button to map one; several share one message."""
    people = ", ".join(f"<@{user}>" for user in askers)
    text = f"No Ayrshare profile is mapped to {people} yet, and they ask for one."
    rows = [_asker(user) for user in askers[:ASKERS_WITH_A_BUTTON]]
    return Message(text=text, blocks=(section(text), *rows, context(f"`{command} map @someone` does the same.")))


def _asker(user: UserId) -> Block:
    return section(f"<@{user}>") | {"accessory": button("Map a profile", MAP, user)}


def usage(lines: Iterable[tuple[str, str]], *, trouble: str | None = None) -> Message:
    """List what can be typed, as pairs of words and meaning; after a sentence if something was wrong."""
    listed = "\n".join(f"`{typed}`  {meaning}" for typed, meaning in lines)
    shown = f"{trouble}\n\nWhat you can type:\n{listed}" if trouble else f"What you can type:\n{listed}"
    note = "Slack runs no slash commands in threads: type it in the channel or in our direct message."
    return Message(text=shown, blocks=(section(shown), context(note)))


def picker(profiles: Sequence[Profile], *, owner: UserId) -> Message:
    """Ask which of several profiles is meant."""
    shown = profiles[:MOST_OPTIONS]
    question = "Which profile shall the link be for?"
    more = f"{len(profiles)} profiles fit; these are the first {len(shown)}. More of the title narrows it down."
    return Message(
        text=f"{question} {len(profiles)} fit.",
        blocks=(
            section(question),
            actions("picker", _choice(shown, owner)),
            *((context(more),) if len(profiles) > len(shown) else ()),
        ),
    )


def _choice(shown: Sequence[Profile], owner: UserId) -> Block:
    options = [option(profile.title, f"{owner}:{profile.ref_id}") for profile in shown]
    placeholder = plain("Choose a profile")
    return {"type": "static_select", "action_id": PICK_PROFILE, "placeholder": placeholder, "options": options}


def status(statuses: Sequence[ProfileStatus], *, left_out: int, command: str) -> Message:
    """Tell what is linked to each profile, and what needs attention by when."""
    rows = [profile_status(one) for one in statuses]
    more = (
        f"{left_out} more profiles are not shown. `{command} status` and a part of the title shows the ones you mean."
    )
    notes = (context(more),) if left_out else ()
    return Message(text="\n".join(map(plain_status, statuses)), blocks=(*map(section, rows), *notes))


def plain_status(one: ProfileStatus) -> str:
    """Say what is linked to a profile for notifications and screen readers, which know neither bold nor date tokens."""
    if one.trouble:
        return f"{escaped(one.title)}: {one.trouble}"
    said = [f"{account(linked)}{' needs attention' if linked.needs_attention else ''}" for linked in one.accounts]
    return f"{escaped(one.title)}: {', '.join(said) or 'nothing is linked yet'}."


def profile_status(one: ProfileStatus) -> str:
    """Say what is linked to a profile, and what needs attention by when, line by line."""
    lines = [f"*{escaped(one.title)}*"]
    healthy = [linked for linked in one.accounts if not linked.needs_attention]
    if one.trouble:
        lines.append(one.trouble)
    elif not one.accounts:
        lines.append("Nothing is linked yet.")
    if healthy:
        lines.append(f"Linked: {accounts(healthy)}.")
    lines += [_attention(linked) for linked in one.accounts if linked.needs_attention]
    return "\n".join(lines)


def _attention(linked: Account) -> str:
    by = f"by {date(linked.refresh_by)}" if linked.refresh_by else "now"
    return f"Needs attention {by}: {account(linked)}. Sign in to {network(linked.network)} again."
