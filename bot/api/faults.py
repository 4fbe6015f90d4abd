"""What is wrong with each part of a request, in plain English: pydantic's own words name its types and patterns."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from bot.ayrshare.networks import NETWORK_NAMES
from bot.links_api.model import HTTPS_ADDRESS, NETWORK, SLACK_ID_OR_ADDRESS

NOT_JSON = "json_invalid"
WHOLE_NUMBER = "This must be a whole number."
WORDS = {
    "missing": "This is required.",
    "extra_forbidden": "This call takes nothing of that name.",
    "model_type": "This must be a JSON object.",
    "string_type": "This must be a text.",
    "string_unicode": "This must be a text in Unicode.",
    "bool_type": "This must be true or false.",
    "tuple_type": "This must be a list.",
    "int_type": WHOLE_NUMBER,
    "int_parsing": WHOLE_NUMBER,
    "int_parsing_size": WHOLE_NUMBER,
    "int_from_float": WHOLE_NUMBER,
    "string_too_short": "This must not be empty.",
    "string_too_long": "This must have {max_length} letters at most.",
    "too_long": "This must have {max_length} entries at most.",
    "greater_than_equal": "This must be {ge} or more.",
    "less_than_equal": "This must be {le} or less.",
    "value_error": "{error}",
}
"""By pydantic's kinds of errors (https://docs.pydantic.dev/latest/errors/validation_errors/)."""
FORMS = {
    SLACK_ID_OR_ADDRESS: "This must be a person's Slack ID, such as U0123ABC, or an e-mail address.",
    HTTPS_ADDRESS: "This must be an address that begins with https://, without a user name in front of the host.",
    NETWORK: f"This must be one of {', '.join(NETWORK_NAMES)}.",
}
"""By pattern."""
UNKNOWN = "This isn't what the call takes."


def faults_of(error: ValidationError) -> tuple[tuple[str, str], ...]:
    """Return a JSON pointer and a sentence for each fault."""
    return tuple(_faults(error))


def is_json(error: ValidationError) -> bool:
    """Return whether a body is JSON at all."""
    return all(one["type"] != NOT_JSON for one in error.errors(include_url=False, include_input=False))


def _faults(error: ValidationError) -> Iterator[tuple[str, str]]:
    for one in error.errors(include_url=False, include_input=False):
        yield _pointer(one["loc"]), _words(one["type"], one.get("ctx", {}))


def _words(kind: str, context: Mapping[str, Any]) -> str:
    if "pattern" in context:
        return FORMS.get(context["pattern"], UNKNOWN)
    return WORDS.get(kind, UNKNOWN).format(**context)


def _pointer(location: tuple[Any, ...]) -> str:
    """Return a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location)
