"""Why an app gets no link; each sentence is the `detail` of a problem.

What a key may not use is told apart from what doesn't exist by nothing.
"""

import math
from datetime import timedelta

from bot.core.errors import ConnectbotError
from bot.profiles.errors import NoSuchProfile, NotMapped


class ApiKeyRefused(ConnectbotError):
    """A request has no API key, or one that is unknown, revoked or expired."""

    kind = "key_refused"
    says = "Send an API key that works, as a bearer token. `connectbot api-keys create` makes one."


class KeyUsedTooOften(ConnectbotError):
    """An API key's rate is used up."""

    kind = "key_used_too_often"

    def __init__(self, rate: int, wait: timedelta) -> None:
        seconds = math.ceil(wait.total_seconds())
        super().__init__(f"This key may make {rate} requests a minute. Try again in {seconds} s.")
        self.retry_after = wait


class RequestNotUnderstood(ConnectbotError):
    """A request isn't what the call takes; for each reason there is a pointer and a sentence."""

    kind = "request_not_understood"
    says = "The request isn't what this call takes; `errors` says why."

    def __init__(self, faults: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self.faults = faults


class NotJson(ConnectbotError):
    """A request's body isn't JSON, or doesn't say so."""

    kind = "not_json"
    says = "Send the body as JSON, with `Content-Type: application/json`."


class UnknownProfile(NoSuchProfile):
    """There is no such profile among those that a key may use."""

    says = "There is no such profile among those that this key may use."


class NobodyMapped(NotMapped):
    """Nobody whom the bot serves has the profile."""

    says = "That profile is mapped to nobody. An admin maps it to a person in Slack."

    def __init__(self) -> None:
        ConnectbotError.__init__(self)


class NothingMapped(NobodyMapped):
    """No profile that a key may use is mapped to the person, whom Slack may not even know."""

    says = "No profile that this key may use is mapped to that person."


class LookupNotGranted(ConnectbotError):
    """The bot lacks the optional scope to find people by their address."""

    kind = "addresses_hidden"
    says = "Slack doesn't let this bot see e-mail addresses. Name the person by their Slack ID."


class UnknownLink(ConnectbotError):
    """There is no such link among those that a key has made."""

    kind = "no_such_link"
    says = "There is no such link among those that this key has made."


class NotTakenBack(ConnectbotError):
    """A link that was made by generateJWT works until it expires."""

    kind = "not_taken_back"
    says = "Links by generateJWT can't be taken back. This one works until it expires."


class LinkTakenBack(ConnectbotError):
    """A request is made again whose link was taken back, or has ended with the right to it."""

    kind = "link_taken_back"
    says = "The link that this request has made was taken back. Ask for a new one with another Idempotency-Key."


class StillWorking(ConnectbotError):
    """A request is made again while it is carried out."""

    kind = "still_working"
    says = "The same request is still being carried out. Ask again in a second."
    retry_after = timedelta(seconds=1)


class IdempotencyKeyReused(ConnectbotError):
    """An Idempotency-Key comes with another request than before."""

    kind = "idempotency_key_reused"
    says = "That Idempotency-Key was used for another request. Each request needs its own."


class IdempotencyKeyMalformed(ConnectbotError):
    """An Idempotency-Key is empty, too long, or not ASCII."""

    kind = "idempotency_key_malformed"
    says = "An Idempotency-Key has 1 to 255 printable ASCII characters."
