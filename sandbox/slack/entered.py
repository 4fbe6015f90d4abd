"""What a client lets people enter: pickers give well-formed values only, fields say what is wrong with what was typed.

The limits: https://docs.slack.dev/reference/block-kit/block-elements. Slack doesn't document its words; these are ours.
"""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.slack.api_types import ActionUnavailable, Json

REQUIRED = "Please complete this required field."
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
URL = re.compile(r"https?://\S+")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
PICKED = {"datepicker": "%Y-%m-%d", "timepicker": "%H:%M"}
LOCAL_TIME = "%Y-%m-%dT%H:%M"
NOT_TYPED = frozenset({"file_input", "rich_text_input"})


def picked(kind: str, value: Any, *, zone: str) -> Any:
    """Return what a picker or field sends for a plain value; raises ActionUnavailable for what it can't give.

    A moment is given in seconds since 1970 or, as the page does, by the clock of the person's zone.
    """
    if kind in PICKED:
        try:
            return datetime.strptime(str(value), PICKED[kind]).strftime(PICKED[kind])  # noqa: DTZ007  # a part of one
        except ValueError:
            raise ActionUnavailable(f"a {kind} can't give {value!r}") from None
    if kind == "datetimepicker":
        return _moment(str(value), zone)
    if kind == "rich_text_input" and isinstance(value, str):
        text = {"type": "text", "text": value}
        return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [text]}]}
    return value if kind in NOT_TYPED else str(value)


def _moment(value: str, zone: str) -> int:
    if value.isascii() and value.isdecimal():
        return int(value)
    try:
        return int(datetime.strptime(value, LOCAL_TIME).replace(tzinfo=ZoneInfo(zone)).timestamp())
    except ValueError:
        raise ActionUnavailable(f"a datetimepicker gives seconds since 1970, not {value!r}") from None


def problem_of(element: Json, value: Any) -> str:
    """Return what a client says is wrong with what was typed into a field, empty if nothing is."""
    typed = value if isinstance(value, str) else ""
    match element["type"]:
        case "email_text_input" if not EMAIL.fullmatch(typed):
            return "Enter a valid email address."
        case "url_text_input" if not URL.fullmatch(typed):
            return "Enter a valid URL."
        case "number_input":
            return _problem_of_number(element, typed)
        case "plain_text_input" if len(typed) < element.get("min_length", 0):
            return f"Enter at least {element['min_length']} characters."
        case "plain_text_input" if len(typed) > element.get("max_length", 3000):
            return f"Enter at most {element.get('max_length', 3000)} characters."
    return ""


def _problem_of_number(element: Json, typed: str) -> str:
    if not NUMBER.fullmatch(typed) or ("." in typed and not element["is_decimal_allowed"]):
        return "Enter a number." if element["is_decimal_allowed"] else "Enter a whole number."
    if float(typed) < float(element.get("min_value", "-inf")):
        return f"Enter a number that is at least {element['min_value']}."
    if float(typed) > float(element.get("max_value", "inf")):
        return f"Enter a number that is at most {element['max_value']}."
    return ""
