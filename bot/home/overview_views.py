"""The rows of the overview, for the Home tab and for the list."""

from datetime import datetime, timedelta

from bot.core.model import Block, Button, Message
from bot.home.model import FILTERS, OverviewQuery, Page
from bot.profiles.model import ProfileStatus, Row
from bot.profiles.views import plain_status, profile_status
from bot.slack.actions import LINK_FOR, LIST_NEXT, LIST_PREVIOUS, MAP, MAP_SOMEBODY, STATUS_OF, UNMAP
from bot.slack.blocks import actions, button, context, header, section
from bot.slack.text import date_and_time, escaped, shortened

TEXT_LIMIT = 3000
AGED = timedelta(minutes=15)
"""From what age on what was seen carries the moment at which it was."""
NEVER_SEEN = "Not looked at yet."
STALE = "Stale: Ayrshare has deleted or suspended this profile, or changed its key. An admin has to map it anew."
UNKNOWN_HERE = (
    "Ayrshare lists it, but I have no key for it yet: map it with its profile key, which Ayrshare's dashboard shows."
)
NOTHING_FITS = "Nothing fits. Search for something else, or for everything."
NOBODY_YET = (
    "Nobody looks after a profile yet. *Map somebody* gives a person a profile to look after; "
    "`python -m bot mappings import` on the bot's machine maps many at once."
)


def list_message(page: Page, wanted: OverviewQuery, *, now: datetime, command: str, note: str = "") -> Message:
    """List profiles and who looks after them in a message."""
    said = "\n".join((counted(page, wanted), *(_plain(row, now) for row in page.rows)))
    rows = [block for row in page.rows for block in row_blocks(row, now=now)]
    how = f"`{command} list` takes part of a title, a mention, or one of: {', '.join(FILTERS)}."
    blocks = (
        header("People and profiles"),
        *noted(note),
        context(counted(page, wanted)),
        *(rows or nothing(wanted)),
        *turning(page, wanted, previous=LIST_PREVIOUS, following=LIST_NEXT),
        context(how),
    )
    return Message(text=shortened(said, limit=TEXT_LIMIT), blocks=blocks)


def row_blocks(row: Row, *, now: datetime) -> tuple[Block, Block]:
    """Draw one row of everybody's, with what an admin can do about it."""
    owned = f"{row.user}:{row.ref_id}" if row.user else f":{row.ref_id}"
    buttons = [_button(MAP, row.user or "", row)]
    if row.user:
        buttons.append(_button(LINK_FOR, owned, row))
    if row.known:
        buttons.append(_button(STATUS_OF, owned, row))
    if row.user:
        buttons.append(_button(UNMAP, owned, row, style="danger"))
    return section(f"{_who(row)}: {row_text(row, now=now)}"), actions(f"row:{owned}", *buttons)


def row_text(row: Row, *, now: datetime) -> str:
    """Say what is known of a row's profile, and as of when if that is a while ago."""
    seen = row.snapshot
    aged = f"\n_As of {date_and_time(seen.at)}._" if seen and now - seen.at >= AGED else ""
    return f"{profile_status(_status(row))}{aged}"


def nothing(wanted: OverviewQuery) -> tuple[Block, ...]:
    """Say what to do where there is no row."""
    if wanted.turned(0) != OverviewQuery():
        return (section(NOTHING_FITS),)
    return section(NOBODY_YET), actions("first", button(MAP_SOMEBODY, style="primary"))


def counted(page: Page, wanted: OverviewQuery) -> str:
    """Say which rows of how many are shown, and of what kind they are."""
    rows = span(page) if page.rows else "none"
    kind = wanted.only.capitalize() if wanted.only else "Everything"
    fitting = f" with “{escaped(wanted.words)}”" if wanted.words else ""
    of = f" of <@{wanted.person}>" if wanted.person else ""
    unseen = f" I have never looked at {page.unseen:,} more: *Status* does." if page.unseen else ""
    return f"{kind}{fitting}{of}: {rows}.{unseen}"


def span(page: Page) -> str:
    """Say which rows of how many are shown."""
    return f"{page.start + 1:,} to {page.end:,} of {page.total:,}"


def noted(note: str) -> tuple[Block, ...]:
    """Say on top what went wrong, if anything."""
    return (section(f":warning: {note}"),) if note else ()


def turning(page: Page, wanted: OverviewQuery, *, previous: Button, following: Button) -> tuple[Block, ...]:
    """Draw the buttons to the pages before and after this one, by the names of their actions."""
    elements = [
        *([button(previous, wanted.turned(page.number - 1).written())] if page.number else []),
        *([] if page.end >= page.total else [button(following, wanted.turned(page.number + 1).written())]),
    ]
    return (actions("turn", *elements),) if elements else ()


def _button(kind: Button, value: str, row: Row, *, style: str = "") -> Block:
    return button(kind, value, spoken=f"{kind.label}: {row.title}", style=style)


def _status(row: Row) -> ProfileStatus:
    if not row.known:
        return ProfileStatus(row.title, trouble=UNKNOWN_HERE)
    if row.snapshot is None:
        return ProfileStatus(row.title, trouble=row.trouble or NEVER_SEEN)
    return ProfileStatus(row.title, row.snapshot.accounts, trouble=STALE if row.snapshot.stale else row.trouble or None)


def _plain(row: Row, now: datetime) -> str:
    aged = f" As of {row.snapshot.at:%d %b %Y, %H:%M} UTC." if row.snapshot and now - row.snapshot.at >= AGED else ""
    return f"{_who(row)}: {plain_status(_status(row))}{aged}"


def _who(row: Row) -> str:
    return f"<@{row.user}>" if row.user else "Nobody"
