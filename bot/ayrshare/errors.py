"""Which failure each of Ayrshare's refusals is, by its status and code, and the sentence that people see.

AyrshareError
├── AuthFailed        the API key is missing or wrong
├── NotInPlan         the account's plan does not include it
│   ├── PaymentRequired   it has to be paid for
│   └── ProfileLimit      it has no room for another profile
├── MaxPackMissing    longer-lived links were refused
├── ConnectNeedsMaxPack  links straight to a network's sign-in were refused
├── MailNeedsMaxPack  mails with a link were refused
├── ProfileGone       the profile was deleted or suspended, or its key is wrong
├── BadPrivateKey     the private key cannot sign
├── TitleTaken        another profile has that title
├── BadRequest        refused for any other reason
├── RateLimited       too many calls; says how long to wait, if known
├── Unavailable       no response, or one that can't be read
├── LinkDead          a link session that no longer works
│   ├── LinkRevoked       it was revoked
│   ├── LinkUnknown       it never existed
│   └── LinkExpired       it has expired
├── EmailFailed       the mail with the link could not be sent
└── UnexpectedLink    the URL does not lead to Ayrshare's page

https://www.ayrshare.com/docs/errors/errors-http , https://www.ayrshare.com/docs/errors/errors-ayrshare
"""

from datetime import timedelta
from http import HTTPStatus

from bot.core.errors import ConnectbotError
from bot.core.proxy import cause_of_status

SECONDS_IN_WORDS = 90
"""A longer wait is said in minutes."""
TELL = "Tell whoever runs this bot."


class AyrshareError(ConnectbotError):
    """A failure of a call, with its HTTP status and `code`; contains nothing secret."""

    def __init__(
        self, *, http_status: int | None = None, code: int | None = None, retry_after: timedelta | None = None
    ) -> None:
        super().__init__()
        self.http_status = http_status
        self.code = code
        self.retry_after = retry_after

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed when it is retried."""
        return False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(http_status={self.http_status}, code={self.code})"


class AuthFailed(AyrshareError):
    """The API key is missing or wrong."""

    kind = "auth"
    says = f"Ayrshare rejected our API key. {TELL}"


class NotInPlan(AyrshareError):
    """The account's plan does not include the call."""

    kind = "plan"
    says = f"Our Ayrshare plan doesn't include that. {TELL}"


class PaymentRequired(NotInPlan):
    """The call has to be paid for, by another plan or an unpaid bill (402)."""

    kind = "payment"
    says = f"Ayrshare wants a bigger plan, or a bill paid, before it does that. {TELL}"


class ProfileLimit(NotInPlan):
    """Another profile was refused, which suggests that the plan has no room for it."""

    kind = "profile_limit"
    says = (
        "Our Ayrshare plan allows no more profiles. Use an existing one, or delete one at Ayrshare. "
        "Whoever pays for Ayrshare can get a bigger plan."
    )


class MaxPackMissing(AyrshareError):
    """A link of more than five minutes was refused, which suggests that the account lacks the Max Pack."""

    kind = "max_pack"
    says = f"Links of more than five minutes need Ayrshare's Max Pack, which we don't have. {TELL}"


class ConnectNeedsMaxPack(AyrshareError):
    """A link straight to a network's sign-in was refused: the account lacks the Max Pack (504)."""

    kind = "connect_max_pack"
    says = f"Links straight to a network's sign-in need Ayrshare's Max Pack. {TELL}"


class MailNeedsMaxPack(AyrshareError):
    """Mailing a link was refused, which suggests that the account lacks the Max Pack."""

    kind = "mail_max_pack"
    says = f"Ayrshare refused to email a link: that takes its Max Pack. {TELL}"


class ProfileGone(AyrshareError):
    """The profile was deleted or suspended, or its key is wrong; never transient."""

    kind = "profile_gone"
    says = "Ayrshare refuses this profile. It was deleted or suspended, or has a new key. Ask an admin for help."


class BadPrivateKey(AyrshareError):
    """The private key cannot sign."""

    kind = "bad_key"
    says = f"Ayrshare can't use our private key. {TELL}"


class TitleTaken(AyrshareError):
    """Another profile has that title."""

    kind = "title_taken"
    says = "Ayrshare already has a profile with that title. Choose another title, or use that profile."


class BadRequest(AyrshareError):
    """Refused for a reason that has no class of its own."""

    kind = "bad_request"
    passes = True
    says = "Ayrshare didn't accept that. Try again. If it fails again, tell whoever runs this bot."


