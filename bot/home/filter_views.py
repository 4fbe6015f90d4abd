"""The inputs above an overview: which profiles to show, a search, one person."""

from collections.abc import Iterator

from bot.core.model import Block
from bot.home.model import Filter, OverviewQuery
from bot.slack.actions import HOME_EVERYBODY, HOME_FILTER, HOME_PERSON, HOME_SEARCH
from bot.slack.blocks import actions, button, form_input, option, plain, section

SEARCH_BLOCK, FILTER_BLOCK, PERSON_BLOCK = "search", "filter", "person"
"""The block ids of Home's inputs; a block has one at most."""
ALL = "all"
ALL_LABEL = "All, worst first"
FILTER_LABELS = {
    Filter.ATTENTION: "🔴 🟡 Needs attention",
    Filter.DISCONNECTED: "🔴 Disconnected",
    Filter.EXPIRING: "🟡 Expires soon",
    Filter.NOTHING_CONNECTED: "⚪ Nothing connected",
    Filter.CONNECTED: "🟢 Connected",
    Filter.REFUSED: "🔴 Refused by Ayrshare",
    Filter.UNMAPPED: "Unmapped",
}


def filter_select(only: Filter | None) -> Block:
    """Return the menu of the filters."""
    options = {ALL: option(ALL_LABEL, ALL)} | {one: option(FILTER_LABELS[one], one) for one in Filter}
    return {
        "type": "static_select",
        "action_id": HOME_FILTER,
        "options": list(options.values()),
        "initial_option": options[only or ALL],
    }


def search_inputs(query: OverviewQuery) -> Iterator[Block]:
    """Yield the search, and the choice of one person or who was chosen."""
    typed = {"initial_value": query.words} if query.words else {}
    element = {
        "type": "plain_text_input",
        "action_id": HOME_SEARCH,
        "placeholder": plain("Part of a title, then Enter"),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
        **typed,
    }
    yield form_input(SEARCH_BLOCK, "Search", element, dispatch_action=True, optional=True)
    if query.person:
        only = section(f"Only profiles of <@{query.person}>.")
        yield {**only, "block_id": "one_person", "accessory": button(HOME_EVERYBODY)}
    else:
        select = {"type": "users_select", "action_id": HOME_PERSON, "placeholder": plain("Show one person")}
        yield actions(PERSON_BLOCK, select)
