"""The Slack app: made from the manifest, its tokens and its signing secret."""

import json
import os
import sys
import webbrowser
from urllib.parse import quote

import typer

from bot.cli.doctor.slack import SIGNING_SECRET, Reply, ask, missing_scopes, open_session
from bot.cli.setup import terminal
from bot.cli.setup.answers import AppTokenAnswer, BotTokenAnswer, Given, SigningSecretAnswer, given
from bot.cli.setup.challenge import Challenges
from bot.cli.setup.secret_step import Refused, SecretStep
from bot.manifest import NAME, app_manifest
from bot.settings import SlackAppSettings

NEW_APP = "https://api.slack.com/apps?new_app=1"
APPS = "https://api.slack.com/apps"
CHECK_WAY = "Check this machine's way to the internet, then paste it again."


def create_app(public_url: str | None) -> None:
    """Have the app made from the manifest, for Socket Mode without an address, unless its token is there already."""
    if given(Given).slack_bot_token:
        terminal.done("the app exists")
        return
    manifest = app_manifest(command=given(SlackAppSettings).connect_command, public_url=public_url)
    if not _open_in_browser(manifest):
        _print_manifest(manifest)
    terminal.ask('Press Enter when Slack shows the app\'s page "Basic Information"')
    terminal.done("the app exists")


def _open_in_browser(manifest: object) -> bool:
    """Open Slack's page with the manifest filled in; return False where there is no browser, or it isn't wanted."""
    if not (sys.platform == "darwin" or any(map(os.environ.get, ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")))):
        return False
    if terminal.ask("Press Enter to open Slack's page in your browser, or type p to print the manifest"):
        return False
    address = f"{NEW_APP}&manifest_json={quote(json.dumps(manifest, separators=(',', ':'), ensure_ascii=False))}"
    if not webbrowser.open(address):
        return False
    terminal.clicks('In the browser: pick your workspace, press "Next", then "Create".')
    return True


def _print_manifest(manifest: object) -> None:
    terminal.clicks(
        f'Open {NEW_APP} and choose "From a manifest".',
        'Pick your workspace, press "Next", choose "JSON", and paste all of this in place of what is there:',
    )
    typer.echo(f"\n{json.dumps(manifest, indent=2, ensure_ascii=False)}\n")
    terminal.clicks('Press "Next", then "Create".')


def give_bot_token() -> None:
    """Ask for the bot token; Slack has to accept it with the scopes that the bot needs."""
    SecretStep(
        variable="SLACK_BOT_TOKEN",
        wanted="the Bot User OAuth Token (xoxb-…)",
        clicks=(
            f'On the app\'s page ({APPS}, "{NAME}"), open "OAuth & Permissions".',
            'Press "Install to" with your workspace\'s name, then "Allow". If an admin has to approve it, Ctrl-C.',
            'Under "Bot User OAuth Token", press "Copy".',
        ),
        settings=BotTokenAnswer,
        check=_check_bot_token,
    ).take()


async def _check_bot_token(answer: BotTokenAnswer) -> str:
    async with open_session() as session:
        reply = await ask(session, answer.slack_api_url, "auth.test", answer.slack_bot_token)
    _must_be_accepted(reply, "Copy the Bot User OAuth Token again.")
    if missing := missing_scopes(reply.headers.get("x-oauth-scopes")):
        raise Refused(
            f"The app lacks {', '.join(missing)}. Add that under OAuth & Permissions, Scopes, press "
            '"Reinstall" there, and paste the token again.'
        )
    return f"Slack accepts it in the workspace {reply.body.get('team')!s:.80}"


def give_app_token() -> None:
    """Ask for the app-level token, which has to open connections."""
    SecretStep(
        variable="SLACK_APP_TOKEN",
        wanted="the app-level token (xapp-…)",
        clicks=(
            'On the app\'s page "Basic Information", under "App-Level Tokens", press "Generate Token and Scopes".',
            'Name it connectbot, press "Add Scope", choose "connections:write", and press "Generate".',
            'Press "Copy".',
        ),
        settings=AppTokenAnswer,
        check=_check_app_token,
    ).take()


async def _check_app_token(answer: AppTokenAnswer) -> str:
    async with open_session() as session:
        reply = await ask(session, answer.slack_api_url, "apps.connections.open", answer.slack_app_token)
    _must_be_accepted(reply, "Generate one with the scope connections:write.")
    return "it opens connections to Slack"


def give_signing_secret(challenges: Challenges) -> None:
    """Ask for the signing secret; what Slack has sent meanwhile tells whether it is the right one."""

    async def check(answer: SigningSecretAnswer) -> str:
        if not SIGNING_SECRET.fullmatch(answer.slack_signing_secret.get_secret_value()):
            raise Refused("A signing secret has 32 hexadecimal digits. It stands under App Credentials.")
        if challenges.were_signed_with(answer.slack_signing_secret) is False:
            raise Refused("Slack signs with another secret. Copy the Signing Secret, not the Client Secret.")
        return "it fits what Slack sent" if challenges.received else "it has the shape of one"

    SecretStep(
        variable="SLACK_SIGNING_SECRET",
        wanted="the Signing Secret",
        clicks=(
            'If Slack says that the URL isn\'t verified ("App Manifest" or "Event Subscriptions"), verify it there.',
            'On the page "Basic Information", under "App Credentials", show the "Signing Secret" and copy it.',
        ),
        settings=SigningSecretAnswer,
        check=check,
    ).take()


def _must_be_accepted(reply: Reply, again: str) -> None:
    """Raise Refused if Slack refuses a token, or can't be asked."""
    if reply.refused == "ratelimited":
        raise Refused("Slack was asked too often. Wait a minute, then paste it again.")
    if reply.refused == "not_allowed_token_type":
        raise Refused(f"Slack says that this is a token of another kind. {again}")
    if reply.problem:
        raise Refused(f"{reply.problem}. {again if reply.refused else CHECK_WAY}")
