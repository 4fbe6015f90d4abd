"""The Ayrshare account: its API key, and a plan with User Profiles."""

from bot.ayrshare.client import AyrshareClient, open_session
from bot.ayrshare.errors import AuthFailed, AyrshareError, NotInPlan, RateLimited, Unavailable
from bot.cli.setup.answers import ApiKeyAnswer
from bot.cli.setup.secret_step import Refused, SecretStep
from bot.core.clock import SystemClock

NO_PLAN = "The account's plan has no User Profiles. It takes Launch, Business or Enterprise: upgrade at Ayrshare."


def give_api_key() -> None:
    """Ask for the account's API key, whose plan must have User Profiles."""
    SecretStep(
        variable="AYRSHARE_API_KEY",
        wanted="the API key",
        clicks=(
            "Open https://app.ayrshare.com and sign in.",
            'If you see "User Profiles" in the menu on the left, make sure that "Primary Profile" is the active one.',
            'Open the page "API Key" in the same menu, and copy the key.',
        ),
        settings=ApiKeyAnswer,
        check=_check,
    ).take()


async def _check(answer: ApiKeyAnswer) -> str:
    """List the profiles, which only a plan with User Profiles can do."""
    async with open_session(1) as session:
        client = AyrshareClient(
            session, api_key=answer.ayrshare_api_key, base_url=answer.ayrshare_api_url, clock=SystemClock()
        )
        try:
            return f"Ayrshare accepts it (User Profiles: {len(await client.profiles())})"
        except AyrshareError as error:
            raise Refused(reason_of(error)) from None


def reason_of(error: AyrshareError) -> str:
    """Return, for whoever sets the bot up, why Ayrshare refused something."""
    if isinstance(error, AuthFailed):
        return "Ayrshare doesn't accept it. Copy the API key of the Primary Profile; a profile's own key doesn't work."
    if isinstance(error, RateLimited):
        return error.sentence
    if isinstance(error, NotInPlan):
        return NO_PLAN
    if isinstance(error, Unavailable):
        return f"Ayrshare can't be reached ({error.cause}). Check this machine's way to the internet, and try again."
    return f"Ayrshare refuses it (HTTP {error.http_status}). Try again."
