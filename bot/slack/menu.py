"""The ⋯ menu: each of its options stands for a button, and choosing one is a click on that.

https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element
"""

from typing import Any

from bot.core.model import Block, Button
from bot.slack.blocks import menu, option

MENU = "menu"


def button_menu(*choices: tuple[Button, str]) -> Block:
    """Return a ⋯ menu of buttons with their values, at most five."""
    return menu(MENU, *(option(button.label, f"{button.action_id} {value}") for button, value in choices))


def as_click(body: dict[str, Any]) -> dict[str, Any]:
    """Return a payload in which a choice from a ⋯ menu is a click on the button that it stands for."""
    action = (body.get("actions") or [{}])[0]
    if body.get("type") != "block_actions" or action.get("action_id") != MENU:
        return body
    chosen = action.get("selected_option")
    named = str(chosen.get("value") or "") if isinstance(chosen, dict) else ""
    action_id, _, value = named.partition(" ")
    clicked = {"type": "button", "action_id": action_id, "value": value, "block_id": action.get("block_id", "")}
    return body | {"actions": [clicked]}
