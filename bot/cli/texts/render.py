"""What people see of blocks, in plain words: `[a button]`, `<a menu: its options>`, `Label: ____`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape

from bot.core.model import Block, Message
from bot.slack.model import Home, Modal

TOKEN = re.compile(r"<!date\^\d+\^[^|>]*\|([^>]*)>")
PERSON = re.compile(r"<@(\w+)>")
LINK = re.compile(r"<\w+://[^|>]+\|([^>]*)>")
BUTTON = re.compile(r"<(?:button|a\b[^>]*)>(.*?)</(?:button|a)>")
TAG = re.compile(r"<[^>]+>")
GROUP = re.compile(r"<!subteam\^\w+>")


def rendered(shown: Message | Modal | Home | str, names: Mapping[str, str]) -> list[str]:
    """Return the lines that people read; a message's `text` comes first. `names` are people's, by id."""
    match shown:
        case str() if shown.startswith("<!doctype"):
            lines = list(_html(shown))
        case str():
            lines = [shown]
        case Message():
            lines = [f"text: {shown.text}", *_blocks(shown.blocks)]
        case Modal():
            ends = [*([f"[{shown.submit}]"] if shown.submit else []), f"[{shown.close}]"]
            lines = [f"# {shown.title}", *_blocks(shown.blocks), " ".join(ends)]
        case _:
            lines = list(_blocks(shown.blocks))
    return [line for text in lines for line in in_words(text, names).split("\n")]


def _html(page: str) -> Iterator[str]:
    """Yield the lines of a page in HTML."""
    drawn = BUTTON.sub(r"[\1]", page.partition("<body>")[2])
    for line in re.split(r"</?(?:h\d|p|li|blockquote|footer|form)\b[^>]*>|\n", drawn):
        if words := unescape(TAG.sub("", line)).strip():
            yield words


def in_words(text: str, names: Mapping[str, str]) -> str:
    """Return mrkdwn with people by name and moments in UTC."""
    named = PERSON.sub(lambda found: f"@{names.get(found[1], found[1])}", GROUP.sub("@marketing", text))
    return LINK.sub(r"\1", TOKEN.sub(r"\1", named)).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _blocks(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    match block["type"]:
        case "section" | "header" | "alert":
            said = block["text"]["text"]
            fields = [field["text"] for field in block.get("fields", ())]
            drawn = [_element(block["accessory"])] if "accessory" in block else []
            yield "  ".join([*([f"! {said}"] if block["type"] == "alert" else [said]), *fields, *drawn])
        case "context":
            yield " · ".join(f"({element['text']})" for element in block["elements"])
        case "actions":
            yield " ".join(map(_element, block["elements"]))
        case "input":
            hint = f"  ({block['hint']['text']})" if "hint" in block else ""
            yield f"{block['label']['text']}: {_element(block['element'])}{hint}"
        case "rich_text":
            yield from (f"> {part['text']}" for quote in block["elements"] for part in quote["elements"])
        case "divider":
            yield "---"


def _element(element: Block) -> str:
    if element["type"] in {"button", "workflow_button"}:
        return f"[{element['text']['text']}]{_asked(element)}"
    options = " | ".join(map(_option, element.get("options", ())))
    if element["type"] == "overflow":
        return f"[⋯ {options}]{_asked(element)}"
    shown = element.get("placeholder", {}).get("text", "")
    return f"<{': '.join(filter(None, (shown, options)))}>" if options or shown else "____"


def _option(option: Block) -> str:
    described = f" ({option['description']['text']})" if "description" in option else ""
    return f"{option['text']['text']}{described}"


def _asked(element: Block) -> str:
    """Return the question that is asked before a button does anything."""
    if "confirm" not in element:
        return ""
    asks = element["confirm"]
    return f"{{{asks['title']['text']} {asks['text']['text']} [{asks['confirm']['text']}] [{asks['deny']['text']}]}}"
