"""`manifest`: what to make the Slack app from."""

import json
from typing import Annotated

import typer

from bot.cli.boundary import settings_of, stop
from bot.manifest import app_manifest
from bot.settings import SlackAppSettings


def manifest(
    *, socket: Annotated[bool, typer.Option("--socket", help="for Socket Mode: without addresses")] = False
) -> None:
    """Print the Slack app's manifest as JSON, for HTTP at PUBLIC_URL or for Socket Mode."""
    from handlers.commands import usage_lines  # noqa: PLC0415 - the other commands start twice as fast without Bolt

    settings = settings_of(SlackAppSettings)
    hint = " | ".join(typed for typed, _ in usage_lines("") if typed)
    public_url = None if socket else _https(settings.public_url)
    made = app_manifest(command=settings.connect_command, usage_hint=hint, public_url=public_url)
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))


def _https(public_url: str | None) -> str:
    if public_url is None:
        stop("PUBLIC_URL: required for the HTTP manifest; or use --socket", code=2)
    if not public_url.startswith("https://"):
        stop("PUBLIC_URL: must begin with https://, because Slack calls nothing else; or use --socket", code=2)
    return public_url
