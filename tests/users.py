"""People in a local Slack: what they type, see and click, through the sandbox's control calls."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.cards.views import PHONE_HINT
from bot.slack.actions import OPEN_LINK
from tests.eventually import eventually

OPENED = PHONE_HINT
"""What a card says once its link was opened, until an account is connected."""
DATE = re.compile(r"<!date\^(\d+)\^[^|>]*\|([^>]*)>")


@dataclass(frozen=True)
class Seen:
    """A message as somebody sees it."""

    raw: dict[str, Any]

    @property
    def ts(self) -> str:
        return str(self.raw["ts"])

    @property
    def text(self) -> str:
        return str(self.raw["text"])

    @property
    def ephemeral(self) -> bool:
        return bool(self.raw["ephemeral"])

    @property
    def elements(self) -> list[dict[str, Any]]:
        blocks = self.raw["blocks"] or []
        return [
            element
            for block in blocks
            for element in (*(block.get("elements", ()) if block["type"] == "actions" else ()), block.get("accessory"))
            if element
        ]

    @property
    def buttons(self) -> list[str]:
        return [element["text"]["text"] for element in self.elements if element["type"] == "button"]

    @property
    def choices(self) -> list[str]:
        """What its ⋯ menus offer."""
        return [label for element in self.elements for label in in_menu(element)]

    @property
    def options(self) -> list[str]:
        return [o["text"]["text"] for e in self.elements for o in e.get("options", [])]

    @property
    def url(self) -> str | None:
        return next((element["url"] for element in self.elements if "url" in element), None)

    @property
    def words(self) -> str:
        """All that can be read in the blocks, buttons aside."""
        lines = []
        for block in self.raw["blocks"] or []:
            if block["type"] in {"section", "header"}:
                lines.append(block["text"]["text"])
            if block["type"] == "context":
                lines += [element["text"] for element in block["elements"]]
            if block["type"] == "rich_text":
                lines += [part["text"] for quote in block["elements"] for part in quote["elements"]]
        return "\n".join(lines)

    @property
    def all_words(self) -> str:
        """All that can be read in it, and its `text`."""
        return f"{self.words}\n{self.buttons}\n{self.choices}\n{self.text}"

    @property
    def moments(self) -> list[int]:
        """The moments that stand in it as date tokens, as Unix seconds."""
        return [int(found[0]) for found in DATE.findall(self.words)]

    def element(self, label_or_action: str) -> dict[str, Any]:
        wanted = {label_or_action}
        if label_or_action == OPEN_LINK.label:
            wanted.add(OPEN_LINK.action_id)  # a link for what is broken has another label
        for element in self.elements:
            if wanted & {element["action_id"], element.get("text", {}).get("text"), *in_menu(element)}:
                return element
        raise AssertionError(f"no {label_or_action!r} among {self.elements}")


def as_sent(element: dict[str, Any], label: str) -> dict[str, Any]:
    """Return what Slack sends when an element is used: a choice of a ⋯ menu by its label, a button as it is."""
    if element["type"] != "overflow":
        return element
    return element | {"selected_option": next(one for one in element["options"] if one["text"]["text"] == label)}


def in_menu(element: dict[str, Any]) -> dict[str, str]:
    """Return what a ⋯ menu offers: the values by their labels; nothing for other elements."""
    options = element["options"] if element["type"] == "overflow" else ()
    return {option["text"]["text"]: option["value"] for option in options}


@dataclass(frozen=True)
class Someone:
    """A person of the local workspace at their client, in one channel."""

    session: aiohttp.ClientSession
    url: str
    name: str
    channel: str = "general"
    team: str = ""

    @property
    def where(self) -> dict[str, str]:
        """The workspace, if it isn't the first one."""
        return {"team": self.team} if self.team else {}

    async def types(self, text: str = "", *, command: str = "/connect") -> dict[str, Any]:
        return await self.post("command", command=command, text=text)

    async def clicks(self, message: Seen, label_or_action: str, *, value: str | None = None) -> dict[str, Any]:
        element = message.element(label_or_action)
        value = value or (label_or_action if label_or_action in in_menu(element) else None)
        body = {"message_ts": message.ts, "action_id": element["action_id"]}
        return await self.post("click", **body, **({} if value is None else {"value": value}))

    async def reloads(self) -> None:
        await self.post("reload")

    async def messages(self) -> list[Seen]:
        query = {"viewer": self.name, "channel": self.channel} | self.where
        async with self.session.get(f"{self.url}/control/messages", params=query) as answer:
            return [Seen(raw) for raw in await answer.json()]

    async def sees(self, *words: str, where: Callable[[Seen], bool] = lambda _: True, within: float = 15.0) -> Seen:
        """Wait for a message that shows all the words; the newest one counts."""
        last: list[Seen] = []

        async def look() -> Seen | None:
            last[:] = await self.messages()
            fitting = [m for m in last if all(word in m.all_words for word in words)]
            return next((m for m in reversed(fitting) if where(m)), None)

        return await eventually(look, f"{self.name} sees {words}", within=within, last=lambda: [m.raw for m in last])

    async def is_told_of(self, seen: Seen) -> dict[str, Any]:
        """Return what the desktop and a phone say of a message."""
        query = {"viewer": self.name} | self.where
        async with self.session.get(f"{self.url}/control/notifications", params=query) as answer:
            return next(told for told in await answer.json() if told["ts"] == seen.ts)

    async def sees_a_card(self, title: str = "") -> Seen:
        return await self.sees(title, where=lambda seen: seen.url is not None)

    async def sees_times(self, count: int) -> list[Seen]:
        """Wait until there are so many messages."""

        async def look() -> list[Seen] | None:
            messages = await self.messages()
            return messages if len(messages) == count else None

        return await eventually(look, f"{self.name} sees {count} messages")

    async def post(self, call: str, **body: Any) -> dict[str, Any]:
        who = {"user": self.name, "channel": self.channel} | self.where
        async with self.session.post(f"{self.url}/control/{call}", json=who | body) as answer:
            result: dict[str, Any] = await answer.json()
            return result
