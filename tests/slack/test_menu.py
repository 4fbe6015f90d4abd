"""A choice from a ⋯ menu is a click on the button that it stands for."""

from typing import Any

import pytest

from bot.slack.actions import CANCEL_LINK, NEW_LINK
from bot.slack.menu import as_click, button_menu
from bot.slack.requests import read_click
from tests.clock import ManualClock
from tests.signed_requests import Signer


def chosen(option: Any) -> dict[str, Any]:
    user = {"id": "U0BEN0001", "team_id": "T0CONNECT"}
    action = {"type": "overflow", "action_id": "menu", "block_id": "card", "selected_option": option}
    return {"type": "block_actions", "user": user, "team": {"id": "T0CONNECT"}, "actions": [action]}


def test_a_choice_names_the_button_and_brings_its_value() -> None:
    _, cancel = button_menu((NEW_LINK, "card:1"), (CANCEL_LINK, "card:2 3"))["options"]
    body = as_click(chosen(cancel))
    assert cancel["text"]["text"] == CANCEL_LINK.label
    assert (body["actions"][0]["action_id"], body["actions"][0]["block_id"]) == (CANCEL_LINK.action_id, "card")
    assert read_click(body, now=ManualClock().now()).value == "card:2 3"


def test_other_payloads_stay_as_they_are() -> None:
    click = chosen(None) | {"actions": [{"type": "button", "action_id": NEW_LINK.action_id, "value": "x"}]}
    assert as_click(click) == click


@pytest.mark.parametrize("option", [None, "x", [], {}, {"value": None}, {"value": "no_such_button 1"}, {"value": " "}])
async def test_a_choice_of_nothing_known_is_acknowledged(signer: Signer, option: Any) -> None:
    action = {"type": "overflow", "action_id": "menu", "block_id": "b", "selected_option": option}
    answer = await signer.click("", user={"id": "U0BEN0001", "team_id": "T0CONNECT"}, action=action)
    assert answer == 200
