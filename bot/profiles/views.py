"""How profiles are shown: their accounts and status, their titles in a sentence, and the picker."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.ayrshare.model import Account, Profile
from bot.ayrshare.networks import OfferedNetworks, network_name
from bot.core.model import Block, Message, RefId, UserId
from bot.profiles.model import TITLES_NAMED, Disconnected, ProfileHealth, ProfileRef, ProfileStatus
from bot.slack.actions import DISMISS, PICK_PROFILE, RECONNECT
from bot.slack.blocks import MOST_OPTIONS, OPTION_LIMIT, actions, button, confirmation, context, option, plain, section
from bot.slack.text import date, escaped, shortened, told_apart

STATES = {
    ProfileHealth.DISCONNECTED: "🔴 disconnected",
    ProfileHealth.STALE: "🔴 gone from Ayrshare",
    ProfileHealth.NEEDS_ATTENTION: "🟡 expires soon",
    ProfileHealth.IN_ORDER: "🟢 connected",
    ProfileHealth.NOTHING_LINKED: "⚪ nothing connected",
}
"""A health's sign and its words, of which neither stands alone."""
UNSEEN = "⚪ not checked yet"
REASON_LIMIT = 150
"""Characters of Ayrshare's reason."""


def picker(profiles: Sequence[Profile], *, owner: UserId, networks: Sequence[str] | None = None) -> Message:
    """Ask the person to pick one of several profiles, at most as many as a menu holds.

    The `networks` that they named go into the options' values.
    """
    shown = profiles[:MOST_OPTIONS]
    question = "Which profile?"
    more = f"{len(profiles)} profiles fit; these are the first {len(shown)}. More of the title narrows it down."
    return Message(
        text=f"{question} {len(profiles)} fit.",
        blocks=(
            section(question),
            *profile_menu(shown, owner=owner, networks=networks),
            *((context(more),) if len(profiles) > len(shown) else ()),
        ),
    )


def profile_menu(
    profiles: Sequence[Profile], *, owner: UserId, networks: Sequence[str] | None = None
) -> tuple[Block, ...]:
    """Return a menu of profiles, at most as many as it holds; a choice gets a link for that one and the networks."""
    return (actions("picker", _choice(profiles[:MOST_OPTIONS], owner, ",".join(networks or ()))),)


def _choice(shown: Sequence[Profile], owner: UserId, networks: str) -> Block:
    named = f":{networks}" if networks else ""
    options = [option(profile.title, f"{owner}:{profile.ref_id}{named}") for profile in shown]
    placeholder = plain("Choose a profile")
    return {"type": "static_select", "action_id": PICK_PROFILE, "placeholder": placeholder, "options": options}


def status(
    statuses: Sequence[ProfileStatus], *, owner: UserId, offered: OfferedNetworks, left_out: int, command: str
) -> Message:
    """Show the status of each profile, with a button to mend it, and how many more there are."""
    rows = [block for one in statuses for block in (section(profile_status(one)), *_mend(one, owner, offered))]
    more = (
        f"{left_out} more profiles are not shown. `{command} status` and a part of the title shows the ones you mean."
    )
    notes = (context(more),) if left_out else ()
    return Message(text="\n".join(map(plain_status, statuses)), blocks=(*rows, *notes))


def _mend(one: ProfileStatus, owner: UserId, offered: OfferedNetworks) -> tuple[Block, ...]:
    """Return *Reconnect* for what needs a new sign-in, and a sentence on what no link may offer."""
    networks = offered.among(one.to_reconnect)
    value = f"{owner}:{one.ref_id}:{','.join(networks)}"
    reconnect = button(RECONNECT, value, spoken=f"{RECONNECT.label} {one.title}", style="primary")
    buttons = (actions(f"mend:{one.ref_id}", reconnect),) if networks else ()
    refused = offered.refusals(one.to_reconnect)
    return (*((context(refused),) if refused else ()), *buttons)


