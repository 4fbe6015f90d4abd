"""The Home tab: everything for an admin, their own profiles for everybody else.

https://docs.slack.dev/surfaces/app-home
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.model import Block, Message, RefId
from bot.home.model import FILTERS, OverviewQuery, Page
from bot.home.overview_views import counted, noted, nothing, row_blocks, row_text, span, turning
from bot.people.audit import AuditRow
from bot.people.views import audit_sentence
from bot.profiles.model import ProfileHealth, Row
from bot.slack.actions import (
    CONNECT,
    HOME_ALLOW,
    HOME_EVERYBODY,
    HOME_FILTER,
    HOME_MINE,
    HOME_NEXT,
    HOME_PERSON,
    HOME_PREVIOUS,
    HOME_SEARCH,
    MAP_SOMEBODY,
    OWN_NEXT,
    OWN_PREVIOUS,
)
from bot.slack.blocks import actions, button, context, header, option, plain, section
from bot.slack.model import Home

SEARCH, FILTER, PERSON = "search", "filter", "person"
"""The block ids under which what was entered comes back."""
ALL = "all"
FILTER_LABELS = {
    ProfileHealth.UNMAPPED: "Unmapped",
    ProfileHealth.NOTHING_LINKED: "Nothing linked",
    ProfileHealth.NEEDS_ATTENTION: "Needs attention",
    ProfileHealth.STALE: "Stale",
}
DIVIDER: Block = {"type": "divider"}


def admins_home(  # noqa: PLR0913 - by name
    page: Page,
    wanted: OverviewQuery,
    trail: Sequence[AuditRow],
    titles: Mapping[RefId, str],
    *,
    now: datetime,
    command: str,
    note: str = "",
) -> Home:
    """Draw people and profiles with what can be done about them, and what was done lately."""
    rows = [block for row in page.rows for block in row_blocks(row, now=now)]
    lately = "\n".join(audit_sentence(row, titles) for row in trail)
    blocks = (
        header("People and profiles"),
        *noted(note),
        *_controls(wanted),
        context(counted(page, wanted)),
        DIVIDER,
        *(rows or nothing(wanted)),
        *turning(page, wanted, previous=HOME_PREVIOUS, following=HOME_NEXT),
        *((DIVIDER, section(f"*Last changes*\n{lately}")) if lately else ()),
        context(f"*Link* shows you somebody's linking page. `{command} help` lists what can be typed."),
    )
    return Home(blocks, metadata=wanted.written())


def own_home(page: Page, *, now: datetime, command: str, note: str = "") -> Home:
    """Draw somebody's own profiles, each with a button to its linking page."""
    about = (
        "Ayrshare posts to your social networks for you once you have signed in to them on its linking page. "
        f"*Connect*, or `{command}` in any channel, gets you a link to that page; it works for a few minutes only."
    )
    blocks = (
        header("Your profiles"),
        *noted(note),
        *((context(f"{span(page)}."),) if page.total > len(page.rows) else ()),
        *(block for row in page.rows for block in _own_row(row, now)),
        *turning(page, OverviewQuery(page=page.number), previous=OWN_PREVIOUS, following=OWN_NEXT),
        DIVIDER,
        context(about),
    )
    return Home(blocks, metadata=OverviewQuery(page=page.number).written())


def unmapped_home(message: Message, *, note: str = "") -> Home:
    """Show somebody who looks after nothing what the bot is for, and whom to ask."""
    about = "I get people links to Ayrshare's linking page, where they sign in to the social networks it shall post to."
    return Home((header("Your profiles"), *noted(note), *message.blocks, DIVIDER, context(about)))


def stopped_home(home: Home) -> Home:
    """Add to Home that its person gets no messages, and a button to have them again."""
    said = section("You get no messages from me when a colleague asks for your accounts, or when one falls off.")
    again = {**said, "block_id": "stopped", "accessory": button(HOME_ALLOW)}
    return replace(home, blocks=(*home.blocks, again))


def _own_row(row: Row, now: datetime) -> tuple[Block, Block]:
    connect = button(CONNECT, row.ref_id, spoken=f"Connect: {row.title}", style="primary")
    return section(row_text(row, now=now)), actions(f"own:{row.ref_id}", connect)


def _controls(wanted: OverviewQuery) -> tuple[Block, ...]:
    return (
        _search(wanted.words),
        actions(FILTER, _filter(wanted.only), button(MAP_SOMEBODY, style="primary")),
        *(_one_person(wanted) if wanted.person else _anybody()),
    )


def _search(words: str) -> Block:
    typed = {"initial_value": words} if words else {}
    return {
        "type": "input",
        "block_id": SEARCH,
        "dispatch_action": True,
        "optional": True,
        "label": plain("Search"),
        "element": {
            "type": "plain_text_input",
            "action_id": HOME_SEARCH,
            "placeholder": plain("Part of a title, or a member ID; then Enter"),
            "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
            **typed,
        },
    }


def _filter(only: ProfileHealth | None) -> Block:
    options = {ALL: option("All", ALL)} | {kind: option(FILTER_LABELS[kind], kind) for kind in FILTERS}
    return {
        "type": "static_select",
        "action_id": HOME_FILTER,
        "options": list(options.values()),
        "initial_option": options[only or ALL],
    }


def _anybody() -> tuple[Block, ...]:
    select = {
        "type": "users_select",
        "action_id": HOME_PERSON,
        "placeholder": plain("Show one person"),
    }
    return (actions(PERSON, select, button(HOME_MINE)),)


def _one_person(wanted: OverviewQuery) -> tuple[Block, ...]:
    everybody = button(HOME_EVERYBODY)
    only = section(f"Only what <@{wanted.person}> looks after.")
    return ({**only, "block_id": "one_person", "accessory": everybody},)
