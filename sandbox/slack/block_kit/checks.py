"""Building blocks for limits: a check examines a value and yields its problems, each with a JSON pointer."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Problems: TypeAlias = Iterator[str]
Check: TypeAlias = Callable[[Any, str], Problems]


def problem(message: str, pointer: str) -> str:
    """Return a problem in Slack's words."""
    return f"{message} [json-pointer:{pointer}]"


def anything(value: Any, pointer: str) -> Problems:  # noqa: ARG001  # every check has this shape
    """Accept every value."""
    yield from ()


def string(maximum: int, *, minimum: int = 1) -> Check:
    """Check the length of a string in characters."""

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, str):
            yield problem("must be a string", pointer)
        elif len(value) < minimum:
            yield problem(f"must be more than {minimum - 1} characters", pointer)
        elif len(value) > maximum:
            yield problem(f"must be less than {maximum + 1} characters", pointer)

    return check


def http_url(value: Any, pointer: str) -> Problems:
    """Check an http or https URL of at most 3000 characters."""
    yield from string(3000)(value, pointer)
    if isinstance(value, str) and value and not value.startswith(("http://", "https://")):
        yield problem("must be a valid URL", pointer)


def enum(*values: str) -> Check:
    """Check that a value is one of these."""

    def check(value: Any, pointer: str) -> Problems:
        if value not in values:
            yield problem("must be a valid enum value", pointer)

    return check


def text_object(maximum: int, *, plain: bool = False) -> Check:
    """Check a text object; with `plain` it must be `plain_text`."""
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    return json_object({"type": enum(*kinds), "text": string(maximum)}, {})


def array(item: Check, *, maximum: int, minimum: int = 1) -> Check:
    """Check the length of an array and each of its items."""

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, list):
            yield problem("must be an array", pointer)
            return
        if len(value) < minimum:
            yield problem(f"no less than {minimum} items allowed", pointer)
        if len(value) > maximum:
            yield problem(f"no more than {maximum} items allowed", pointer)
        for number, entry in enumerate(value):
            yield from item(entry, f"{pointer}/{number}")

    return check


def json_object(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """Check the fields of an object; unknown fields are accepted, since Slack adds new ones."""

    def check(value: Any, pointer: str) -> Problems:
        if not isinstance(value, dict):
            yield problem("must provide an object", pointer)
            return
        for name, field in {**required, **optional}.items():
            if value.get(name) is not None:
                yield from field(value[name], f"{pointer}/{name}")
            elif name in required:
                yield problem(f"missing required field: {name}", pointer)

    return check


def by_type(checks: Mapping[str, Check]) -> Check:
    """Check an object with the check for its `type`."""

    def check(value: Any, pointer: str) -> Problems:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict):
            yield problem("must provide an object", pointer)
        elif not isinstance(kind, str):
            yield problem("missing required field: type", pointer)
        elif kind not in checks:
            yield problem(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            yield from checks[kind](value, pointer)

    return check


def requires_one_of(check: Check, *names: str) -> Check:
    """Extend a check of an object: it must have at least one of these fields."""

    def extended(value: Any, pointer: str) -> Problems:
        yield from check(value, pointer)
        if isinstance(value, dict) and not any(value.get(name) for name in names):
            yield problem("must define either " + " or ".join(f"`{name}`" for name in names), pointer)

    return extended
