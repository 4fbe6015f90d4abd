"""Text objects as HTML and as plain words: https://docs.slack.dev/messaging/formatting-message-text."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from sandbox.drawing.html import Html, join, tag, web_address
from sandbox.drawing.names import BROADCASTS, Names

PIECE = re.compile(
    r"```\n?(?P<pre>.+?)\n?```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<token>[^<>\n]+)>"
    r"|(?<![\w*])\*(?!\s)(?P<strong>(?:<[^<>\n]*>|[^*\n])+?)(?<!\s)\*(?![\w*])"
    r"|(?<!\w)_(?!\s)(?P<em>(?:<[^<>\n]*>|[^_\n])+?)(?<!\s)_(?!\w)"
    r"|(?<![\w~])~(?!\s)(?P<s>(?:<[^<>\n]*>|[^~\n])+?)(?<!\s)~(?![\w~])"
    r"|(?P<emoji>:[a-z0-9_+-]+:)"
    r"|(?P<newline>\n)",
    re.DOTALL,
)
TOKEN = re.compile(r"<(?P<token>[^<>\n]+)>")
"""All that is markup within code, where Slack still reads it: https://github.com/integrations/slack/issues/1761."""
QUOTE = re.compile(r"(?:^(?:&gt;|>).*(?:\n|$))+", re.MULTILINE)
QUOTE_MARK = re.compile(r"^(?:&gt;|>) ?", re.MULTILINE)
DATE = "!date^"
IntlOptions = dict[str, str | bool]
NUMBERS: IntlOptions = {"year": "numeric", "month": "2-digit", "day": "2-digit"}
SHORT: IntlOptions = {"month": "short", "day": "numeric", "year": "numeric"}
MEDIUM = SHORT | {"month": "long"}
LONG = MEDIUM | {"weekday": "long"}
TIME: IntlOptions = {"hour": "numeric", "minute": "2-digit"}
NEAR: IntlOptions = {"near": True}
DATE_FORMATS: dict[str, IntlOptions] = {
    "date_num": NUMBERS,
    "date_slash": NUMBERS,
    "date": MEDIUM,
    "date_short": SHORT,
    "date_long": LONG,
    "date_pretty": MEDIUM | NEAR,
    "date_short_pretty": SHORT | NEAR,
    "date_long_pretty": LONG | NEAR,
    "day_divider_pretty": LONG | NEAR,
    "time": TIME,
    "time_secs": TIME | {"second": "2-digit"},
    "ago": {"ago": True},
    "clock": TIME | {"second": "2-digit", "weekday": "short", "day": "numeric", "month": "short"},
}
"""Slack's date tokens as what a browser's `Intl.DateTimeFormat` takes; `near` gives today a word, `ago` says how
long ago. `clock` is the page's own.

https://docs.slack.dev/messaging/formatting-message-text#date-formatting
"""
EMOJI = {
    ":white_check_mark:": "✅",
    ":warning:": "⚠️",
    ":red_circle:": "🔴",
    ":large_yellow_circle:": "🟡",
    ":large_green_circle:": "🟢",
    ":white_circle:": "⚪",
    ":large_orange_circle:": "🟠",
    ":large_blue_circle:": "🔵",
    ":x:": "❌",
    ":tada:": "🎉",
    ":moneybag:": "💰",
    ":bell:": "🔔",
    ":no_bell:": "🔕",
    ":eyes:": "👀",
    ":wave:": "👋",
    ":thumbsup:": "👍",
    ":+1:": "👍",
    ":lock:": "🔒",
    ":link:": "🔗",
    ":hourglass:": "⌛",
    ":hourglass_flowing_sand:": "⏳",
    ":clock1:": "🕐",
    ":bulb:": "💡",
    ":rocket:": "🚀",
    ":slightly_smiling_face:": "🙂",
}
"""The names of emoji that apps write most; others stay as they are."""


def text(value: Any, names: Names) -> Html:
    """Return a text object as HTML."""
    if not value:
        return Html("")
    if value["type"] == "mrkdwn":
        return mrkdwn(value["text"], names)
    return _plain(value["text"], emoji=value.get("emoji", True))


def words(value: Any, names: Names) -> str:
    """Return a text object, or a message's text, as the plain words that a notification shows."""
    if isinstance(value, dict):
        return value["text"] if value["type"] == "plain_text" else words(value["text"], names)
    return _plain_inline(str(value or ""), names)


