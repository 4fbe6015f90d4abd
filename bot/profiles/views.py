"""How profiles are shown: their accounts and status, their titles in a sentence, and the picker."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from bot.ayrshare.model import Account, Profile
from bot.ayrshare.networks import OfferedNetworks, network_name
from bot.core.matching import has_words, search_form
from bot.core.model import Block, Button, Message, RefId, UserId
from bot.profiles.model import TITLES_NAMED, WORST_FIRST, Disconnected, ProfileHealth, ProfileRef, ProfileStatus
from bot.slack.actions import ASK_ADMIN, CONNECT, DISMISS, PICK_PROFILE, RECONNECT
from bot.slack.blocks import MOST_OPTIONS, OPTION_LIMIT, actions, button, confirmation, context, option, plain, section
from bot.slack.mentions import as_seen
from bot.slack.text import ADDRESS, date, escaped, plain_date, several, shortened, told_apart

SIGNS = {
    ProfileHealth.DISCONNECTED: "🔴",
    ProfileHealth.STALE: "🔴",
    ProfileHealth.EXPIRING: "🟡",
    ProfileHealth.CONNECTED: "🟢",
    ProfileHealth.NOTHING_CONNECTED: "⚪",
    ProfileHealth.UNSEEN: "⚪",
}
"""A health's sign, which always stands beside its words."""
WORDS = {
    ProfileHealth.DISCONNECTED: "disconnected",
    ProfileHealth.STALE: "refused by Ayrshare",
    ProfileHealth.EXPIRING: "expires soon",
    ProfileHealth.CONNECTED: "connected",
    ProfileHealth.NOTHING_CONNECTED: "nothing connected",
    ProfileHealth.UNSEEN: "not checked yet",
}
Day = Callable[[datetime], str]
"""How a day is written: as a token that Slack draws, or plainly."""
NONE_CHOSEN, NONE_ALLOWS_ALL = "None chosen: all networks", "Choose none to allow all networks."
"""What is said of a choice of networks in which nothing is chosen."""
REFUSED = "🔴 Refused by Ayrshare: deleted, suspended, or it has a new key. Posts won't go out."
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


def profile_options(known: Mapping[RefId, str], *, words: str = "") -> list[Block]:
    """Offer the profiles in whose titles the words begin words, by title, and as many as Slack takes."""
    named = {ref_id: title.strip() or f"Profile {ref_id[:8]}" for ref_id, title in known.items()}  # never empty text
    sought, titles = search_form(as_seen(words)), [(search_form(title), ref_id) for ref_id, title in named.items()]
    matching = [(title, ref_id) for title, ref_id in titles if not sought or has_words(title, sought)]
    return [option(named[ref_id], ref_id) for _, ref_id in sorted(matching)[:MOST_OPTIONS]]


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


def status(statuses: Sequence[ProfileStatus], *, owner: UserId, offered: OfferedNetworks, left_out: int) -> Message:
    """Show each profile, worst first, with a button where there is something to do, and how many more there are."""
    ordered = sorted(statuses, key=lambda one: WORST_FIRST[one.health])
    rows = [block for nth, one in enumerate(ordered) for block in own_status(one, owner, offered, primary=not nth)]
    more = f"{left_out} more {'is' if left_out == 1 else 'are'} on my Home tab."
    text = "\n".join(map(plain_status, ordered))
    return Message(text=text, blocks=(*rows, *((context(more),) if left_out else ())))


def own_status(one: ProfileStatus, owner: UserId, offered: OfferedNetworks, *, primary: bool) -> tuple[Block, ...]:
    """Draw a profile for its owner, with the button that mends it, and a sentence on what no link may offer."""
    shown, mend = section(profile_status(one)), mend_button(one, owner, offered, primary=primary)
    refused = offered.refusals(one.to_reconnect)
    row = {**shown, "block_id": f"own:{one.ref_id}", **({"accessory": mend} if mend else {})}
    return (row, *((context(refused),) if refused else ()))


def mend_button(one: ProfileStatus, owner: UserId, offered: OfferedNetworks, *, primary: bool) -> Block | None:
    """Return what the owner of a profile can do about it: *Reconnect* where something needs a sign-in."""
    style = "primary" if primary else ""
    if one.to_reconnect:
        return reconnect_button(one, owner, offered, style=style)
    if one.health is ProfileHealth.STALE:
        return button(ASK_ADMIN, spoken=f"{ASK_ADMIN.label}: {one.title}", style=style)
    return button(CONNECT, one.ref_id, spoken=f"{CONNECT.label}: {one.title}", style=style)


def reconnect_button(
    one: ProfileStatus, owner: UserId, offered: OfferedNetworks, *, style: str, kind: Button = RECONNECT
) -> Block | None:
    """Return a button for a link for what needs a sign-in, unless no link may offer any of it."""
    networks = offered.among(one.to_reconnect)
    value = f"{owner}:{one.ref_id}:{','.join(networks)}"
    return button(kind, value, spoken=f"{kind.label} {one.title}", style=style) if networks else None


