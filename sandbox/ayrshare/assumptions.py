"""Every assumption about the real service: what its documentation leaves open, and what the local one does there.

Correct them here when a real response is seen. The bot depends on none of them except HTTP status and `code`.
"""

from datetime import timedelta
from typing import Final

UNKNOWN_PROFILE_KEY: Final = 403
"""For an unknown key, the API key in its place, and the key of a deleted profile; without `code`."""
MISSING_PARAMETER: Final = (400, 101)
"""Documented for the secret of webhooks; elsewhere, also for a field of the wrong type and for only one of the two X
headers, a guess."""
NEEDS_MAX_PACK: Final = 400
"""For `expiresIn` or `email` without the Max Pack, and for an `expiresIn` that isn't a number from 1 to 2880."""
CONNECT_NEEDS_MAX_PACK: Final = (403, 504)
"""For `mode: connect` without the Max Pack; the code was seen in a client's code, the status is a guess."""
NEEDS_OTHER_PLAN: Final = 402
"""For profiles and links on the plan Premium."""
PROFILE_LIMITS: Final = {"launch": 10}
"""Second-hand: a plan's User Profiles; Business has 30 and bills more of them."""
PROFILE_LIMIT_REACHED: Final = 402
"""For one profile more than the plan has; without `code`."""
TITLE_TAKEN: Final = (400, 146)
UNKNOWN_TITLE: Final = 404
"""When a profile is deleted by its title."""
BAD_PRIVATE_KEY: Final = (400, 189)
"""With `verify`, whenever the page would reject the token, so also for another account's key or domain."""
EMAIL_NOT_SENT: Final = (400, 333)
"""One of the five fields is missing, or `to` isn't an email address."""
SESSION_REVOKED: Final = (410, 501)
"""On DELETE only, like the next two; GET returns the state of every session ever created."""
SESSION_UNKNOWN: Final = (404, 502)
"""Also for another profile's session, and on GET."""
SESSION_EXPIRED: Final = (410, 503)
INVALID_JSON: Final = (500, "Internal Error")
"""The status is documented; that the response is JSON is not."""
JWT_ACTION: Final = "JWT"
"""The field `action` in errors of generateJWT."""
OTHER_ACTION: Final = "request"

RATE_MAX: Final = 300
"""Calls of a profile in a window (documented). generateJWT counts for the profile in its body."""
RATE_WINDOW: Final = timedelta(minutes=5)
"""Documented; that it starts with a profile's first call, and that no `Retry-After` is sent, is not."""
RATE_REFUSALS: Final = 1_000
"""Rejected calls in a day that suspend a profile (documented), here for good."""
DELETIONS_A_SECOND: Final = 8
"""Documented; that one more is a 429 is not."""

LIST_CACHED: Final = timedelta(minutes=5)
"""Documented; that create, update and delete end the cache early is not, but new profiles appear in seconds."""
LIST_MAX: Final = 5_000
"""Documented; a higher `limit` is lowered to it, `pagination` is always present, `count` is that of the page."""

HOOK_TIMEOUT: Final = timedelta(seconds=15)
HOOK_RETRIED: Final = frozenset({408, 425, 429})
"""The statuses that are retried besides 5xx and a timeout: the rules of October 2026."""
HOOK_RETRIES: Final = tuple(
    timedelta(seconds=pause) for pause in (5, 30, 60, 120, 240, 480, 900, 1_500, 3_600, 7_200, 14_400, 28_800)
)
"""The pauses before the second attempt and all others: nine within about an hour, then more slowly, which is
second-hand, as are the headers that name a delivery and count its attempts. For how long is a guess."""
HOOK_OVERLAP: Final = timedelta(hours=24)
"""While two secrets sign, the previous one's signature is in the plain header, the new one's in `-V2`; both in hex."""
HOOK_PLAIN_HTTP: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""The real service accepts https only; here our tests listen."""
# It is also assumed that a `refresh` event has the source `system`, and that the event `suspended` names the profile by
# `refId` and `title`. Nothing is sent when a profile is deleted or a suspension is lifted: `accountActivity` can be
# registered, but its events are not documented.

LINK_MINUTES: Final = 5
"""Documented; that a page still open at the deadline stops working is not."""
BATCH_READY_AFTER: Final = timedelta(minutes=5)
"""From a call of `GET /user/batch` to the file at its `url`, a 404 until then: as in the documented example."""
BATCH_EVERY: Final = timedelta(hours=3)
"""Documented, though the example's `nextUpdate` comes after 12 minutes. The file's content is not: here it is an array
of what `GET /user` answers for each User Profile. That the webhook `batch` comes when the file is ready is documented,
its fields aren't: here it has what the call answers as `batch`, beside the fields of all events."""
BATCH_KEPT: Final = timedelta(days=7)
"""Documented."""

REFRESH_AFTER: Final = {"linkedin": timedelta(days=365), "fbg": timedelta(days=60)}
"""How long these networks accept a sign-in: LinkedIn's year is second-hand, the other one is a guess."""
REFRESH_ANNOUNCED: Final = timedelta(days=15)
"""How long before the end of that the event `refresh` comes (second-hand, of LinkedIn)."""
DAYS_TOLD: Final = frozenset(REFRESH_AFTER)
"""Networks whose `refreshDaysRemaining` counts down, as it was seen. For others the day is a text in `refreshRequired`,
which was seen in a client's code."""

# An account's `id` stays the same when the same account is linked again, and differs for another one. Which account is
# linked depends on who is signed in at the network: here a profile's own people, or whoever `signed_in` names.
#
# About the page: names in `allowedSocial` that it doesn't know are ignored; a profile's `disableSocial` hides a network
# even if it is allowed; only GET counts as an opening. A link made without the keys of an own X app never offers X,
# even where `allowedSocial` names nothing else; that X needs the keys is documented.
#
# Second-hand, and done by both ways to make a link: `allowedSocial` needs no Max Pack. Second-hand, and done with the
# token style `session`: generateJWT reads no `privateKey`, needs no `domain`, its token begins with `ayr_ls_`; it is
# deprecated without an end date. With the style `jwt` it does what is documented. In a link's query `jwt` comes first,
# as in Ayrshare's test scripts; its documentation has `domain` first.
#
# About profiles: one account for each network (second-hand), so another one takes its place; LinkedIn's is a person,
# never a page. `displayNames` are in the order of the networks' names, as in Ayrshare's test scripts. `team` needs
# `email`, as in its published schema. A plan's profiles are counted as they are, not by the month's peak, and cost
# nothing here (second-hand).
#
# About calls: a body may be a form, whose `name[0]` is an item of an array and `name[key]` a field of an object; `true`
# and `false` are booleans there and `expiresIn` is a number. `instagramLinkMethod` is read from link sessions only
# (second-hand).