def mrkdwn(source: str, names: Names) -> Html:
    """Return Slack's markup as HTML; a line that begins with `>` is a quotation."""
    pieces, end = [], 0
    for quote in QUOTE.finditer(source):
        pieces += [*_inline(source[end : quote.start()].removesuffix("\n"), names)]
        inner = QUOTE_MARK.sub("", quote.group().removesuffix("\n"))
        pieces.append(tag("blockquote", *_inline(inner, names)))
        end = quote.end()
    return join([*pieces, *_inline(source[end:], names)])


def _plain(source: str, *, emoji: bool) -> Html:
    shown = re.sub(r":[a-z0-9_+-]+:", lambda m: EMOJI.get(m.group(), m.group()), source) if emoji else source
    return join(_broken(shown))


def _broken(source: str) -> Iterator[str | Html]:
    """Yield the lines with a break between them."""
    for number, line in enumerate(source.split("\n")):
        yield from (tag("br"),) if number else ()
        yield line


def _inline(source: str, names: Names, markup: re.Pattern[str] = PIECE) -> Iterator[str]:
    return _spread(source, markup, lambda match: _piece(match, names))


def _plain_inline(source: str, names: Names, markup: re.Pattern[str] = PIECE) -> str:
    return "".join(_spread(source, markup, lambda match: _plain_piece(match, names)))


def _spread(source: str, markup: re.Pattern[str], draw: Callable[[re.Match[str]], str]) -> Iterator[str]:
    """Yield what is drawn of each piece of markup, and the text between them."""
    end = 0
    for match in markup.finditer(source):
        yield unescape(source[end : match.start()])
        yield draw(match)
        end = match.end()
    yield unescape(source[end:])


def _piece(match: re.Match[str], names: Names) -> Html:
    kind, inner = str(match.lastgroup), match[str(match.lastgroup)]
    if kind == "token":
        return _token(inner, names)
    if kind in {"pre", "code"}:
        return tag(kind, *_inline(inner, names, TOKEN))
    if kind == "emoji":
        return join([EMOJI.get(inner, inner)])
    return tag("br") if kind == "newline" else tag(kind, *_inline(inner, names))


def _plain_piece(match: re.Match[str], names: Names) -> str:
    kind, inner = str(match.lastgroup), match[str(match.lastgroup)]
    if kind == "token":
        target, _, label = inner.partition("|")
        return names.mention(target, label) or unescape(label or target)
    if kind == "emoji":
        return EMOJI.get(inner, inner)
    return inner if kind == "newline" else _plain_inline(inner, names, TOKEN if kind in {"pre", "code"} else PIECE)


def _token(inner: str, names: Names) -> Html:
    """Draw what stands between `<` and `>`: a mention, a date or a link."""
    target, _, label = inner.partition("|")
    if mention := names.mention(target, unescape(label)):
        own = target == f"@{names.viewer}" or target in BROADCASTS
        return tag("span", mention, class_="mention me" if own else "mention")
    if target.startswith(DATE):
        return _date(target.removeprefix(DATE), unescape(label))
    url = web_address(unescape(target))
    shown = unescape(label or target.removeprefix("mailto:"))
    return link(url, shown) if url else join([shown])


def _date(token: str, fallback: str) -> Html:
    """Draw a date for the browser to write in its own zone: `seconds^format`, with an optional `^link`."""
    seconds, _, rest = token.partition("^")
    date_format, _, url = rest.partition("^")
    try:
        drawn = moment(int(seconds), fallback, date_format)
    except (ValueError, OverflowError, OSError):
        return join([fallback])
    return link(web_address(url), drawn) if web_address(url) else drawn


def moment(seconds: float, shown: str = "", date_format: str = "{time}") -> Html:
    """Return a time element that the page's script writes in the browser's own zone and language."""
    at = datetime.fromtimestamp(seconds, UTC)
    return tag("time", shown or f"{at:%H:%M} UTC", datetime=at.isoformat(), data_format=date_format)


def link(url: str | None, shown: str) -> Html:
    """Return a link that opens in a tab of its own."""
    return tag("a", shown, href=url, target="_blank", rel="noopener noreferrer")


def unescape(source: str) -> str:
    """Return the text without Slack's three entities."""
    return source.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