def plain_status(one: ProfileStatus) -> str:
    """Return a profile's status on one line without mrkdwn's tokens, for notifications and screen readers."""
    return f"{escaped(one.title)}: {' '.join(_told(one, plain_date))}"


def profile_status(one: ProfileStatus) -> str:
    """Return a profile's status in mrkdwn, a line each: what is wrong, what soon will be, and what works."""
    return "\n".join((f"*{escaped(one.title)}*", *_told(one, date)))


def _told(one: ProfileStatus, day: Day) -> Iterator[str]:
    if one.trouble:
        yield one.trouble
    seen = one.seen
    if seen is None or seen.stale:
        yield from [REFUSED] if seen else []
        return
    yield from (disconnected(dropped, day) for dropped in seen.disconnected)
    yield from (_expiring(linked, day) for linked in seen.expiring)
    if seen.working:
        yield f"{SIGNS[ProfileHealth.CONNECTED]} Connected: {accounts(seen.working)}."
    elif seen.health is ProfileHealth.NOTHING_CONNECTED:
        yield f"{SIGNS[ProfileHealth.NOTHING_CONNECTED]} Nothing connected yet."


def dismissed() -> str:
    """Confirm that an account was dismissed."""
    return "Dismissed. Nobody is warned or reminded of it, until it's connected and drops again."


def dismiss_button(dropped: Disconnected, ref_id: RefId, *, holder: str = "") -> Block:
    """Return the button that ends the listing of a disconnected account, after a confirmation.

    With a `holder` it works only while they have the profile.
    """
    name = told_apart(dropped.name, limit=OPTION_LIMIT)
    named = f"{network_name(dropped.network)} ({name})" if name else network_name(dropped.network)
    question = f"{named} stays disconnected. I won't list it or remind anyone, until it's connected and drops again."
    asks = confirmation(
        "Dismiss this warning for everyone?", f"{question} You can't undo this.", confirm="Dismiss", danger=True
    )
    value, spoken = f"{ref_id}:{dropped.network}:{holder}", f"{DISMISS.label}: {network_name(dropped.network)}"
    dismiss = button(DISMISS, value, spoken=spoken)
    return {**dismiss, "confirm": asks}


def disconnected(dropped: Disconnected, day: Day = date) -> str:
    """Return since when an account is disconnected, why, and what follows, in mrkdwn."""
    lost = f"{SIGNS[ProfileHealth.DISCONNECTED]} {account(dropped)} has been disconnected since {day(dropped.since)}"
    return f"{lost}{_why(dropped)}. {_consequence(dropped)}"


def since_when(lost: Sequence[Disconnected]) -> list[str]:
    """Return since when accounts are disconnected, and why, in mrkdwn, below what says of which networks they are."""
    if len(lost) == 1:  # its network was said just above
        name = f"{escaped(lost[0].name)}, disconnected since" if lost[0].name else "Disconnected since"
        return [f"{name} {date(lost[0].since)}{_why(lost[0])}."]
    sign = SIGNS[ProfileHealth.DISCONNECTED]
    return [f"{sign} {account(one)} since {date(one.since)}{_why(one)}." for one in lost]


def network_since(lost: Disconnected, day: Day = date) -> str:
    """Return which network is disconnected, since when and why, in mrkdwn, as one of several on a line."""
    why = _reason(lost)
    return f"{network_name(lost.network)} since {day(lost.since)}{f' ({why})' if why else ''}"


def _why(dropped: Disconnected) -> str:
    reason = _reason(dropped)
    return f": {reason}" if reason else ""


def _reason(dropped: Disconnected) -> str:
    words = " ".join(ADDRESS.sub("", dropped.reason).split())
    return escaped(shortened(words, limit=REASON_LIMIT)).removesuffix(".")


def _consequence(one: Account | Disconnected) -> str:
    return f"Posts to {network_name(one.network)} won't go out."


def _expiring(linked: Account, day: Day) -> str:
    by = f" by {day(linked.refresh_by)}" if linked.refresh_by else ""
    return f"{SIGNS[ProfileHealth.EXPIRING]} {account(linked)} expires soon. Reconnect{by} to keep posting."


def account(linked: Account | Disconnected) -> str:
    """Return a network and its account's name, in mrkdwn."""
    return f"{network_name(linked.network)} ({escaped(linked.name)})" if linked.name else network_name(linked.network)


def accounts(linked: Iterable[Account]) -> str:
    """Return several accounts, separated by commas."""
    return ", ".join(account(one) for one in linked)


def in_bold(titles: Sequence[str]) -> str:
    """Return the first titles in mrkdwn as they stand in a sentence, and how many more there are."""
    return several([f"*{escaped(told_apart(title, limit=OPTION_LIMIT))}*" for title in titles], limit=TITLES_NAMED)


def titles(held: Sequence[ProfileRef | Profile]) -> str:
    """Return the profiles' titles in mrkdwn as they stand in a sentence."""
    return in_bold([one.title for one in held])
