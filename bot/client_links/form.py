"""The hidden field of a client link's page: a moment and a mark, sealed, which only our own page can have given out.

There is no cookie to tell a browser by, so what is proved is that whoever presses the button was shown the page of the
same token, and when. The mark makes a form that is sent twice one use.
"""

import secrets
from datetime import UTC, datetime

from pydantic import SecretStr

from bot.client_links.model import FORM_LIFE
from bot.storage.envelope import KeyRing
from bot.storage.errors import UnreadableSecret

PURPOSE = "client form"
SEPARATOR = "."


class Forms:
    """Gives out forms and reads them; any process that has the encryption keys can."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def issue(self, token: str, *, now: datetime) -> str:
        """Return a new form for the page of a token."""
        stamp = f"{int(now.timestamp())}{SEPARATOR}{secrets.token_hex(8)}"
        return self._keys.seal(SecretStr(stamp), token, PURPOSE)

    def read(self, form: str, token: str, *, now: datetime) -> str | None:
        """Return the stamp of a form, None if it isn't ours, not of this token, or too old."""
        try:
            stamp = self._keys.open(form, token, PURPOSE).get_secret_value()
            given = datetime.fromtimestamp(int(stamp.partition(SEPARATOR)[0]), UTC)
        except (UnreadableSecret, ValueError):
            return None
        return stamp if given <= now < given + FORM_LIFE else None


def fresh_stamp() -> str:
    """Return a stamp for a form that was used before: it is pressed again on purpose."""
    return secrets.token_hex(12)