class RateLimited(AyrshareError):
    """Too many calls."""

    kind = "rate_limited"
    passes = True
    says = "Ayrshare is asking us to slow down. Try again in five minutes."

    def __init__(
        self, *, http_status: int | None = None, code: int | None = None, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(http_status=http_status, code=code, retry_after=retry_after)
        if retry_after is not None:
            seconds = max(1, round(retry_after.total_seconds()))
            wait = f"{seconds} s" if seconds < SECONDS_IN_WORDS else f"{-(-seconds // 60)} minutes"
            self.sentence = f"Ayrshare is asking us to slow down. Try again in {wait}."

    @property
    def retryable(self) -> bool:
        """Whether the wait is known."""
        return self.retry_after is not None


class Unavailable(AyrshareError):
    """No response (`http_status` is None), or one that can't be read."""

    kind = "unavailable"
    passes = True
    says = "Ayrshare isn't responding. Try again in a minute."

    def __init__(
        self,
        *,
        http_status: int | None = None,
        code: int | None = None,
        retry_after: timedelta | None = None,
        cause: str = "",
    ) -> None:
        super().__init__(http_status=http_status, code=code, retry_after=retry_after)
        self.cause = cause or (cause_of_status(http_status) if http_status else self.kind)

    @property
    def retryable(self) -> bool:
        """Whether the failure is transient; an unreadable 200 is not."""
        return self.http_status in {None, 500, 502, 503, 504}


class LinkDead(AyrshareError):
    """A link session that no longer works; the numbers 501 to 503 are values of `code`, not HTTP statuses."""

    kind = "link_dead"
    says = "That link no longer works."


class LinkRevoked(LinkDead):
    """The session was revoked (501)."""

    kind = "link_revoked"


class LinkUnknown(LinkDead):
    """The session never existed, or belongs to another profile (502)."""

    kind = "link_unknown"


class LinkExpired(LinkDead):
    """The session has expired (503)."""

    kind = "link_expired"


class EmailFailed(AyrshareError):
    """The mail with the link could not be sent."""

    kind = "email_failed"
    says = "Ayrshare couldn't send the email. Check that the address in Slack is right."


class UnexpectedLink(AyrshareError):
    """The URL does not lead to Ayrshare's page, or is longer than a Slack button allows."""

    kind = "unexpected_link"
    says = f"Ayrshare sent a link that doesn't look right, so I don't show it. {TELL}"


class NetworkNotOffered(ConnectbotError):
    """No link may offer the network that was asked for, by its `name`."""

    kind = "network_not_offered"

    def __init__(self, network_name: str) -> None:
        super().__init__(f"{network_name} can't be connected here. Whoever runs this bot can allow it.")


class XNotOffered(NetworkNotOffered):
    """X takes the keys of an app of one's own."""

    def __init__(self) -> None:
        ConnectbotError.__init__(
            self, "X can't be connected here: it takes an X app of our own. Whoever runs this bot can add it."
        )


CONNECT_REFUSED = 504
"""The `code` for `mode: connect` without the Max Pack; whether it comes with the same status is unknown."""
REDIRECTION = 3
BY_CODE: dict[int, type[AyrshareError]] = {
    102: AuthFailed,
    146: TitleTaken,
    189: BadPrivateKey,
    333: EmailFailed,
    501: LinkRevoked,
    502: LinkUnknown,
    503: LinkExpired,
    CONNECT_REFUSED: ConnectNeedsMaxPack,
}


def failure(status: int, code: int | None, *, per_profile: bool, retry_after: timedelta | None = None) -> AyrshareError:
    """Return the failure for a response; `per_profile` is whether the call acted for a profile."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        kind: type[AyrshareError] = RateLimited
    elif code in BY_CODE and code != status:  # a gateway may repeat its 502 as `code`
        kind = BY_CODE[code]
    else:
        kind = _by_status(status, per_profile=per_profile)
    return kind(http_status=status, code=code, retry_after=retry_after)


def _by_status(status: int, *, per_profile: bool) -> type[AyrshareError]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status // 100 == REDIRECTION:
        return Unavailable  # redirects are not followed, since they would carry the API key elsewhere
    if per_profile and status in {403, 404}:
        return ProfileGone
    return {401: AuthFailed, 402: PaymentRequired, 403: NotInPlan}.get(status, BadRequest)
