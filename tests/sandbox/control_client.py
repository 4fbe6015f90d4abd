"""A client of the control calls."""

from dataclasses import dataclass
from typing import Any

import aiohttp


@dataclass(frozen=True)
class ControlClient:
    session: aiohttp.ClientSession
    url: str

    async def get(self, call: str, **query: str) -> Any:
        async with self.session.get(f"{self.url}/control/{call}", params=query) as response:
            return await response.json()

    async def post(self, call: str, **body: Any) -> Any:
        async with self.session.post(f"{self.url}/control/{call}", json=body) as response:
            return await response.json()

    async def command(self, text: str = "", *, user: str = "ben", channel: str = "general") -> Any:
        return await self.post("command", user=user, channel=channel, command="/connect", text=text)

    async def messages(self, viewer: str = "ben", channel: str = "general") -> list[Any]:
        messages: list[Any] = await self.get("messages", viewer=viewer, channel=channel)
        return messages

    async def texts(self, viewer: str = "ben", channel: str = "general") -> list[str]:
        return [message["text"] for message in await self.messages(viewer, channel)]

    async def click(self, action_id: str, *, user: str = "ben", channel: str = "general", **more: Any) -> Any:
        """Click an element of the newest message, or of the message `message_ts`."""
        ts = more.pop("message_ts", None) or (await self.messages(user, channel))[-1]["ts"]
        return await self.post("click", user=user, channel=channel, message_ts=ts, action_id=action_id, **more)
