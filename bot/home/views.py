"""What the Home tab and `/connect list` say: everyone's profiles for an admin, one's own for everyone else.

https://docs.slack.dev/surfaces/app-home
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.model import Block, Button, Message
from bot.home.model import AGED, FILTERS, OverviewQuery, Page
from bot.profiles.model import ProfileHealth, ProfileStatus, Row
from bot.profiles.views import plain_status, profile_status
from bot.slack.actions import (
    CONNECT,
    FORGET_PROFILE,
    HOME_ALLOW,
    HOME_EVERYBODY,
    HOME_FILTER,
    HOME_MINE,
    HOME_NEXT,
    HOME_PERSON,
    HOME_PREVIOUS,
    HOME_SEARCH,
    LINK_FOR,
    LIST_NEXT,
    LIST_PREVIOUS,
    MAP,
    MAP_SOMEBODY,
    OWN_NEXT,
    OWN_PREVIOUS,
    STATUS_OF,
    UNMAP,
)
from bot.slack.blocks import actions, button, context, form_input, header, option, plain, section
from bot.slack.model import Home
from bot.slack.text import date_and_time, escaped, shortened

ALL_LABEL = "All"
FILTER_LABELS = {
    ProfileHealth.UNMAPPED: "Unmapped",
    ProfileHealth.NOTHING_LINKED: "Nothing linked",
    ProfileHealth.NEEDS_ATTENTION: "Needs attention",
    ProfileHealth.DISCONNECTED: "Disconnected",
    ProfileHealth.STALE: "Stale",
}
OVERVIEW_TITLE = "People and profiles"
SEARCH_BLOCK, FILTER_BLOCK, PERSON_BLOCK = "search", "filter", "person"
"""The block ids of Home's inputs."""
ALL = "all"
TEXT_LIMIT = 3000
DIVIDER: Block = {"type": "divider"}

NEVER_SEEN = "Not looked at yet."
STALE = "Stale: Ayrshare has deleted or suspended this profile, or changed its key. An admin has to map it again."
UNKNOWN_HERE = (
    "Ayrshare lists it, but I have no key for it yet: map it with its profile key, which Ayrshare's dashboard shows."
)
NOTHING_FITS = "Nothing fits. Search for something else, or for everything."
NOBODY_YET = (
    "Nobody looks after a profile yet. *Map somebody* gives a person a profile to look after; "
    "`python -m bot mappings import` on the bot's machine maps many at once."
)


def admin_home(
    page: Page, query: OverviewQuery, changes: Sequence[str], *, now: datetime, command: str, note: str = ""
) -> Home:
    """Draw everyone's profiles with what an admin can do about each, and the last changes."""
    rows = [block for row in page.rows for block in _admin_row(row, now=now)]
    lately = "\n".join(changes)
    blocks = (
        header(OVERVIEW_TITLE),
        *_warning(note),
        _search(query.words),
        actions(FILTER_BLOCK, _filter(query.only), button(MAP_SOMEBODY, style="primary")),
        *(_chosen_person(query) if query.person else _choose_person()),
        context(_row_count(page, query)),
        DIVIDER,
        *(rows or _no_rows(query)),
        *_page_buttons(page, query, previous=HOME_PREVIOUS, following=HOME_NEXT),
        *((DIVIDER, section(f"*Last changes*\n{lately}")) if lately else ()),
        context(f"*Link* shows you somebody's linking page. `{command} help` lists what can be typed."),
    )
    return Home(blocks, metadata=query.to_json())


def own_home(page: Page, *, now: datetime, command: str, note: str = "") -> Home:
    """Draw someone's own profiles, each with a button for a link."""
    about = (
        "Ayrshare posts to your social networks for you once you have signed in to them on its linking page. "
        f"*Connect*, or `{command}` in any channel, gets you a link to that page; it works for a few minutes only."
    )
    blocks = (
        header("Your profiles"),
        *_warning(note),
        *((context(f"{_span(page)}."),) if page.total > len(page.rows) else ()),
        *(block for row in page.rows for block in _own_row(row, now)),
        *_page_buttons(page, OverviewQuery(page=page.number), previous=OWN_PREVIOUS, following=OWN_NEXT),
        DIVIDER,
        context(about),
    )
    return Home(blocks, metadata=OverviewQuery(page=page.number).to_json())


def unmapped_home(message: Message, *, note: str = "") -> Home:
    """Tell someone without a profile what the bot is for, below a message on how to get one."""
    about = "I get people links to Ayrshare's linking page, where they sign in to the social networks it shall post to."
    return Home((header("Your profiles"), *_warning(note), *message.blocks, DIVIDER, context(about)))


def muted_home(home: Home) -> Home:
    """Add to Home that its person has muted the bot, and a button that ends it."""
    said = section("You get no messages from me when a colleague asks for your accounts, or when one falls off.")
    again = {**said, "block_id": "stopped", "accessory": button(HOME_ALLOW)}
    return replace(home, blocks=(*home.blocks, again))


def list_message(page: Page, query: OverviewQuery, *, now: datetime, command: str, note: str = "") -> Message:
    """Draw the same rows as an admin's Home in a message."""
    text = "\n".join((_row_count(page, query), *(_plain_row(row, now) for row in page.rows)))
    rows = [block for row in page.rows for block in _admin_row(row, now=now)]
    how = f"`{command} list` takes part of a title, a mention, or one of: {', '.join(FILTERS)}."
    blocks = (
        header(OVERVIEW_TITLE),
        *_warning(note),
        context(_row_count(page, query)),
        *(rows or _no_rows(query)),
        *_page_buttons(page, query, previous=LIST_PREVIOUS, following=LIST_NEXT),
        context(how),
    )
    return Message(text=shortened(text, limit=TEXT_LIMIT), blocks=blocks)


