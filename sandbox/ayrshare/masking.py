"""What of a call may be kept: everything but the secrets, of which only the length is."""

import json
from typing import Any

from aiohttp import web

from sandbox.calls import masked

SECRET = frozenset({"privateKey", "profileKey", "secret", "twitterApiKey", "twitterApiSecret"})
SECRET_HEADERS = frozenset(
    {"Authorization", "Profile-Key", "X-Twitter-OAuth1-Api-Key", "X-Twitter-OAuth1-Api-Secret", "Cookie"}
)


async def hidden(request: web.Request) -> dict[str, Any]:
    """Return a call's headers, query and body with its secrets masked."""
    return {
        "headers": {name: masked(value) if name in SECRET_HEADERS else value for name, value in _headers(request)},
        "query": {name: masked(value) if "Key" in name else value for name, value in request.query.items()},
        "body": _masked_body(await request.read()),
    }


def _headers(request: web.Request) -> list[tuple[str, str]]:
    spelt = {name.lower(): name for name in SECRET_HEADERS}
    return [(spelt.get(name.lower(), name), value) for name, value in request.headers.items()]


def _masked_body(raw: bytes) -> Any:
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        return masked(raw.decode(errors="replace"))
    if not isinstance(body, dict):
        return body
    return {name: masked(str(value)) if name in SECRET else value for name, value in body.items()}
