"""Every guess about the real service: what its documentation leaves open, and what the local one does there.

When a real answer is seen, correct it here. The bot depends on none of these beyond HTTP status and `code`.
"""

from datetime import timedelta
from typing import Final

UNKNOWN_PROFILE_KEY: Final = 403
"""For a key that nobody has, for the API key in its place, and for a deleted profile's; without `code`."""
MISSING_FIELD: Final = 400
"""Also for a field of the wrong type, and for one of the two X headers alone; without `code`."""
NEEDS_MAX_PACK: Final = 400
"""For `expiresIn` or `email` without it, and for an `expiresIn` that is no number from 1 to 2880."""
NEEDS_OTHER_PLAN: Final = 402
TITLE_TAKEN: Final = (400, 146)
UNKNOWN_TITLE: Final = 404
"""Of a profile to be deleted."""
BAD_PRIVATE_KEY: Final = (400, 189)
"""With `verify`, whenever the page would refuse the token: for another's key or domain, too."""
MAIL_NOT_SENT: Final = (400, 333)
"""One of the five fields is missing, or `to` is no address."""
SESSION_REVOKED: Final = (410, 501)
"""On DELETE, as the next two; a GET tells the state of every session that there ever was."""
SESSION_UNKNOWN: Final = (404, 502)
"""Also for another profile's, and on GET."""
SESSION_EXPIRED: Final = (410, 503)
INVALID_JSON: Final = (500, "Internal Error")
"""The status is documented, that the answer is in JSON is not."""
JWT_ACTION: Final = "JWT"
"""`action` in errors of generateJWT."""
OTHER_ACTION: Final = "request"

RATE_MAX: Final = 300
"""Calls of a profile in a window (documented). generateJWT counts for the profile in its body."""
RATE_WINDOW: Final = timedelta(minutes=5)
"""Documented; that it starts with a profile's first call, and that no `Retry-After` is sent, is not."""
RATE_REFUSALS: Final = 1_000
"""Refusals in a day that suspend a profile (documented), here for good."""
DELETIONS_A_SECOND: Final = 8
"""Documented; that one more is a 429 is not."""

LIST_CACHED: Final = timedelta(minutes=5)
"""Documented; that create, update and delete end it early is not, but new ones show in seconds."""
LIST_MAX: Final = 5_000
"""Documented; a higher `limit` is lowered to it, `pagination` always there, `count` that of the page."""

HOOK_TIMEOUT: Final = timedelta(seconds=15)
HOOK_RETRIED: Final = frozenset({408, 425, 429})
"""And 5xx, and no answer in time: the rules of October 2026."""
HOOK_RETRIES: Final = tuple(timedelta(seconds=pause) for pause in (5, 30, 60, 120, 240, 480, 900, 1_500))
"""The pauses before a second to ninth send, within about an hour as documented."""
HOOK_OVERLAP: Final = timedelta(hours=24)
"""While two secrets sign, the former one's is in the plain header and the new one's in `-V2`; both in hex."""
HOOK_PLAIN_HTTP: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""The real service takes https only, but it is here that our tests listen."""
# That the source of a `refresh` is `system` is one, too. Nothing is sent when a profile is suspended or deleted: the
# actions `suspended` and `accountActivity` can be registered, what their events tell is not documented.

LINK_MINUTES: Final = 5
"""Documented; that a page still open at the deadline can do nothing more is not."""
REFRESH_AFTER: Final = {"linkedin": timedelta(days=60), "fbg": timedelta(days=60)}
"""For how long these networks accept a sign-in."""

# Of the page, where a constant would say nothing: names unknown in `allowedSocial` are left out; a profile's
# `disableSocial` hides a network even if it is allowed; only a GET is an opening; X needs no own X app there.