def _admin_row(row: Row, *, now: datetime) -> tuple[Block, Block]:
    owned = f"{row.user}:{row.ref_id}" if row.user else f":{row.ref_id}"
    buttons = [_row_button(MAP, row.user or "", row)]
    if row.user:
        buttons.append(_row_button(LINK_FOR, owned, row))
    if row.known:
        buttons.append(_row_button(STATUS_OF, owned, row))
    if row.user:
        buttons.append(_row_button(UNMAP, owned, row, style="danger"))
    if not row.user and row.snapshot and row.snapshot.stale:
        buttons.append(_row_button(FORGET_PROFILE, row.ref_id, row, style="danger"))
    return section(f"{_who(row)}: {_row_text(row, now=now)}"), actions(f"row:{owned}", *buttons)


def _own_row(row: Row, now: datetime) -> tuple[Block, Block]:
    connect = _row_button(CONNECT, row.ref_id, row, style="primary")
    return section(_row_text(row, now=now)), actions(f"own:{row.ref_id}", connect)


def _row_button(kind: Button, value: str, row: Row, *, style: str = "") -> Block:
    return button(kind, value, spoken=f"{kind.label}: {row.title}", style=style)


def _row_text(row: Row, *, now: datetime) -> str:
    """Return a profile's status, with the snapshot's moment if it is AGED."""
    seen = row.snapshot
    aged = f"\n_As of {date_and_time(seen.at)}._" if seen and now - seen.at >= AGED else ""
    return f"{profile_status(_status(row))}{aged}"


def _plain_row(row: Row, now: datetime) -> str:
    aged = f" As of {row.snapshot.at:%d %b %Y, %H:%M} UTC." if row.snapshot and now - row.snapshot.at >= AGED else ""
    return f"{_who(row)}: {plain_status(_status(row))}{aged}"


def _status(row: Row) -> ProfileStatus:
    if not row.known:
        return ProfileStatus(row.title, trouble=UNKNOWN_HERE)
    if row.snapshot is None:
        return ProfileStatus(row.title, trouble=row.trouble or NEVER_SEEN)
    trouble = STALE if row.snapshot.stale else row.trouble or None
    return ProfileStatus(row.title, row.snapshot.accounts, trouble, row.snapshot.disconnected)


def _who(row: Row) -> str:
    return f"<@{row.user}>" if row.user else "Nobody"


def _no_rows(query: OverviewQuery) -> tuple[Block, ...]:
    if query.on_page(0) != OverviewQuery():
        return (section(NOTHING_FITS),)
    return section(NOBODY_YET), actions("first", button(MAP_SOMEBODY, style="primary"))


def _row_count(page: Page, query: OverviewQuery) -> str:
    """Say what the query is for, and which rows of how many are shown."""
    rows = _span(page) if page.rows else "none"
    kind = query.only.capitalize() if query.only else "Everything"
    words = f" with “{escaped(query.words)}”" if query.words else ""
    person = f" of <@{query.person}>" if query.person else ""
    unseen = f" I have never looked at {page.unseen:,} more: *Status* does." if page.unseen else ""
    return f"{kind}{words}{person}: {rows}.{unseen}"


def _span(page: Page) -> str:
    return f"{page.start + 1:,} to {page.end:,} of {page.total:,}"


def _warning(note: str) -> tuple[Block, ...]:
    return (section(f":warning: {note}"),) if note else ()


def _page_buttons(page: Page, query: OverviewQuery, *, previous: Button, following: Button) -> tuple[Block, ...]:
    """Draw the buttons to the previous and the next page."""
    elements = []
    if page.number:
        elements.append(button(previous, query.on_page(page.number - 1).to_json()))
    if page.end < page.total:
        elements.append(button(following, query.on_page(page.number + 1).to_json()))
    return (actions("turn", *elements),) if elements else ()


def _search(words: str) -> Block:
    typed = {"initial_value": words} if words else {}
    element = {
        "type": "plain_text_input",
        "action_id": HOME_SEARCH,
        "placeholder": plain("Part of a title, or a member ID; then Enter"),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
        **typed,
    }
    return form_input(SEARCH_BLOCK, "Search", element, dispatch_action=True, optional=True)


def _filter(only: ProfileHealth | None) -> Block:
    options = {ALL: option(ALL_LABEL, ALL)} | {health: option(FILTER_LABELS[health], health) for health in FILTERS}
    return {
        "type": "static_select",
        "action_id": HOME_FILTER,
        "options": list(options.values()),
        "initial_option": options[only or ALL],
    }


def _choose_person() -> tuple[Block, ...]:
    select = {"type": "users_select", "action_id": HOME_PERSON, "placeholder": plain("Show one person")}
    return (actions(PERSON_BLOCK, select, button(HOME_MINE)),)


def _chosen_person(query: OverviewQuery) -> tuple[Block, ...]:
    everybody = button(HOME_EVERYBODY)
    only = section(f"Only what <@{query.person}> looks after.")
    return ({**only, "block_id": "one_person", "accessory": everybody},)
