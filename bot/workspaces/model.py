"""What an installation is, its moments, and the names of its jobs. No I/O."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from slack_sdk.oauth.installation_store import Bot

from bot.core.model import TeamId
from bot.scheduling.job import Job, JobName

STATE_LIFE = timedelta(minutes=10)
"""How long an installation may take in the browser."""
REFRESH_AHEAD = timedelta(hours=2)
"""How long before it expires a token is refreshed, of its 12 hours.

https://docs.slack.dev/authentication/using-token-rotation
"""
CHECK_EVERY = timedelta(days=1)
DATA_KEPT = timedelta(days=30)
"""How long the data of a workspace outlives the installation, in case it is installed again."""

REFRESH_TOKEN = JobName("refresh_token")
"""Exchange the refresh token of a place for new tokens."""
CHECK_INSTALLATION = JobName("check_installation")
"""See whether the app is still installed in a place."""
END_CARDS = JobName("end_cards")
"""End the cards of a workspace that has uninstalled the app."""
FORGET_WORKSPACE = JobName("forget_workspace")
"""Delete the data of a place that uninstalled the app."""
AFTER_THE_END = frozenset({END_CARDS, FORGET_WORKSPACE})
"""The jobs that are done for a workspace without an installation; all others wait until it comes back."""
OF_THE_INSTALLATION = frozenset({REFRESH_TOKEN, CHECK_INSTALLATION})
"""The jobs that mean nothing without one."""

REFRESH, CHECK = Job(REFRESH_TOKEN, ""), Job(CHECK_INSTALLATION, "")
END, FORGET = Job(END_CARDS, ""), Job(FORGET_WORKSPACE, "")


@dataclass(frozen=True, slots=True)
class Installed:
    """What is stored of an installation, and how often it has been stored: a change names what it replaces."""

    bot: Bot
    version: int

    @property
    def place(self) -> TeamId:
        """Where the app is installed."""
        return place_of(self.bot)


def place_of(installation: Bot) -> TeamId:
    """Return the workspace or, for an organization-wide installation, the organization."""
    whole = installation.is_enterprise_install or not installation.team_id
    return TeamId(str(installation.enterprise_id if whole else installation.team_id))


def refresh_at(bot: Bot) -> datetime | None:
    """Return when the token is to be refreshed, or None if it doesn't expire."""
    if bot.bot_token_expires_at is None or not bot.bot_refresh_token:
        return None
    return datetime.fromtimestamp(bot.bot_token_expires_at, UTC) - REFRESH_AHEAD


def is_allowed(bot: Bot, allowed: frozenset[str]) -> bool:
    """Return whether a place, or the organization that its workspace belongs to, is on the list."""
    return place_of(bot) in allowed or bot.enterprise_id in allowed