def plain_status(one: ProfileStatus) -> str:
    """Return a profile's status without bold and date tokens, for notifications and screen readers."""
    if one.trouble:
        return f"{escaped(one.title)}: {one.trouble}"
    named = [f"{account(each)}{' needs attention' if each.needs_attention else ''}" for each in one.accounts]
    named += [f"{account(each)} is disconnected since {each.since:%d %b %Y}" for each in one.disconnected]
    return f"{escaped(one.title)}: {', '.join(named) or 'nothing is linked yet'}."


def profile_status(one: ProfileStatus) -> str:
    """Return a profile's status in mrkdwn: its accounts, then a line for each that needs attention."""
    lines = [f"*{escaped(one.title)}*"]
    healthy = [linked for linked in one.accounts if not linked.needs_attention]
    if one.trouble:
        lines.append(one.trouble)
    elif not one.accounts and not one.disconnected:
        lines.append("Nothing is linked yet.")
    if healthy:
        lines.append(f"Linked: {accounts(healthy)}.")
    lines += [_attention(linked) for linked in one.accounts if linked.needs_attention]
    lines += [disconnected(dropped) for dropped in one.disconnected]
    return "\n".join(lines)


def dismissible_status(one: ProfileStatus, ref_id: RefId, owner: UserId, offered: OfferedNetworks) -> Message:
    """Show a profile's status to an admin, who can dismiss what is disconnected, or reconnect it for its `owner`."""
    rest = replace(one, disconnected=())
    nothing_else = not one.accounts and not one.trouble
    shown = section(f"*{escaped(one.title)}*" if nothing_else and one.disconnected else profile_status(rest))
    dropped = (_dismissible(dropped, ref_id) for dropped in one.disconnected)
    return Message(plain_status(one), (shown, *dropped, *(_mend(one, owner, offered) if owner else ())))


def _dismissible(dropped: Disconnected, ref_id: RefId) -> Block:
    return section(disconnected(dropped), dismiss_button(dropped, ref_id))


def dismiss_button(dropped: Disconnected, ref_id: RefId) -> Block:
    """Return the button that ends the listing of a disconnected account, after a confirmation."""
    name = told_apart(dropped.name, limit=OPTION_LIMIT)
    named = f"{network_name(dropped.network)} ({name})" if name else network_name(dropped.network)
    question = f"{named} won't be listed as disconnected any more, until it has been connected again."
    confirm = confirmation("Dismiss it?", question, confirm="Dismiss", deny="Keep")
    dismiss = button(DISMISS, f"{ref_id}:{dropped.network}", spoken=f"{DISMISS.label} {network_name(dropped.network)}")
    return {**dismiss, "confirm": confirm}


def disconnected(dropped: Disconnected) -> str:
    """Return since when an account is disconnected, why, and what follows, in mrkdwn."""
    reason = escaped(shortened(" ".join(dropped.reason.split()), limit=REASON_LIMIT))
    why = f": {reason.removesuffix('.')}" if reason else ""
    consequence = f"Posts to {network_name(dropped.network)} won't go out until it's connected again."
    return f":red_circle: {account(dropped)} is disconnected since {date(dropped.since)}{why}. {consequence}"


def _attention(linked: Account) -> str:
    by = f"by {date(linked.refresh_by)}" if linked.refresh_by else "now"
    return f"Needs attention {by}: {account(linked)}. Sign in to {network_name(linked.network)} again."


def state_in_words(health: ProfileHealth | None) -> str:
    """Return the sign of a profile's health, and its words: "🟢 connected"."""
    return STATES.get(health, UNSEEN) if health else UNSEEN


def account(linked: Account | Disconnected) -> str:
    """Return a network and its account's name, in mrkdwn."""
    return f"{network_name(linked.network)} ({escaped(linked.name)})" if linked.name else network_name(linked.network)


def accounts(linked: Iterable[Account]) -> str:
    """Return several accounts, separated by commas."""
    return ", ".join(account(one) for one in linked)


def titles(held: Sequence[ProfileRef | Profile]) -> str:
    """Return the profiles' titles in mrkdwn, separated by commas."""
    named = ", ".join(f"*{escaped(told_apart(one.title, limit=OPTION_LIMIT))}*" for one in held[:TITLES_NAMED])
    more = len(held) - TITLES_NAMED
    return f"{named} and {more} more" if more > 0 else named
