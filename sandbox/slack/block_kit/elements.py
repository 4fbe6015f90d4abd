"""Limits of block elements: https://docs.slack.dev/reference/block-kit/block-elements."""

from sandbox.slack.block_kit.checks import (
    Check,
    anything,
    either,
    listing,
    record,
    string,
    text,
    web_address,
    word,
)

ID = string(255)
CONFIRM = record(
    {"title": text(100, plain=True), "text": text(300)},
    {"confirm": text(30, plain=True), "deny": text(30, plain=True), "style": word("primary", "danger")},
)
ACTING = {"action_id": ID, "confirm": CONFIRM}
PLACEHOLDER = {"placeholder": text(150, plain=True)}


def _option(**more: Check) -> Check:
    return record({"text": text(75), "value": string(150)}, {"description": text(75), **more})


OPTION = _option()
OPTIONS = listing(OPTION, most=100)
GROUP = record({"label": text(75, plain=True), "options": OPTIONS}, {})
GROUPED = {"options": OPTIONS, "option_groups": listing(GROUP, most=100)}
TEN_OPTIONS = listing(OPTION, most=10)

BUTTON = record(
    {"text": text(75, plain=True)},
    {
        **ACTING,
        "value": string(2000, least=0),
        "url": web_address,
        "style": word("primary", "danger"),
        "accessibility_label": string(75),
        "visible_to_user_ids": listing(string(255), most=100),
    },
)
ICON_BUTTON = record({"text": text(75, plain=True), "icon": string(255)}, {**ACTING, "value": string(2000, least=0)})
FEEDBACK = record({"text": text(75, plain=True), "value": string(2000)}, {"accessibility_label": string(75)})
FEEDBACK_BUTTONS = record({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, {"action_id": ID})
WORKFLOW_BUTTON = record({"text": text(75, plain=True), "workflow": anything}, ACTING)
IMAGE = either(
    record({"alt_text": string(2000)}, {"image_url": web_address, "slack_file": anything}),
    "image_url",
    "slack_file",
)
OVERFLOW = record({"options": listing(_option(url=web_address), most=5)}, ACTING)
PICKED = record({}, {**ACTING, **PLACEHOLDER})
STATIC = either(record({}, {**ACTING, **PLACEHOLDER, **GROUPED}), "options", "option_groups")
MARKED = record({"options": TEN_OPTIONS}, ACTING)
TYPED = record({}, {**ACTING, **PLACEHOLDER, "initial_value": string(3000, least=0)})

SELECTS = {
    f"{several}{kind}_select": STATIC if kind == "static" else PICKED
    for several in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
}
PICKERS = {"datepicker": PICKED, "timepicker": PICKED, "datetimepicker": PICKED}
MARKS = {"checkboxes": MARKED, "radio_buttons": MARKED}
IN_ACTIONS = {
    "button": BUTTON,
    "workflow_button": WORKFLOW_BUTTON,
    "overflow": OVERFLOW,
    **SELECTS,
    **PICKERS,
    **MARKS,
}
AS_ACCESSORY = {**IN_ACTIONS, "image": IMAGE}
IN_CONTEXT = {"image": IMAGE, "mrkdwn": text(3000), "plain_text": text(3000)}
IN_CONTEXT_ACTIONS = {"icon_button": ICON_BUTTON, "feedback_buttons": FEEDBACK_BUTTONS}
IN_INPUT = {
    **SELECTS,
    **PICKERS,
    **MARKS,
    **dict.fromkeys(("plain_text_input", "email_text_input", "url_text_input", "number_input"), TYPED),
    "rich_text_input": PICKED,
    "file_input": record({}, {"action_id": ID}),
}
