"""Messages, modals and Home as HTML: what can be used says what using it sends."""

import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from yarl import URL

from sandbox.drawing import Canvas, Names, desktop_notification, home, message_body, modal, phone_notification
from sandbox.slack.block_kit.blocks import HOME_BLOCKS, MESSAGE_BLOCKS, MODAL_BLOCKS
from sandbox.slack.block_kit.elements import ACCESSORIES, CONTEXT_ACTIONS_ELEMENTS, INPUT_ELEMENTS

NAMES = Names(users={"U1": "Ben Brandt"}, people={"U1": "Ben Brandt", "U2": "Cara Costa"}, places={"C1": "#general"})
CANVAS = Canvas(NAMES, id="x")
NOT_DRAWN = {"plan", "task_card", "file", "call", "data_table"}
"""Blocks that the bot never sends: they are named where they stand."""


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "block_id": "b", "elements": [{"action_id": "a", **element} for element in elements]}


def drawn(*blocks: dict[str, Any], canvas: Canvas = CANVAS) -> str:
    return message_body({"text": "", "blocks": list(blocks)}, canvas)


def sent(html: str) -> list[tuple[str, Any]]:
    """Return the control calls of an HTML's elements, and what they say."""
    urls = [URL(_attribute(tag, "fx-action")) for tag in re.findall(r"<[^>]*>", html) if "fx-action=" in tag]
    return [(url.path, json.loads(url.query["told"])) for url in urls]


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf' {name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def test_a_button_says_what_it_sends_and_that_it_sends_it_at_once() -> None:
    html = drawn(actions({"type": "button", "text": plain("Go <on>"), "style": "primary", "value": "1"}))
    assert 'class="button primary"' in html
    assert sent(html) == [("/control/click", {"action_id": "a", "block_id": "b"})]
    assert "Go &lt;on&gt;" in html


def test_a_button_with_an_address_is_a_link_in_a_tab_of_its_own() -> None:
    html = drawn(actions({"type": "button", "text": plain("Open"), "url": "https://a.example/?x=1&y=2"}))
    assert 'href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer"' in html


def test_a_confirmation_is_a_dialog_beside_its_button() -> None:
    confirm = {"title": plain("Sure?"), "text": plain("It ends."), "confirm": plain("End it"), "deny": plain("Keep it")}
    html = drawn(actions({"type": "button", "text": plain("End"), "confirm": confirm}))
    assert 'command="show-modal" commandfor="x-b-a-confirm"' in html
    dialog = re.search(r'<dialog id="x-b-a-confirm".*Sure\?.*It ends\..*Keep it.*End it.*</dialog>', html)
    assert dialog
    assert sent(html) == sent(dialog[0]) == [("/control/click", {"action_id": "a", "block_id": "b"})]


def test_each_entry_of_a_menu_has_a_confirmation_and_a_select_says_which_is_its_own() -> None:
    options = [{"text": plain(name), "value": name} for name in ("one", "the other")]
    asked = {"options": options, "confirm": {"title": plain("Sure?")}}
    html = drawn(actions({"type": "overflow", **asked}))
    openers = re.findall(r'command="show-modal" commandfor="([^"]*)"', html)
    assert openers == re.findall(r'<dialog id="([^"]*)"', html)
    assert [body["value"] for _, body in sent(html)] == ["one", "the other"]
    html = drawn(actions({"type": "overflow", **asked, "options": [options[0] | {"url": "https://a.example"}]}))
    assert [body["value"] for _, body in sent(html)] == ["one"]  # a link is sent at once
    assert "<dialog" not in html
    html = drawn(actions({"type": "static_select", **asked}))
    assert 'data-confirm="x-b-a-confirm"' in html
    assert sent(html) == [("/control/click", {"action_id": "a", "block_id": "b"})]


def test_a_select_shows_what_was_chosen_and_its_groups() -> None:
    options = [{"text": plain(name), "value": name.lower()} for name in ("One", "Two")]
    select = {"type": "static_select", "option_groups": [{"label": plain("Numbers"), "options": options}]}
    html = drawn(actions(select), canvas=Canvas(NAMES, "x", {"b": {"a": {"selected_option": options[1]}}}))
    assert '<optgroup label="Numbers">' in html
    assert '<option value="two" selected>Two</option>' in html


