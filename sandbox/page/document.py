"""The HTML documents around what is drawn: the page itself, and a notice in its place."""

import json

from sandbox.drawing.html import Html, join, tag
from sandbox.drawing.text import DATE_FORMATS
from sandbox.page.address import WORLD, Address
from sandbox.page.icons import icons


def document(content: Html, screen: str) -> Html:
    """Return the whole page around what is drawn."""
    scripts = (
        *(tag("script", src=f"/page/{name}.js", defer=True, fetchpriority="low") for name in ("idiomorph", "fixi")),
        tag("script", type="module", src="/page/page.js", fetchpriority="low"),
    )
    body = tag("body", icons(), content, data_screen=screen, data_formats=json.dumps(DATE_FORMATS))
    return _document(body, *scripts)


def notice(title: str, *said: Html) -> Html:
    """Return a document that says what went wrong and what to do; it leads back to the page."""
    back = tag("p", tag("a", "Back to the workspace", href=Address().url(side=WORLD), class_="button"))
    return _document(tag("body", tag("main", tag("h1", title), *said, back, class_="notice-page")))


def recording_form() -> Html:
    """Return the form with which one chooses a recording and plays it."""
    file = tag(
        "input", type="file", name="recording", required=True, accept=".jsonl,.json,.txt,*", aria_label="A recording"
    )
    upload = {"method": "post", "action": "/page/recordings", "enctype": "multipart/form-data"}
    return tag("form", file, tag("button", "Play it", class_="button"), **upload)


def _document(body: Html, *scripts: Html) -> Html:
    head = (
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", "connectbot demo"),
        tag("link", rel="stylesheet", href="/page/page.css"),
        tag("link", rel="stylesheet", href="/page/slack.css"),
        *scripts,
    )
    return join([Html("<!doctype html>"), tag("html", tag("head", *head), body, lang="en")])
