"""Objects inside elements: https://docs.slack.dev/reference/block-kit/composition-objects."""

from sandbox.slack.block_kit.checks import Check, array, enum, json_object, string, text_object

ID = string(255)
LABEL = text_object(75, plain=True)
PLACEHOLDER = text_object(150, plain=True)
STYLE = enum("primary", "danger")
CONFIRM = json_object(
    {"title": text_object(100, plain=True), "text": text_object(300)},
    {"confirm": text_object(30, plain=True), "deny": text_object(30, plain=True), "style": STYLE},
)
DISPATCH = json_object({}, {"trigger_actions_on": array(enum("on_enter_pressed", "on_character_entered"), maximum=2)})


def option(*, plain: bool = True, **more: Check) -> Check:
    """Check an option; only those of checkboxes and radio buttons may be `mrkdwn`."""
    text = text_object(75, plain=plain)
    return json_object({"text": text, "value": string(150)}, {"description": text, **more})


OPTION = option()
OPTIONS = array(OPTION, maximum=100)
OPTION_GROUP = json_object({"label": LABEL, "options": OPTIONS}, {})
