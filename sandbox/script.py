"""One conversation, played through the control calls as a person would live it; each step is asserted."""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

import aiohttp

PATIENCE = 90.0
LOOK_EVERY = 0.1

Message = dict[str, Any]


class Conversation:
    """What ben types, sees and clicks in a channel."""

    def __init__(self, session: aiohttp.ClientSession, url: str, *, user: str, channel: str) -> None:
        self._session = session
        self._url = url
        self._who = {"user": user, "channel": channel}

    async def command(self, command: str) -> None:
        """Type a slash command and expect it to be acknowledged."""
        answer = await self._post("command", command=command, text="")
        _step(f"{self._who['user']} types {command}: acknowledged after {answer['ack_ms']:.0f} ms")

    async def click(self, message: Message, action: str) -> str | None:
        """Click an element and return the address that the browser opens, if it does."""
        answer = await self._post("click", message_ts=message["ts"], action_id=action)
        opens: str | None = answer["opens"]
        return opens

    async def sees(self, what: str, fits: Callable[[str], bool]) -> Message:
        """Wait until the newest message shows what is expected."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for message in reversed(await self._messages()):
                if fits(shown(message)):
                    _step(f"{self._who['user']} sees {what}:\n{_indented(shown(message))}")
                    return message
            await asyncio.sleep(LOOK_EVERY)
        raise AssertionError(f"never seen: {what}; last: {[shown(m) for m in await self._messages()]}")

    async def _messages(self) -> list[Message]:
        query = {"viewer": self._who["user"], "channel": self._who["channel"]}
        async with self._session.get(f"{self._url}/control/messages", params=query) as answer:
            messages: list[Message] = await answer.json()
            return messages

    async def _post(self, call: str, **body: Any) -> dict[str, Any]:
        async with self._session.post(f"{self._url}/control/{call}", json=self._who | body) as answer:
            result: dict[str, Any] = await answer.json()
        if not result["ok"]:
            raise AssertionError(f"{call} failed: {result['error']}")
        return result


def shown(message: Message) -> str:
    """Return the words of a message's blocks, line by line; a button stands in brackets."""
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
    """Play the conversation and return the exit code."""
    try:
        async with aiohttp.ClientSession() as session:
            await _conversation(session, Conversation(session, url, user="ben", channel="general"))
    except (AssertionError, aiohttp.ClientError) as error:
        _step(f"FAILED: {error}")
        return 1
    _step("All as promised.")
    return 0


async def _conversation(session: aiohttp.ClientSession, ben: Conversation) -> None:
    await ben.command("/connect")
    card = await ben.sees("a card", lambda text: "Open linking page" in text)
    link = await ben.click(card, "open_link")
    if not link:
        raise AssertionError("the button opens nothing")
    await ben.sees("that it was opened", lambda text: "Opened at" in text)
    async with session.get(link) as page:
        _step(f"the linking page answers {page.status}")
        _expect(page.status == 200, "the page is alive")  # noqa: PLR2004 - HTTP's own number
    async with session.post(link, data={"link": "tiktok"}) as page:
        _step(f"TikTok is linked on the page, which answers {page.status}")
        _expect(page.ok, "the network could be linked")
    await ben.sees("what got linked", lambda text: "Linked with this page: TikTok" in text)
    dead = await ben.sees("that the link has died", lambda text: "expired at" in text and "Linked with" in text)
    _expect("Open linking page" not in shown(dead), "the dead card has no link")
    async with session.get(link) as page:
        _step(f"the linking page answers {page.status}")
        _expect(page.status == 401, "the page is dead too")  # noqa: PLR2004 - HTTP's own number
    await ben.click(dead, "new_link")
    await ben.sees("a fresh card", lambda text: "Open linking page" in text)


def _expect(condition: object, what: str) -> None:
    if not condition:
        raise AssertionError(f"not so: {what}")


def _step(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _indented(text: str) -> str:
    return "\n".join(f"    | {line}" for line in text.split("\n"))
