"""Building blocks for Block Kit's rules: a check examines a value and yields its problems, each with a JSON pointer.

The words are those of Slack's validator: https://github.com/slackhq/hack-json-schema.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Problems: TypeAlias = Iterator[str]
Check: TypeAlias = Callable[[Any, str], Problems]
Fields: TypeAlias = Mapping[str, Check]


def problem(message: str, pointer: str) -> str:
    """Return a problem in Slack's words."""
    return f"{message} [json-pointer:{pointer}]"


def anything(value: Any, pointer: str) -> Problems:  # noqa: ARG001  # every check has this shape
    """Accept every value."""
    yield from ()


def boolean(value: Any, pointer: str) -> Problems:
    """Check a boolean."""
    if not isinstance(value, bool):
        yield problem("must be a boolean", pointer)


def integer(minimum: int, maximum: int) -> Check:
    """Check a whole number."""

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, int) or isinstance(value, bool):
            yield problem("must provide an integer", pointer)
        elif value < minimum:
            yield problem(f"must be greater than {minimum - 1}", pointer)
        elif value > maximum:
            yield problem(f"must be less than {maximum + 1}", pointer)

    return check


def string(maximum: int, *, minimum: int = 1) -> Check:
    """Check the length of a string in characters."""

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, str):
            yield problem("must provide a string", pointer)
        elif len(value) < minimum:
            yield problem(f"must be more than {minimum - 1} characters", pointer)
        elif len(value) > maximum:
            yield problem(f"must be less than {maximum + 1} characters", pointer)

    return check


def matching(pattern: str) -> Check:
    """Check a string against a pattern."""

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, str):
            yield problem("must provide a string", pointer)
        elif not re.fullmatch(pattern, value, re.ASCII):
            yield problem(f"input must match regex pattern: {pattern}", pointer)

    return check


def http_url(value: Any, pointer: str) -> Problems:
    """Check an http or https URL of at most 3000 characters."""
    yield from string(3000)(value, pointer)
    if isinstance(value, str) and value and not value.startswith(("http://", "https://")):
        yield problem("must be a valid URL", pointer)


def enum(*values: str) -> Check:
    """Check that a value is one of these."""

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, str):
            yield problem("must provide a string", pointer)
        elif value not in values:
            yield problem("must be a valid enum value", pointer)

    return check


def json_object(required: Fields, optional: Fields) -> Check:
    """Check the fields of an object, which has no others; null is a value like any other."""
    fields = {**required, **optional}

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, dict):
            yield problem("must provide an object", pointer)
            return
        for name in value:
            if name not in fields:
                yield problem(f"invalid additional property: {name}", pointer)
        for name, field in fields.items():
            if name in value:
                yield from field(value[name], f"{pointer}/{name}")
            elif name in required:
                yield problem(f"missing required field: {name}", pointer)

    return check


def typed(required: Fields | None = None, /, **optional: Check) -> Check:
    """Check the fields of an object that has a `type`, too."""
    return json_object(required or {}, {"type": anything, **optional})


def array(item: Check, *, maximum: int, minimum: int = 1) -> Check:
    """Check the length of an array and each of its items."""

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, list):
            yield problem("must provide an array", pointer)
            return
        if len(value) < minimum:
            yield problem(f"must provide at least {minimum} items", pointer)
        if len(value) > maximum:
            yield problem(f"no more than {maximum} items allowed", pointer)
        for number, entry in enumerate(value):
            yield from item(entry, f"{pointer}/{number}")

    return check


def by_type(checks: Fields) -> Check:
    """Check an object with the check for its `type`."""

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, dict):
            yield problem("must provide an object", pointer)
        elif "type" not in value:
            yield problem("missing required field: type", pointer)
        elif not isinstance(kind := value["type"], str):
            yield problem("must provide a string", f"{pointer}/type")
        elif kind not in checks:
            yield problem(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            yield from checks[kind](value, pointer)

    return check


def text_object(maximum: int, *, plain: bool = False) -> Check:
    """Check a text object; with `plain` it must be `plain_text`."""
    kinds = {"plain_text": typed({"text": string(maximum)}, emoji=boolean)}
    if not plain:
        kinds["mrkdwn"] = typed({"text": string(maximum)}, verbatim=boolean)
    other = json_object({"type": enum(*kinds), "text": string(maximum)}, {})

    def check(value: Any, pointer: str) -> Problems:
        kind = value.get("type") if isinstance(value, dict) else None
        yield from (kinds[kind] if isinstance(kind, str) and kind in kinds else other)(value, pointer)

    return check


def requires_one_of(check: Check, *names: str) -> Check:
    """Extend a check of an object: it must have at least one of these fields."""

    def extended(value: Any, pointer: str) -> Problems:
        yield from check(value, pointer)
        if isinstance(value, dict) and not any(value.get(name) for name in names):
            yield problem("must define either " + " or ".join(f"`{name}`" for name in names), pointer)

    return extended


def distinct_actions(check: Check) -> Check:
    """Extend a check of an array of elements: no two may have the same `action_id`."""

    def extended(value: Any, pointer: str) -> Problems:
        yield from check(value, pointer)
        seen: list[Any] = []
        for number, element in enumerate(value if isinstance(value, list) else ()):
            action_id = element.get("action_id") if isinstance(element, dict) else None
            if action_id is not None and action_id in seen:
                yield problem(f'`action_id` "{action_id}" already exists', f"{pointer}/{number}/action_id")
            seen.append(action_id)

    return extended