@pytest.mark.parametrize(("optional", "hidden"), [(True, ""), (False, " hidden")])
def test_a_choice_is_taken_back_only_in_an_optional_input(optional: bool, hidden: str) -> None:  # noqa: FBT001
    select = {"type": "static_select", "action_id": "a", "options": [{"text": plain("One"), "value": "one"}]}
    block = {"type": "input", "block_id": "b", "label": plain("L"), "element": select, "optional": optional}
    assert f'<option value="" selected{hidden}>' in drawn(block)
    assert '<option value="" selected hidden>' in drawn(actions(select))


def test_a_select_of_people_has_their_names() -> None:
    assert '<option value="U2" selected>Cara Costa</option>' in drawn(
        actions({"type": "users_select", "initial_user": "U2"})
    )


def test_an_input_has_a_label_a_hint_and_room_for_its_error() -> None:
    element = {"type": "plain_text_input", "action_id": "a", "multiline": True, "initial_value": "</textarea>"}
    block = {"type": "input", "block_id": "b", "label": plain("Note"), "element": element, "hint": plain("Short.")}
    html = modal(
        {"id": "V1", "title": plain("Ask"), "submit": plain("Send"), "blocks": [block]},
        replace(CANVAS, errors={"b": "Too <long>"}),
    )
    assert 'aria-invalid="true"' in html
    assert ">Too &lt;long&gt;</p>" in html
    assert '<label id="x-b-a-label" class="label" for="x-b-a">Note</label>' in html
    assert 'aria-describedby="x-b-a-hint x-b-a-error"' in html
    assert 'id="x-b-a-error" class="error" role="alert"' in html
    assert ">&lt;/textarea&gt;</textarea>" in html
    assert [call for call, _ in sent(html)] == ["/control/submit", "/control/close", "/control/close"]
    assert all(body == {"view_id": "V1"} for _, body in sent(html))
    assert 'role="dialog" aria-modal="true" aria-labelledby="x-title"' in html


def test_a_modal_without_a_submit_button_can_only_be_closed() -> None:
    html = modal({"title": plain("Done"), "submit": None, "close": plain("Close"), "blocks": []}, CANVAS)
    assert 'type="submit"' not in html
    assert [call.rpartition("/")[2] for call, _ in sent(html)] == ["submit", "close", "close"]


def test_a_message_without_blocks_shows_its_text() -> None:
    assert "<strong>hi</strong>" in message_body({"text": "*hi*", "blocks": []}, CANVAS)


def test_the_desktop_notifies_with_the_first_words_of_the_blocks_and_a_phone_with_the_text() -> None:
    first = {"type": "section", "text": {"type": "mrkdwn", "text": "*Acme*\nFor <@U1>"}}
    message = {"text": "Acme asks you", "blocks": [{"type": "divider"}, first, {"type": "header", "text": plain("x")}]}
    assert desktop_notification(message, NAMES) == "Acme\nFor @Ben Brandt"
    assert phone_notification(message, NAMES) == "Acme asks you"
    assert desktop_notification({"text": "only text"}, NAMES) == "only text"


@pytest.mark.parametrize("kind", sorted({*MESSAGE_BLOCKS, *MODAL_BLOCKS, *HOME_BLOCKS} - NOT_DRAWN))
def test_no_block_that_slack_takes_is_unknown_here(kind: str) -> None:
    image = {"type": "image", "image_url": "https://a.example/a.png", "alt_text": "A picture"}
    text = {"type": "mrkdwn", "text": "words"}
    body = {"text": "words" if kind == "markdown" else text, "label": text, "title": text, "alt_text": "A picture"}
    body |= {
        "element": {"type": "plain_text_input", "action_id": "a"},
        "video_url": "https://a.example/v",
        "name": text,
    }
    elements: list[Any] = {"actions": [], "context_actions": [], "carousel": [{"body": text}]}.get(kind, [image])
    if kind == "rich_text":
        elements = [{"type": "rich_text_section", "elements": [{"type": "text", "text": "words"}]}]
    html = home({"blocks": [{"type": kind, **body, "elements": elements}]}, CANVAS)
    assert "(a block of type" not in html


@pytest.mark.parametrize("kind", sorted({*ACCESSORIES, *INPUT_ELEMENTS, *CONTEXT_ACTIONS_ELEMENTS} - {"file_input"}))
def test_no_element_that_slack_takes_is_unknown_here(kind: str) -> None:
    feedback = {"text": plain("Good"), "value": "1"}
    element = {"type": kind, "text": plain("Go"), "options": [{"text": plain("One"), "value": "1"}], "alt_text": "A"}
    html = drawn(actions(element | {"positive_button": feedback, "negative_button": feedback}))
    assert f"({kind})" not in html
