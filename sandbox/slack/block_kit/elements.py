"""Limits of block elements: https://docs.slack.dev/reference/block-kit/block-elements."""

from sandbox.slack.block_kit.checks import (
    Check,
    anything,
    array,
    enum,
    http_url,
    json_object,
    requires_one_of,
    string,
    text_object,
)

ID = string(255)
CONFIRM = json_object(
    {"title": text_object(100, plain=True), "text": text_object(300)},
    {"confirm": text_object(30, plain=True), "deny": text_object(30, plain=True), "style": enum("primary", "danger")},
)
COMMON_FIELDS = {"action_id": ID, "confirm": CONFIRM}
PLACEHOLDER = {"placeholder": text_object(150, plain=True)}


def _option(**more: Check) -> Check:
    return json_object({"text": text_object(75), "value": string(150)}, {"description": text_object(75), **more})


OPTION = _option()
OPTIONS = array(OPTION, maximum=100)
OPTION_GROUP = json_object({"label": text_object(75, plain=True), "options": OPTIONS}, {})
OPTIONS_OR_GROUPS = {"options": OPTIONS, "option_groups": array(OPTION_GROUP, maximum=100)}
TEN_OPTIONS = array(OPTION, maximum=10)

BUTTON = json_object(
    {"text": text_object(75, plain=True)},
    {
        **COMMON_FIELDS,
        "value": string(2000, minimum=0),
        "url": http_url,
        "style": enum("primary", "danger"),
        "accessibility_label": string(75),
        "visible_to_user_ids": array(string(255), maximum=100),
    },
)
ICON_BUTTON = json_object(
    {"text": text_object(75, plain=True), "icon": string(255)}, {**COMMON_FIELDS, "value": string(2000, minimum=0)}
)
FEEDBACK = json_object(
    {"text": text_object(75, plain=True), "value": string(2000)}, {"accessibility_label": string(75)}
)
FEEDBACK_BUTTONS = json_object({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, {"action_id": ID})
WORKFLOW_BUTTON = json_object({"text": text_object(75, plain=True), "workflow": anything}, COMMON_FIELDS)
IMAGE = requires_one_of(
    json_object({"alt_text": string(2000)}, {"image_url": http_url, "slack_file": anything}),
    "image_url",
    "slack_file",
)
OVERFLOW = json_object({"options": array(_option(url=http_url), maximum=5)}, COMMON_FIELDS)
PICKER = json_object({}, {**COMMON_FIELDS, **PLACEHOLDER})
STATIC_SELECT = requires_one_of(
    json_object({}, {**COMMON_FIELDS, **PLACEHOLDER, **OPTIONS_OR_GROUPS}), "options", "option_groups"
)
CHOICE = json_object({"options": TEN_OPTIONS}, COMMON_FIELDS)
TEXT_INPUT = json_object({}, {**COMMON_FIELDS, **PLACEHOLDER, "initial_value": string(3000, minimum=0)})

SELECTS = {
    f"{multi}{kind}_select": STATIC_SELECT if kind == "static" else PICKER
    for multi in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
}
PICKERS = {"datepicker": PICKER, "timepicker": PICKER, "datetimepicker": PICKER}
CHOICES = {"checkboxes": CHOICE, "radio_buttons": CHOICE}
ACTIONS_ELEMENTS = {
    "button": BUTTON,
    "workflow_button": WORKFLOW_BUTTON,
    "overflow": OVERFLOW,
    **SELECTS,
    **PICKERS,
    **CHOICES,
}
ACCESSORIES = {**ACTIONS_ELEMENTS, "image": IMAGE}
CONTEXT_ELEMENTS = {"image": IMAGE, "mrkdwn": text_object(3000), "plain_text": text_object(3000)}
CONTEXT_ACTIONS_ELEMENTS = {"icon_button": ICON_BUTTON, "feedback_buttons": FEEDBACK_BUTTONS}
INPUT_ELEMENTS = {
    **SELECTS,
    **PICKERS,
    **CHOICES,
    **dict.fromkeys(("plain_text_input", "email_text_input", "url_text_input", "number_input"), TEXT_INPUT),
    "rich_text_input": PICKER,
    "file_input": json_object({}, {"action_id": ID}),
}
