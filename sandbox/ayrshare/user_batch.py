"""`GET /user/batch`: a file with the accounts of all User Profiles, at a URL that needs no key.

https://www.ayrshare.com/docs/apis/user/batch-all-users
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.ayrshare.account import AyrshareAccount
from sandbox.ayrshare.assumptions import BATCH_EVERY, BATCH_KEPT, BATCH_READY_AFTER
from sandbox.ayrshare.profile_endpoints import user_body
from sandbox.ayrshare.request import ApiRequest
from sandbox.ayrshare.social_accounts import iso


@dataclass(frozen=True, slots=True)
class BatchFile:
    """The accounts at `updated`, readable a while later."""

    name: str
    updated: datetime
    content: bytes


class UserBatches:
    """Writes the files; `url()` is the address under which they are served, `announce` sends the webhook `batch`."""

    def __init__(self, account: AyrshareAccount, url: Callable[[], str], announce: Callable[..., None]) -> None:
        self._account = account
        self._url = url
        self._announce = announce
        self._files: list[BatchFile] = []

    def latest(self, _request: ApiRequest) -> dict[str, Any]:
        """Return where the newest file is or will be; a new one is begun if that is old."""
        now = self._account.now()
        if not self._files or now >= self._files[-1].updated + BATCH_EVERY:
            users = [user_body(profile, now=now) for profile in self._account.profiles]
            self._files.append(BatchFile(f"{secrets.token_hex(16)}.json", now, json.dumps(users).encode()))
            self._announce(now + BATCH_READY_AFTER, **self._about(self._files[-1]))
        return {"success": True, **self._about(self._files[-1])}

    def _about(self, file: BatchFile) -> dict[str, str]:
        return {
            "url": f"{self._url()}/{file.name}",
            "urlAvailable": iso(file.updated + BATCH_READY_AFTER),
            "urlExpires": iso(file.updated + BATCH_KEPT),
            "lastUpdated": iso(file.updated),
            "nextUpdate": iso(file.updated + BATCH_EVERY),
        }

    async def download(self, request: web.Request) -> web.Response:
        """Return a file, or 404 before it is there and after it has expired."""
        now, name = self._account.now(), request.match_info["name"]
        for file in self._files:
            if file.name == name and file.updated + BATCH_READY_AFTER <= now < file.updated + BATCH_KEPT:
                return web.Response(body=file.content, content_type="application/json")
        raise web.HTTPNotFound
