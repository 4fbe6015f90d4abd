"""What happened, in one order: people, Slack, the bot and Ayrshare, each call with a few words on what it was about."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any

from sandbox.calls import CallLog, Exchange, without_secrets
from sandbox.control.request import Services

Json = dict[str, Any]
MOST = 200
PERSON, SLACK_TO_BOT, BOT_TO_SLACK = "person", "slack-bot", "bot-slack"
BOT_TO_AYRSHARE, AYRSHARE_TO_BOT, PAGE, CRAWLER = "bot-ayrshare", "ayrshare-bot", "page", "crawler"


def logs(services: Services) -> dict[str, CallLog]:
    """Return the logs by who calls whom."""
    slack, ayrshare = services.slack, services.ayrshare
    return {
        PERSON: services.done,
        SLACK_TO_BOT: slack.deliveries,
        BOT_TO_SLACK: slack.calls,
        BOT_TO_AYRSHARE: ayrshare.calls,
        AYRSHARE_TO_BOT: ayrshare.webhooks_sent,
        PAGE: ayrshare.visits,
        CRAWLER: slack.crawler.calls,
    }


def entries(services: Services) -> list[Json]:
    """Return the last calls, oldest first."""
    newest = chain.from_iterable(
        ((exchange, way) for exchange in islice(reversed(log.exchanges), MOST)) for way, log in logs(services).items()
    )
    return [_entry(exchange, way) for exchange, way in sorted(newest, key=lambda pair: pair[0].order)[-MOST:]]


def bodies(services: Services, order: int) -> Json | None:
    """Return what was sent and answered in a call, secrets masked; None if it is too long ago."""
    for log in logs(services).values():
        for exchange in log.exchanges:
            if exchange.order == order:
                return masked_bodies(exchange)
    return None


def masked_bodies(exchange: Exchange) -> Json:
    """Return what was sent and answered, with the row of the log, secrets masked."""
    row = {name: value for name, value in exchange.row.items() if name not in {"n", "at", "call"}}
    sent = row.pop("args", None) or row.pop("body", None) or exchange.sent
    return without_secrets({"sent": _readable(sent), "answer": _readable(exchange.answer), "details": row})  # type: ignore[no-any-return]  # it is what was given


def _entry(exchange: Exchange, way: str) -> Json:
    row, sent = exchange.row, exchange.sent or {}
    refused = (exchange.answer or {}).get("error") if way == PERSON else ""
    failure = refused or row.get("error") or row.get("failure") or _failed_status(row.get("status"))
    return {
        "order": exchange.order,
        "at": datetime.fromisoformat(row["at"]).timestamp(),
        "way": way,
        "call": row["call"],
        "ms": row.get("ms"),
        "status": row.get("status"),
        "failure": str(failure or ""),
        "about": str(without_secrets(" ".join(_about(exchange, way)))),
        **({"channel": sent.get("channel", ""), "view": sent.get("view_id", "")} if way == PERSON else {}),
    }


def _failed_status(status: int | None) -> str:
    if status is None or 0 < status < 400:  # noqa: PLR2004 - HTTP's own number
        return ""
    return str(status) if status else "no answer"


def _about(exchange: Exchange, way: str) -> Iterator[str]:
    """Yield the words that tell this call from others of its name."""
    sent = exchange.sent if isinstance(exchange.sent, dict) else {}
    if way == PERSON:
        yield from (str(sent[name]) for name in ABOUT_PEOPLE if sent.get(name) not in {None, ""})
    elif way == SLACK_TO_BOT:
        yield from _about_delivery(sent)
    elif way == PAGE:
        yield from (str(exchange.row[name]) for name in ("network", "profile") if name in exchange.row)
    elif way == BOT_TO_SLACK:
        arguments = exchange.row.get("args") or {}
        yield from (str(arguments[name]) for name in ("user", "user_id", "channel") if arguments.get(name))


ABOUT_PEOPLE = ("user", "command", "callback_id", "action_id", "do", "profile", "network", "target", "kind", "text")


def _about_delivery(sent: Json) -> Iterator[str]:
    if "command" in sent:
        yield f"{sent['command']} {sent.get('text', '')}"
    elif "event" in sent:
        yield str(sent["event"].get("type"))
    else:
        view = sent.get("view") or {}
        named = [str(action.get("action_id")) for action in sent.get("actions") or ()]
        yield from named or (str(sent.get("callback_id") or view.get("callback_id") or sent.get("action_id") or ""),)


def _readable(body: Any) -> Any:
    """Return JSON as a value, where the body is text or bytes that hold some, and not too deep to be read."""
    if not isinstance(body, str | bytes):
        return body
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode(errors="replace") if isinstance(body, bytes) else body
