"""What people in Slack see of client links: the form, the address, the receipt, the list."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.ayrshare.networks import network_name
from bot.cards.model import Card
from bot.client_links.model import (
    DEFAULT_DAYS,
    DEFAULT_USES,
    FEWEST_USES,
    LONGEST_DAYS,
    LONGEST_NAME,
    LONGEST_NOTE,
    MORE_DAYS,
    MORE_USES,
    MOST_USES,
    SHORTEST_DAYS,
    ClientLink,
    ClientLinkForm,
    ClientLinkId,
    Ending,
    NewClientLink,
)
from bot.core.model import Block, Message
from bot.people.views import admin_name
from bot.profiles.views import NONE_ALLOWS_ALL, NONE_CHOSEN, accounts, profile_options
from bot.slack.actions import CLIENT_LINK_FORM, CLIENT_LINK_MENU, CLIENT_LINK_PROFILE, CLIENT_LINKS, EXTEND_CLIENT_LINK
from bot.slack.blocks import (
    MOST_OPTIONS,
    actions,
    button,
    confirmation,
    context,
    form_input,
    menu,
    option,
    plain,
    section,
    telling,
    went_wrong,
)
from bot.slack.model import Modal
from bot.slack.text import date_and_time, escaped, span_in_words, titled

FORM_TITLE, LIST_TITLE = "Make a client link", "Client links"
ABOUT = "A client link works without Slack. You send it to your client, who connects accounts in a browser."
PROFILE, NETWORKS, DAYS, USES, CLIENT, NOTE = "profile", "networks", "days", "uses", "client", "note"
"""The blocks with inputs; errors are shown under them."""
EXTEND, REVOKE = "extend", "revoke"
"""What the button and the ⋯ menu below a client link do."""
AND = ":"
LONGER = replace(EXTEND_CLIENT_LINK, label=f"Extend by {span_in_words(timedelta(days=MORE_DAYS))}")
EXTENDS = f"*{LONGER.label}* adds {MORE_USES} uses, too. None works longer than {LONGEST_DAYS} days from now."
REVOKES = "It ends at once. You can't undo this, but you can make another."
SHOWN = 40
"""Client links in the list: a modal takes 100 blocks."""
STATES = {Ending.EXPIRED: "⚪ expired", Ending.USED_UP: "⚪ used up"}


def client_link_form(form: ClientLinkForm) -> Modal:
    """Ask which profile a client may connect accounts to, which networks, how long and how often."""
    return Modal(
        title=FORM_TITLE,
        name=CLIENT_LINK_FORM,
        submit="Make the link",
        close="Cancel",
        metadata=form.chosen or "",
        blocks=(
            *((went_wrong(form.warning),) if form.warning else ()),
            context(ABOUT),
            _profile(form),
            _networks(form),
            form_input(DAYS, "Days it works", _number(DAYS, SHORTEST_DAYS, LONGEST_DAYS, DEFAULT_DAYS)),
            form_input(USES, "How often it can be used", _number(USES, FEWEST_USES, MOST_USES, DEFAULT_USES)),
            _words(CLIENT, "Client's name", LONGEST_NAME),
            _words(NOTE, "Note", LONGEST_NOTE, multiline=True),
            *((actions("made", button(CLIENT_LINKS)),) if form.made else ()),
        ),
    )


def address_shown(new: NewClientLink) -> Modal:
    """Show the address, which is kept nowhere."""
    link = new.link
    said = f"Send this to {escaped(link.client) or 'your client'} to connect accounts to *{titled(link.title)}*:"
    times = "once" if link.most_uses == 1 else f"{link.most_uses} times"
    lasts = f"It works {times}, until {date_and_time(link.expires_at)}. I'll tell you when it's used."
    once = "Copy it now: I can't show it again. Anyone who has it can connect accounts to this profile."
    shown = section(f"{said}\n```{new.url.get_secret_value()}```")
    return Modal(title=FORM_TITLE, blocks=(shown, section(lasts), context(once)))


def not_shown() -> Message:
    """Say that a client link's address was made in vain: it can't be shown a second time."""
    said = "The window closed before I could show the address. Revoke that client link and make another."
    return Message(said, (section(said), actions("made", button(CLIENT_LINKS))))


def client_link_list(links: Sequence[ClientLink], *, now: datetime) -> Modal:
    """List client links, each with a menu."""
    if not links:
        return Modal(title=LIST_TITLE, blocks=(section("There are no client links."),))
    more = f"{len(links) - SHOWN} older ones aren't shown."
    rows = (block for link in links[:SHOWN] for block in _row(link, now=now))
    return Modal(title=LIST_TITLE, blocks=(context(EXTENDS), *rows, *((context(more),) if len(links) > SHOWN else ())))


def receipt(link: ClientLink, card: Card) -> Message:
    """Tell whoever made a client link, or has its profile, what its client did."""
    who = escaped(link.client) or "A client"
    whose = "your client link" if link.maker else f"a client link of {titled(link.sender)}"
    if card.connected:
        return telling(titled(card.title), f"{who} connected {accounts(card.connected)}.", sign="✅")
    ended = " They connected nothing." if not card.state.live else ""
    return telling(titled(card.title), f"{who} opened {whose}.{ended}")


def read_menu(value: str) -> tuple[str, ClientLinkId]:
    """Read what a menu is to do, and with which client link; neither proves any rights."""
    what, _, link = value.partition(AND)
    return what, ClientLinkId(link)


def _row(link: ClientLink, *, now: datetime) -> tuple[Block, ...]:
    """Draw a client link with *Extend*, and *Revoke* in a menu, which asks first."""
    networks = ", ".join(map(network_name, link.networks)) or "all networks"
    whom = f" for {escaped(link.client)}" if link.client else ""
    ending = link.ending(now)
    state = STATES[ending] if ending else f"🟢 works until {date_and_time(link.expires_at)}"
    asked = confirmation("Revoke this client link?", REVOKES, confirm="Revoke", danger=True)
    extend = button(LONGER, f"{EXTEND}{AND}{link.id}", spoken=f"{LONGER.label}: {link.title}")
    revoke = menu(CLIENT_LINK_MENU, option("Revoke this link", f"{REVOKE}{AND}{link.id}"), confirm=asked)
    by = admin_name(link.made_by) if link.maker else f"the app {titled(link.sender)}"
    used = f"Used {link.uses} of {link.most_uses} · by {by}"
    said = f"*{titled(link.title)}*{whom}: {networks}\n{state}\n{used}"
    return section(said), actions(f"client_link:{link.id}", extend, revoke)


def _profile(form: ClientLinkForm) -> Block:
    element: Block = {"action_id": CLIENT_LINK_PROFILE, "placeholder": plain("Choose a profile")}
    if form.chosen and form.chosen in form.profiles:
        element |= {"initial_option": profile_options({form.chosen: form.profiles[form.chosen]})[0]}
    if len(form.profiles) > MOST_OPTIONS:
        return form_input(PROFILE, "Profile", element | {"type": "external_select", "min_query_length": 0})
    options = profile_options(form.profiles)
    return form_input(PROFILE, "Profile", element | {"type": "static_select", "options": options})


def _networks(form: ClientLinkForm) -> Block:
    element = {
        "type": "multi_static_select",
        "action_id": NETWORKS,
        "placeholder": plain(NONE_CHOSEN),
        "options": [option(network_name(one), one) for one in form.networks],
    }
    return form_input(NETWORKS, "Allow only these networks", element, hint=NONE_ALLOWS_ALL, optional=True)


def _number(action_id: str, least: int, most: int, usual: int) -> Block:
    limits = {"min_value": str(least), "max_value": str(most), "initial_value": str(usual)}
    return {"type": "number_input", "action_id": action_id, "is_decimal_allowed": False, **limits}


def _words(block_id: str, label: str, longest: int, *, multiline: bool = False) -> Block:
    element = {"type": "plain_text_input", "action_id": block_id, "max_length": longest, "multiline": multiline}
    return form_input(block_id, label, element, hint="Your client reads it on the page.", optional=True)
