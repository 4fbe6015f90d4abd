"""What is typed behind these commands, checked for its shape."""

import re
from typing import Annotated

import typer

from bot.core.model import TeamId, UserId


def _team(value: str | None) -> TeamId | None:
    return (
        TeamId(_matching(r"[TE][A-Z0-9]+", value, "a workspace ID begins with T, such as T0123ABC")) if value else None
    )


def _user(value: str) -> UserId:
    return UserId(_matching(r"[UW][A-Z0-9]+", value, "a user ID begins with U or W, such as U0123ABC"))


def _matching(pattern: str, value: str, words: str) -> str:
    if not re.fullmatch(pattern, value):
        raise typer.BadParameter(words)
    return value


Team = Annotated[str, typer.Argument(callback=_team, help="Slack workspace ID (T…)")]
User = Annotated[str, typer.Argument(callback=_user, help="Slack user ID (U… or W…)")]
OneTeam = Annotated[
    str | None,
    typer.Option(
        "--team",
        callback=_team,
        help="Slack workspace ID (T…); by default that of SLACK_BOT_TOKEN, else the only one known",
    ),
]
