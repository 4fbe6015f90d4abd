"""A small language for limits: a check looks at a value and yields what is wrong and where (a JSON pointer)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Problems: TypeAlias = Iterator[str]
Check: TypeAlias = Callable[[Any, str], Problems]


def problem(message: str, at: str) -> str:
    """Word a finding as Slack does."""
    return f"{message} [json-pointer:{at}]"


def anything(value: Any, at: str) -> Problems:  # noqa: ARG001  # every check has this shape
    """Accept whatever is there."""
    yield from ()


def string(most: int, *, least: int = 1) -> Check:
    """Check the length of a string in characters."""

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, str):
            yield problem("must be a string", at)
        elif len(value) < least:
            yield problem(f"must be more than {least - 1} characters", at)
        elif len(value) > most:
            yield problem(f"must be less than {most + 1} characters", at)

    return check


def web_address(value: Any, at: str) -> Problems:
    """Check an http(s) address of at most 3000 characters."""
    yield from string(3000)(value, at)
    if isinstance(value, str) and value and not value.startswith(("http://", "https://")):
        yield problem("must be a valid URL", at)


def word(*words: str) -> Check:
    """Check that a value is one of these words."""

    def check(value: Any, at: str) -> Problems:
        if value not in words:
            yield problem("must be a valid enum value", at)

    return check


def text(most: int, *, plain: bool = False) -> Check:
    """Check a text object."""
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    return record({"type": word(*kinds), "text": string(most)}, {})


def listing(item: Check, *, most: int, least: int = 1) -> Check:
    """Check a list and everything in it."""

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, list):
            yield problem("must be an array", at)
            return
        if len(value) < least:
            yield problem(f"no less than {least} items allowed", at)
        if len(value) > most:
            yield problem(f"no more than {most} items allowed", at)
        for number, entry in enumerate(value):
            yield from item(entry, f"{at}/{number}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """Check an object's members; those that Slack adds later are let through."""

    def check(value: Any, at: str) -> Problems:
        if not isinstance(value, dict):
            yield problem("must provide an object", at)
            return
        for name, member in {**required, **optional}.items():
            if value.get(name) is not None:
                yield from member(value[name], f"{at}/{name}")
            elif name in required:
                yield problem(f"missing required field: {name}", at)

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """Check an object by the rules for its `type`."""

    def check(value: Any, at: str) -> Problems:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict):
            yield problem("must provide an object", at)
        elif not isinstance(kind, str):
            yield problem("missing required field: type", at)
        elif kind not in kinds:
            yield problem(f"unsupported type: {kind}", f"{at}/type")
        else:
            yield from kinds[kind](value, at)

    return check


def either(check: Check, *names: str) -> Check:
    """Check that an object has one of these members, too."""

    def checked(value: Any, at: str) -> Problems:
        yield from check(value, at)
        if isinstance(value, dict) and not any(value.get(name) for name in names):
            yield problem("must define either " + " or ".join(f"`{name}`" for name in names), at)

    return checked
