"""What the Home tab and `/connect list` say: everyone's profiles for an admin, one's own for everyone else.

https://docs.slack.dev/surfaces/app-home
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from bot.ayrshare.networks import OfferedNetworks
from bot.core.model import Block, Button, Message, UserId
from bot.home.filter_views import FILTER_BLOCK, filter_select, search_inputs
from bot.home.model import Filter, OverviewQuery, Page, Triage
from bot.home.row_views import admin_row, own_row, plain_row
from bot.invitations.views import asks_first
from bot.profiles.errors import PROFILE_IS
from bot.profiles.model import ProfileHealth
from bot.profiles.views import SIGNS, WORDS
from bot.slack.actions import (
    ASK_DISCONNECTED,
    CLIENT_LINKS,
    HOME_NEXT,
    HOME_PREVIOUS,
    LIST_NEXT,
    LIST_PREVIOUS,
    MAKE_CLIENT_LINK,
    MAP_A_PROFILE,
    OWN_NEXT,
    OWN_PREVIOUS,
    UNMUTE_AT_HOME,
)
from bot.slack.blocks import actions, button, context, header, section
from bot.slack.model import Home
from bot.slack.text import escaped, people_in_words, shortened

ADMIN_TITLE, OWN_TITLE = "Profiles", "Your profiles"
TEXT_LIMIT = 3000
DIVIDER: Block = {"type": "divider"}

URGENT = {ProfileHealth.DISCONNECTED, ProfileHealth.STALE, ProfileHealth.EXPIRING}
ALL_ASKED = "Everyone with a disconnected account was asked in the last day."
NO_MATCH = "No match."
ALL_GOOD = "All good: no profile needs attention."
ALL_MAPPED = "All good: every profile is mapped."
NOBODY_YET = "Nobody has a profile yet. Add the first one, or import many with `connectbot mappings import`."
CONNECTING = "Connect your accounts so that Ayrshare can post for you."
ABOUT_MAPPING = f"{PROFILE_IS} Whoever it's mapped to connects them."
ABOUT_CLIENT_LINKS = "A client link lets people outside Slack connect accounts to a profile."


def admin_home(
    page: Page, triage: Triage, query: OverviewQuery, changes: Sequence[str], *, now: datetime, note: str = ""
) -> Home:
    """Draw how all profiles are, then each with what an admin can do, worst first, and the last changes."""
    lately = "\n".join(changes)
    blocks = (
        header(ADMIN_TITLE),
        context(ABOUT_MAPPING),
        *_note(note),
        section(counts(triage)),
        _above(page, triage, query),
        *_whom_to_remind(triage),
        *(search_inputs(query) if _is_long(page, query) else ()),
        *_row_count(page, query),
        DIVIDER,
        *(admin_row(row, page.viewer, now=now, client_links=page.client_links) for row in page.rows),
        *_no_rows(page, query),
        *_page_buttons(page, query, previous=HOME_PREVIOUS, following=HOME_NEXT),
        *_client_links(page),
        *((DIVIDER, section(f"*Last changes*\n{lately}")) if lately else ()),
    )
    return Home(blocks, metadata=query.to_json())


def own_home(page: Page, *, owner: UserId, offered: OfferedNetworks, note: str = "") -> Home:
    """Draw someone's own profiles, worst first, each with its button."""
    query = OverviewQuery(page=page.number)
    rows = chain(*(own_row(row, owner, offered, primary=not nth) for nth, row in enumerate(page.rows)))
    blocks = (
        header(OWN_TITLE),
        *_note(note),
        *rows,
        *_row_count(page, query),
        *_page_buttons(page, query, previous=OWN_PREVIOUS, following=OWN_NEXT),
        *_client_links(page),
        DIVIDER,
        context(f"{PROFILE_IS} {CONNECTING}"),
    )
    return Home(blocks, metadata=query.to_json())


def unmapped_home(message: Message, *, note: str = "") -> Home:
    """Tell someone without a profile what the bot is for, below a message on how to get one."""
    return Home((header(OWN_TITLE), *_note(note), *message.blocks, DIVIDER, context(CONNECTING)))


def muted_home(home: Home) -> Home:
    """Add to Home that its person has muted the bot, and a button that ends it."""
    said = section("You've muted me. You won't hear of requests or disconnected accounts, until you unmute.")
    again = {**said, "block_id": "stopped", "accessory": button(UNMUTE_AT_HOME)}
    return replace(home, blocks=(*home.blocks, again))


def outdated(trouble: str) -> str:
    """Say why what is shown may not be true any more."""
    return f"{trouble} What you see is from earlier."


