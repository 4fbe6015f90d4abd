"""What a client reads: the pages behind a client link, in HTML without a script, a cookie or anything from elsewhere.

Every text from elsewhere is escaped. The styles are one text, so that the page's policy can name its hash.
"""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from pathlib import Path

from bot.ayrshare.model import Account
from bot.ayrshare.networks import NETWORK_NAMES, network_name
from bot.client_links.model import ClientLink, Ending
from bot.core.visible import without_invisible
from bot.slack.text import plain_date_and_time, shortened

FORM_FIELD = "form"
STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
SIGNS = {
    "bluesky": "B",
    "facebook": "f",
    "gmb": "G",
    "instagram": "I",
    "linkedin": "in",
    "pinterest": "P",
    "reddit": "r",
    "snapchat": "S",
    "telegram": "T",
    "threads": "@",
    "tiktok": "t",
    "twitter": "X",
    "youtube": "▶",
}
"""A letter in the network's colour (page.css): no picture of anyone's is used."""
TEXT_LIMIT = 300
"""Letters of a title, a name or a note."""
ENDINGS = {
    Ending.EXPIRED: "This link has expired",
    Ending.USED_UP: "This link is used up",
}


def open_page(link: ClientLink, networks: Sequence[str], form: str, *, notice: str = "") -> str:
    """Return the page with the button; `form` is what the button sends, `networks` are those on offer."""
    title, workspace, sender = _text(link.title), _text(link.workspace), _text(link.sender)
    rows = "".join(f"<li>{_sign(one)}{escape(network_name(one))}</li>" for one in networks)
    greeting = f"Hello {_text(link.client)}. " if link.client else ""
    said = f'<p class="notice" role="status">{escape(notice)}</p>' if notice else ""
    note = f"<blockquote>{_text(link.note)}</blockquote>" if link.note else ""
    body = f"""{said}<h1>Connect your accounts for {title}</h1>
<p>{greeting}{sender} at {workspace} sent you this page.</p>{note}
<h2>Networks</h2><ul class="networks">{rows}</ul>
<h2>What happens</h2>
<ol><li>The button opens a page of Ayrshare, the service that posts for {workspace}.</li>
<li>You choose a network there and sign in to it. {workspace} never sees your password.</li>
<li>{workspace} can then post to the accounts that you connected. You can take that back in the network's settings.</li>
</ol>
<p class="hint">Use a private window: accounts that you're signed in to here could be connected by mistake.</p>
<form method="post"><input type="hidden" name="{FORM_FIELD}" value="{escape(form)}">
<button>Connect accounts</button></form>
<footer>This page works until {plain_date_and_time(link.expires_at)}. Questions? Ask {sender}.</footer>"""
    return _page(f"Connect your accounts for {title}", body)


def returned_page(link: ClientLink, connected: Sequence[Account] | None) -> str:
    """Return the page after the sign-in: what got connected, as far as Ayrshare tells by now."""
    workspace = _text(link.workspace)
    if connected:
        rows = "".join(f"<li>{_sign(one.network)}{_connected(one)}</li>" for one in connected)
        heading, said = "Connected", f'<ul class="networks">{rows}</ul><p>{workspace} can post there now.</p>'
    else:
        heading = "Nothing is connected yet"
        said = "<p>Ayrshare may need a minute to notice. Reload this page, or open your link again to go on.</p>"
    body = f"""<h1>{heading}</h1><p>{_text(link.title)}</p>{said}
<footer>You can close this page. Questions? Ask {_text(link.sender)}.</footer>"""
    return _page(f"{heading}: {_text(link.title)}", body)


def unknown_page() -> str:
    """Return the page of a link that is unknown or was revoked; nothing on it tells which."""
    return _said("This link doesn't work", "Check that you have all of it, or ask whoever sent it for a new one.")


def ended_page(link: ClientLink, ending: Ending) -> str:
    """Return the page of a link that has expired or is used up."""
    ask = f"Ask {_text(link.sender)} at {_text(link.workspace)} for a new one."
    return _page(ENDINGS[ending], f"<h1>{ENDINGS[ending]}</h1><p>{ask}</p>")


def too_often_page(seconds: int) -> str:
    """Return the page of a limit."""
    minutes = -(-seconds // 60)
    return _said("Too many tries", f"Try again in {'a minute' if minutes <= 1 else f'{minutes} minutes'}.")


def trouble_page() -> str:
    """Return the page of a failure that passes."""
    return _said("That didn't work", "The sign-in page can't be reached right now. Try again in a minute.")


def _said(title: str, sentence: str) -> str:
    return _page(title, f"<h1>{title}</h1><p>{sentence}</p>")


def _sign(network: str) -> str:
    known = network if network in NETWORK_NAMES else "other"
    return f'<span class="sign {known}" aria-hidden="true">{SIGNS.get(network, "•")}</span> '


def _connected(account: Account) -> str:
    who = _text(account.name or account.handle)
    return f"<span>{escape(network_name(account.network))} connected{f' ({who})' if who else ''}</span>"


def _text(words: str) -> str:
    """Return a person's words in one line, made inert."""
    return escape(shortened(without_invisible(words), limit=TEXT_LIMIT))


def _page(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow"><meta name="color-scheme" content="light dark">
<title>{title}</title><style>{STYLE}</style></head>
<body><main>{body}</main></body></html>
"""
