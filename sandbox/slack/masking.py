"""What the log of calls shows: no tokens, no paths of addresses, no signed tickets."""

import re
from typing import Any

SECRETS = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|eyJ[\w-]+\.[\w.-]+")
ADDRESS = re.compile(r"((?:http|ws)s?://[^/\s<>|\"?#]+)[^\s<>|\"]*")
HIDDEN = "…"


def without_secrets(value: Any) -> Any:
    """Return a copy in which addresses end at their host and tokens are gone."""
    if isinstance(value, str):
        return SECRETS.sub(HIDDEN, ADDRESS.sub(rf"\1/{HIDDEN}", value))
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if isinstance(value, dict):
        return {name: HIDDEN if name == "token" else without_secrets(item) for name, item in value.items()}
    return value
