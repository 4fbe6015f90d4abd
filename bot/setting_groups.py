"""Settings that go together: all of some or none, and one workspace or many."""

from collections.abc import Iterable, Mapping
from typing import Any

INSTALLED_BY_OAUTH = ("slack_client_id", "slack_client_secret", "slack_allowed_workspaces")


def all_or_none(given: frozenset[str], *names: str) -> Iterable[str]:
    """Return a problem for each variable that is missing beside others of its group."""
    missing = [name for name in names if name not in given]
    if len(missing) < len(names):
        together = ", ".join(name.upper() for name in names)
        yield from (f"{name.upper()}: set all of {together}, or none" for name in missing)


def workspace_problems(given: frozenset[str]) -> Iterable[str]:
    """Return what is missing, or too much, for one workspace (a bot token) or for many (OAuth, over HTTP only)."""
    many = set(INSTALLED_BY_OAUTH) & given
    yield from all_or_none(given, *INSTALLED_BY_OAUTH)
    if not many and "slack_bot_token" not in given:
        yield "SLACK_BOT_TOKEN: required"
    if many and "slack_bot_token" in given:
        yield "SLACK_BOT_TOKEN: is of one workspace; leave it out with SLACK_CLIENT_ID"
    if many and "slack_app_token" in given:
        yield "SLACK_APP_TOKEN: leave it out with SLACK_CLIENT_ID, because workspaces install the app over HTTP"
    if "slack_signing_secret" not in given and (many or "slack_app_token" not in given):
        yield "SLACK_SIGNING_SECRET: required" + ("" if many else " (unless SLACK_APP_TOKEN is set)")


def admin_problems(values: Mapping[str, Any]) -> Iterable[str]:
    """Return a problem if CONNECT_ADMINS doesn't name workspaces where there are many, or does where there is one."""
    many, written = "slack_client_id" in values, str(values.get("connect_admins") or "")
    entries = [one for one in written.replace(",", " ").split() if one]
    if many and not all(":" in one for one in entries):
        yield "CONNECT_ADMINS: name the workspace of each with SLACK_CLIENT_ID, such as T0123ABC:U0456DEF"
    if not many and any(":" in one for one in entries):
        yield "CONNECT_ADMINS: must be user IDs (U…) or user-group IDs (S…)"