def list_message(page: Page, triage: Triage, query: OverviewQuery, *, now: datetime, note: str = "") -> Message:
    """Draw the same as an admin's Home in a message, without its inputs."""
    counted = counts(triage)
    text = "\n".join((f"{ADMIN_TITLE}: {counted.replace('*', '')}", *map(plain_row, page.rows)))
    blocks = (
        section(f"*{ADMIN_TITLE}*\n{counted}"),
        context(ABOUT_MAPPING),
        *_note(note),
        *([actions(FILTER_BLOCK, _ask(triage))] if triage.to_ask else ()),
        *_whom_to_remind(triage),
        *_row_count(page, query),
        DIVIDER,
        *(admin_row(row, page.viewer, now=now, client_links=page.client_links) for row in page.rows),
        *_no_rows(page, query),
        *_page_buttons(page, query, previous=LIST_PREVIOUS, following=LIST_NEXT),
    )
    return Message(text=shortened(text, limit=TEXT_LIMIT), blocks=blocks)


def counts(triage: Triage) -> str:
    """Say how many profiles have which health, on one line."""
    found = {health: triage.counts[health] for health in WORDS if triage.counts.get(health)}
    unmapped = [f"{triage.unmapped:,} unmapped"] if triage.unmapped else []
    if found.keys() == {ProfileHealth.CONNECTED} and found[ProfileHealth.CONNECTED] > 1:
        return " · ".join((f"🟢 All {found[ProfileHealth.CONNECTED]:,} profiles are connected.", *unmapped))
    return " · ".join((*(_counted(health, count) for health, count in found.items()), *unmapped)) or "No profiles yet."


def _counted(health: ProfileHealth, count: int) -> str:
    words = WORDS[health] if count == 1 else WORDS[health].replace("expires", "expire")
    words = f"with {words}" if health is ProfileHealth.NOTHING_CONNECTED else words
    counted = f"{count:,} {words}"
    return f"{SIGNS[health]} {f'*{counted}*' if health in URGENT else counted}"


def _above(page: Page, triage: Triage, query: OverviewQuery) -> Block:
    """Draw the buttons and the filter above the rows; one button is primary."""
    ask = [_ask(triage)] if triage.to_ask else []
    add = button(MAP_A_PROFILE, query.person or "", style="" if triage.to_ask else "primary")
    choice = [filter_select(query.only)] if page.total > 1 or query.only else []
    return actions(FILTER_BLOCK, *ask, add, *choice)


def _ask(triage: Triage) -> Block:
    label = f"{ASK_DISCONNECTED.label} ({triage.to_ask:,})"
    return button(replace(ASK_DISCONNECTED, label=label), style="primary") | asks_first(
        ASK_DISCONNECTED.label, "Remind"
    )


def _whom_to_remind(triage: Triage) -> tuple[Block, ...]:
    """Say whom *Remind everyone* reaches, and what nobody can reconnect."""
    not_offered = (context(triage.not_offered),) if triage.not_offered else ()
    if not triage.to_ask:
        return (*((context(ALL_ASKED),) if triage.broken_people else ()), *not_offered)
    others = triage.broken_people - triage.to_ask
    reached = f"*{ASK_DISCONNECTED.label}* messages {people_in_words(triage.to_ask)} with disconnected accounts."
    left_out = f" It leaves out {people_in_words(others)} asked in the last day." if others > 0 else ""
    return (context(reached + left_out), *not_offered)


def _is_long(page: Page, query: OverviewQuery) -> bool:
    return page.total > len(page.rows) or bool(query.words or query.person)


def _row_count(page: Page, query: OverviewQuery) -> tuple[Block, ...]:
    """Say what is shown of how much, unless everything is in sight."""
    if not page.rows or not _is_long(page, query):
        return ()
    words = f" for “{escaped(query.words)}”" if query.words else ""
    person = f" of <@{query.person}>" if query.person else ""
    return (context(f"{page.start + 1:,} to {page.end:,} of {page.total:,}{words}{person}, worst first."),)


def _client_links(page: Page) -> tuple[Block, ...]:
    if not page.client_links:
        return ()
    return (context(ABOUT_CLIENT_LINKS), actions("client_links", button(MAKE_CLIENT_LINK), button(CLIENT_LINKS)))


def _no_rows(page: Page, query: OverviewQuery) -> tuple[Block, ...]:
    if page.rows:
        return ()
    searched = query.words or query.person
    if searched or query.only in {Filter.NOTHING_CONNECTED, Filter.CONNECTED}:
        return (section(NO_MATCH),)
    return (section({None: NOBODY_YET, Filter.UNMAPPED: ALL_MAPPED}.get(query.only, ALL_GOOD)),)


def _note(note: str) -> tuple[Block, ...]:
    return (section(note),) if note else ()


def _page_buttons(page: Page, query: OverviewQuery, *, previous: Button, following: Button) -> tuple[Block, ...]:
    """Draw the buttons to the previous and the next page."""
    elements = []
    if page.number:
        elements.append(button(previous, query.on_page(page.number - 1).to_json()))
    if page.end < page.total:
        elements.append(button(following, query.on_page(page.number + 1).to_json()))
    return (actions("turn", *elements),) if elements else ()
