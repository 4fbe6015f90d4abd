"""Whether an address is fit to be shown as a link."""

from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from bot.ayrshare.errors import UnexpectedLink

PAGE_HOST = "profile.ayrshare.com"
"""Linking pages are nowhere else: https://www.ayrshare.com/docs/multiple-users/user-integration"""
LONGEST = 3_000
"""Characters in the `url` of a button: https://docs.slack.dev/reference/block-kit/block-elements/button-element"""


def checked(url: SecretStr, *, any_host: bool) -> SecretStr:
    """Return the address untouched; raise UnexpectedLink if it is too long or does not lead to a linking page."""
    text = url.get_secret_value()
    parts = _split(text)
    if parts is None or len(text) > LONGEST or not (_is_web(parts) if any_host else _is_the_page(parts)):
        raise UnexpectedLink
    return url


def _split(text: str) -> SplitResult | None:
    """Take apart only what a browser takes apart in the same way: it reads backslashes and line ends differently."""
    if not text.isascii() or not text.isprintable() or set(text) & set(' \\<>"|'):
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_web(parts: SplitResult) -> bool:
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _is_the_page(parts: SplitResult) -> bool:
    return parts.scheme == "https" and parts.netloc.lower() == PAGE_HOST
