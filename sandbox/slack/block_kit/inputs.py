"""Elements with a value: menus, pickers, choices and fields to type into."""

from typing import Any

from sandbox.slack.block_kit.checks import (
    Check,
    Problems,
    array,
    boolean,
    enum,
    integer,
    json_object,
    matching,
    problem,
    requires_one_of,
    string,
    typed,
)
from sandbox.slack.block_kit.objects import (
    CONFIRM,
    DISPATCH,
    ID,
    OPTION,
    OPTION_GROUP,
    OPTIONS,
    PLACEHOLDER,
    option,
)
from sandbox.slack.block_kit.rich_text import RICH_TEXT

NOT_OFFERED = "must be one of the provided options"
FILTER = json_object(
    {},
    {
        "include": array(enum("im", "mpim", "private", "public"), maximum=4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
ACTION: dict[str, Check] = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": boolean}
TYPED: dict[str, Check] = {
    "action_id": ID,
    "focus_on_load": boolean,
    "placeholder": PLACEHOLDER,
    "dispatch_action_config": DISPATCH,
}


def _offered(check: Check) -> Check:
    """Extend a check of an element with options: what is chosen at first must be among them, exactly."""

    def extended(value: Any, pointer: str) -> Problems:
        problems = list(check(value, pointer))
        yield from problems
        if problems:
            return
        options = [*value.get("options", ())]
        options += [each for group in value.get("option_groups", ()) for each in group["options"]]
        if "initial_option" in value and value["initial_option"] not in options:
            yield problem(NOT_OFFERED, f"{pointer}/initial_option")
        chosen = value.get("initial_options", options)
        if not chosen or any(each not in options for each in chosen):
            yield problem(NOT_OFFERED, f"{pointer}/initial_options")

    return extended


def _menu(initial: str, value: Check, /, **fields: Check) -> dict[str, Check]:
    """Return the checks of a menu that takes one choice and of one that takes several."""
    several = {f"{initial}s": array(value, maximum=100, minimum=0), "max_selected_items": integer(1, 100)}
    url = {} if initial in {"initial_option", "initial_user"} else {"response_url_enabled": boolean}
    return {
        "": typed({}, **ACTION, placeholder=PLACEHOLDER, **{initial: value}, **url, **fields),
        "multi_": typed({}, **ACTION, placeholder=PLACEHOLDER, **several, **fields),
    }


OFFER: dict[str, Check] = {"options": OPTIONS, "option_groups": array(OPTION_GROUP, maximum=100)}
MENUS = {
    "external": _menu("initial_option", OPTION, min_query_length=integer(0, 255)),
    "users": _menu("initial_user", ID),
    "conversations": _menu("initial_conversation", ID, filter=FILTER, default_to_current_conversation=boolean),
    "channels": _menu("initial_channel", ID),
    "static": {
        several: _offered(requires_one_of(check, "options", "option_groups"))
        for several, check in _menu("initial_option", OPTION, **OFFER).items()
    },
}
SELECTS = {f"{several}{kind}_select": check for kind, menu in MENUS.items() for several, check in menu.items()}
PICKERS = {
    "datepicker": typed({}, **ACTION, placeholder=PLACEHOLDER, initial_date=matching(r"\d{4}-\d{2}-\d{2}")),
    "timepicker": typed({}, **ACTION, placeholder=PLACEHOLDER, initial_time=matching(r"\d{2}:\d{2}"), timezone=ID),
    "datetimepicker": typed({}, **ACTION, initial_date_time=integer(10**9, 10**10 - 1)),
}
CHOICE = option(plain=False)
TEN = array(CHOICE, maximum=10)
CHOICES = {
    "checkboxes": _offered(typed({"options": TEN}, **ACTION, initial_options=array(CHOICE, maximum=10, minimum=0))),
    "radio_buttons": _offered(typed({"options": TEN}, **ACTION, initial_option=CHOICE)),
}
NUMBER = matching(r"-?\d{1,20}(\.\d{1,20})?")
TEXT = string(3000, minimum=0)
PLAIN_TEXT_INPUT = typed(
    {}, **TYPED, initial_value=TEXT, multiline=boolean, min_length=integer(0, 3000), max_length=integer(1, 3000)
)
RICH_TEXT_INPUT = typed({}, **TYPED, initial_value=RICH_TEXT, min_lines=integer(1, 100), max_lines=integer(1, 100))
FIELDS = {
    "plain_text_input": PLAIN_TEXT_INPUT,
    "email_text_input": typed({}, **TYPED, initial_value=TEXT),
    "url_text_input": typed({}, **TYPED, initial_value=TEXT),
    "number_input": typed(
        {"is_decimal_allowed": boolean}, **TYPED, initial_value=NUMBER, min_value=NUMBER, max_value=NUMBER
    ),
    "rich_text_input": RICH_TEXT_INPUT,
    "file_input": typed({}, action_id=ID, filetypes=array(ID, maximum=100), max_files=integer(1, 10)),
}
