"""The scripted conversation of the demo: made through the control calls, with every step asserted."""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

import aiohttp

TIMEOUT = 90.0
POLL_SECONDS = 0.1

Message = dict[str, Any]


class Conversation:
    """What one user types, sees and clicks in one channel."""

    def __init__(self, session: aiohttp.ClientSession, url: str, *, user: str, channel: str) -> None:
        self._session = session
        self._url = url
        self._who = {"user": user, "channel": channel}

    async def command(self, command: str, text: str = "") -> None:
        """Type a slash command; raises AssertionError unless it is acknowledged."""
        response = await self._post("command", command=command, text=text)
        typed = f"{command} {text}".strip()
        _print(f"{self._who['user']} types {typed}: acknowledged after {response['ack_ms']:.0f} ms")

    async def click(self, message: Message, action_id: str) -> str | None:
        """Click an element of a message and return the URL that the browser opens, if there is one."""
        response = await self._post("click", message_ts=message["ts"], action_id=action_id)
        opens: str | None = response["opens"]
        return opens

    async def sees(self, what: str, matches: Callable[[str], bool]) -> Message:
        """Wait for a message whose text matches, and return the newest one; raises AssertionError after a timeout."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            for message in reversed(await self._messages()):
                if matches(text_of(message)):
                    _print(f"{self._who['user']} sees {what}:\n{_indented(text_of(message))}")
                    return message
            await asyncio.sleep(POLL_SECONDS)
        raise AssertionError(f"never seen: {what}; last: {[text_of(message) for message in await self._messages()]}")

    async def _messages(self) -> list[Message]:
        query = {"viewer": self._who["user"], "channel": self._who["channel"]}
        async with self._session.get(f"{self._url}/control/messages", params=query) as response:
            messages: list[Message] = await response.json()
            return messages

    async def _post(self, call: str, **body: Any) -> dict[str, Any]:
        async with self._session.post(f"{self._url}/control/{call}", json=self._who | body) as response:
            result: dict[str, Any] = await response.json()
        if not result["ok"]:
            raise AssertionError(f"{call} failed: {result['error']}")
        return result


def text_of(message: Message) -> str:
    """Return the text of a message's blocks, one line each; the label of a button is in brackets."""
    lines = []
    for block in message["blocks"] or []:
        if block["type"] == "actions":
            lines.append(" ".join(f"[{element['text']['text']}]" for element in block["elements"] if "text" in element))
        elif block["type"] == "context":
            lines += [element["text"] for element in block["elements"]]
        else:
            lines.append(block["text"]["text"])
    return "\n".join(lines)


async def play(url: str) -> int:
    """Play the conversation at the sandbox's URL and return the exit code."""
    try:
        async with aiohttp.ClientSession() as session:
            await _play(session, Conversation(session, url, user="ben", channel="general"))
    except (AssertionError, aiohttp.ClientError) as error:
        _print(f"FAILED: {error}")
        return 1
    _print("All as promised.")
    return 0


async def _play(session: aiohttp.ClientSession, ben: Conversation) -> None:
    await ben.command("/connect", "status")
    await ben.sees("what is connected", lambda text: "Connected:" in text)
    await ben.command("/connect")
    card = await ben.sees("a card", lambda text: "[Reconnect LinkedIn]" in text)
    link = await ben.click(card, "open_link")
    if not link:
        raise AssertionError("the button opens nothing")
    await ben.sees("that it was opened", lambda text: "left" in text)
    async with session.get(link) as page:
        _print(f"the linking page answers {page.status}")
        _check(page.status == 200, "the page is alive")  # noqa: PLR2004 - HTTP's own number
    async with session.post(link, data={"link": "tiktok"}) as page:
        _print(f"TikTok is linked on the page, which answers {page.status}")
        _check(page.ok, "the network could be linked")
    await ben.sees("what got linked", lambda text: "TikTok connected" in text)
    expired = await ben.sees("that the link has died", lambda text: "expired at" in text and "TikTok connected" in text)
    _check("[Reconnect LinkedIn]" not in text_of(expired), "the dead card has no link")
    async with session.get(link) as page:
        _print(f"the linking page answers {page.status}")
        _check(page.status == 401, "the page is dead too")  # noqa: PLR2004 - HTTP's own number
    await ben.click(expired, "new_link")
    await ben.sees("a fresh card", lambda text: "[Reconnect LinkedIn]" in text)


def _check(condition: object, what: str) -> None:
    if not condition:
        raise AssertionError(f"not so: {what}")


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _indented(text: str) -> str:
    return "\n".join(f"    | {line}" for line in text.split("\n"))
