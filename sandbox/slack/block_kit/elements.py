"""Block elements by the blocks that take them: https://docs.slack.dev/reference/block-kit/block-elements."""

from sandbox.slack.block_kit.checks import (
    Check,
    Fields,
    anything,
    array,
    by_type,
    distinct_actions,
    http_url,
    json_object,
    requires_one_of,
    string,
    text_object,
    typed,
)
from sandbox.slack.block_kit.inputs import CHOICES, FIELDS, PICKERS, RICH_TEXT_INPUT, SELECTS
from sandbox.slack.block_kit.objects import CONFIRM, ID, LABEL, STYLE, option

ACTION: dict[str, Check] = {"action_id": ID, "confirm": CONFIRM, "accessibility_label": string(75)}
VALUE = string(2000, minimum=0)
FOR_SOME = array(ID, maximum=100)
BUTTON = typed(
    {"text": LABEL},
    **ACTION,
    value=VALUE,
    url=http_url,
    style=STYLE,
    visible_to_user_ids=FOR_SOME,
    agent_prompt=anything,
    agent_prompt_display=anything,
)
ICON_BUTTON = typed({"text": LABEL, "icon": ID}, **ACTION, value=VALUE, visible_to_user_ids=FOR_SOME)
FEEDBACK = json_object({"text": LABEL, "value": string(2000)}, {"accessibility_label": string(75)})
IMAGE = requires_one_of(
    typed({"alt_text": string(2000)}, image_url=http_url, slack_file=anything), "image_url", "slack_file"
)
OVERFLOW = typed({"options": array(option(url=http_url), maximum=5)}, action_id=ID, confirm=CONFIRM)

CONTROLS: Fields = {
    "button": BUTTON,
    "workflow_button": typed({"text": LABEL, "workflow": anything}, **ACTION, style=STYLE),
    "overflow": OVERFLOW,
    **SELECTS,
    **PICKERS,
    **CHOICES,
}
ACTIONS_ELEMENTS: Fields = {**CONTROLS, "rich_text_input": RICH_TEXT_INPUT}
ACCESSORIES: Fields = {**CONTROLS, "image": IMAGE}
INPUT_ELEMENTS: Fields = {**SELECTS, **PICKERS, **CHOICES, **FIELDS}
CONTEXT_ELEMENTS: Fields = {"image": IMAGE, "mrkdwn": text_object(3000), "plain_text": text_object(3000)}
CONTEXT_ACTIONS_ELEMENTS: Fields = {
    "icon_button": ICON_BUTTON,
    "feedback_buttons": typed({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, action_id=ID),
}


def elements(kinds: Fields, *, maximum: int) -> Check:
    """Check an array of elements, each with an `action_id` of its own."""
    return distinct_actions(array(by_type(kinds), maximum=maximum))
