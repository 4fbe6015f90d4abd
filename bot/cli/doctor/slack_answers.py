"""What Slack answers to a call, its headers and its refusals included, which its SDK keeps to itself or spells out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp
from pydantic import SecretStr

PATIENCE = aiohttp.ClientTimeout(total=5)
WORD = re.compile(r"[a-z_]{1,60}")
"""What an error of Slack's looks like; anything else is not repeated."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Slack said; `trouble` is why that is no yes, `refused` its own word for it."""

    told: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""
    refused: str = ""


async def ask(session: aiohttp.ClientSession, api_url: str, method: str, token: SecretStr) -> Answer:
    """Call a method of the Web API without arguments."""
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"}
    try:
        async with session.post(f"{api_url}{method}", headers=headers, allow_redirects=False) as response:
            return _read(await response.json(content_type=None), response.status, response.headers)
    except (aiohttp.ClientError, OSError) as error:
        return Answer(trouble=f"Slack can't be reached ({type(error).__name__})")
    except ValueError:
        return Answer(trouble="something answers that is not Slack, or Slack is in trouble")


def _read(told: object, status: int, headers: Mapping[str, str]) -> Answer:
    if not isinstance(told, dict):
        return Answer(trouble=f"Slack answers with HTTP {status} and nothing that makes sense")
    if told.get("ok") is True and status == HTTPStatus.OK:
        return Answer(told, headers)
    word = str(told.get("error"))
    refused = word if WORD.fullmatch(word) else "something unknown"
    return Answer(told, headers, trouble=f"Slack says {refused}", refused=refused)
