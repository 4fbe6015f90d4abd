"""Modals and the Home tab as somebody sees them, through the sandbox's control calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.eventually import eventually
from tests.users import Someone, in_menu


@dataclass(frozen=True)
class SeenModal:
    """A modal or a Home tab in front of somebody, as it was when they looked."""

    who: Someone
    raw: dict[str, Any]

    @property
    def title(self) -> str:
        return str((self.raw["title"] or {}).get("text", ""))

    @property
    def submit(self) -> str:
        """The label of the submit button, empty where there is none."""
        return str((self.raw["submit"] or {}).get("text", ""))

    @property
    def metadata(self) -> str:
        return str(self.raw["private_metadata"])

    @property
    def words(self) -> str:
        """All that can be read in it: headings, paragraphs, notes, labels, buttons, what there is to choose from."""
        return "\n".join(_texts(self.raw["blocks"]))

    @property
    def fields(self) -> list[str]:
        """The block ids of its inputs, from top to bottom."""
        return [block["block_id"] for block in self.raw["blocks"] if block["type"] == "input"]

    @property
    def entered(self) -> dict[str, Any]:
        """What stands in its inputs, in Slack's shape, by block id."""
        values = self.raw["state"]["values"]
        return {block: next(iter(fields.values())) for block, fields in values.items()}

    def options(self, field: str) -> list[str]:
        """The labels that an input offers."""
        return [option["text"]["text"] for option in self._input(field).get("options", [])]

    async def submits(self, **values: Any) -> dict[str, Any]:
        """Fill in inputs by block id, and submit; returns `ok`, `error`, `errors`."""
        filled = {field: {self._input(field)["action_id"]: value} for field, value in values.items()}
        return await self.who.post("submit", view_id=self.raw["id"], values=filled)

    async def chooses(self, field: str, value: Any) -> dict[str, Any]:
        """Use an input that tells the bot at once (`dispatch_action`)."""
        used = {"action_id": self._input(field)["action_id"], "block_id": field, "value": value}
        return await self.who.post("click", view_id=self.raw["id"], **used)

    async def clicks(self, label_or_action: str, *, value: Any = None, nth: int = 0) -> dict[str, Any]:
        """Press a button or use another element; `nth` where several are called the same."""
        elements = [e for e in elements_of(self.raw["blocks"]) if label_or_action in _names(e)]
        if len(elements) <= nth:
            raise AssertionError(f"no {label_or_action!r} (number {nth}) in {self.words}")
        used = {"action_id": elements[nth]["action_id"], "block_id": elements[nth]["in_block"]}
        value = value or (label_or_action if label_or_action in in_menu(elements[nth]) else None)
        return await self.who.post(
            "click", view_id=self.raw["id"], **used, **({} if value is None else {"value": value})
        )

    async def closes(self) -> dict[str, Any]:
        return await self.who.post("close", view_id=self.raw["id"])

    def element(self, label_or_action: str) -> dict[str, Any]:
        for element in elements_of(self.raw["blocks"]):
            if label_or_action in _names(element):
                return element
        raise AssertionError(f"no {label_or_action!r} in {self.words}")

    def _input(self, field: str) -> dict[str, Any]:
        for block in self.raw["blocks"]:
            if block["block_id"] == field and block["type"] == "input":
                element: dict[str, Any] = block["element"]
                return element
        raise AssertionError(f"no input {field!r} among {self.fields}")


async def sees_modal(who: Someone, *words: str, title: str = "", within: float = 15.0) -> SeenModal:
    """Wait until the modal in front of somebody shows all the words."""
    last: list[Any] = []

    async def look() -> SeenModal | None:
        modal = await modal_of(who)
        last[:] = [modal and f"{modal.title}: {modal.words}"]
        fits = modal and title in modal.title and all(word in modal.words for word in words)
        return modal if fits else None

    return await eventually(look, f"{who.name} has a modal with {words}", within=within, last=lambda: last)


async def sees_no_modal(who: Someone) -> None:
    """Wait until nothing is open in front of somebody."""

    async def look() -> bool:
        return await modal_of(who) is None

    await eventually(look, f"{who.name} has no modal open")


async def modal_of(who: Someone) -> SeenModal | None:
    """Return the modal in front of somebody now."""
    raw = await _shown(who, "view")
    return SeenModal(who, raw) if raw else None


async def opens_home(who: Someone) -> SeenModal | None:
    """Open the bot's Home tab, let the bot answer, and return what it shows now."""
    raw = await _shown(who, "home")
    return SeenModal(who, raw) if raw else None


async def sees_at_home(who: Someone, *words: str, within: float = 15.0) -> SeenModal:
    """Open the Home tab until it shows all the words."""
    last: list[Any] = []

    async def look() -> SeenModal | None:
        home = await opens_home(who)
        last[:] = [home and home.words]
        return home if home and all(word in home.words for word in words) else None

    return await eventually(look, f"{who.name} sees {words} at home", within=within, last=lambda: last)


async def _shown(who: Someone, call: str) -> dict[str, Any] | None:
    async with who.session.get(f"{who.url}/control/{call}", params={"user": who.name}) as answer:
        shown: dict[str, Any] | None = await answer.json()
        return shown


def _names(element: dict[str, Any]) -> set[str]:
    text = element.get("text")
    return {element["action_id"], text["text"] if isinstance(text, dict) else "", *in_menu(element)}


def elements_of(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield every interactive element with the id of its block."""
    for block in blocks:
        inside = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        yield from ({**e, "in_block": block["block_id"]} for e in inside if e and "action_id" in e)


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item)
