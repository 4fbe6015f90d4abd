"""`setup`: the checklist from nothing to a running bot, walked in the terminal; answers go into `.env`.

terminal.py       questions and secrets at the terminal
answers.py        what `.env` and the environment say, and saving to `.env`
secret_step.py    a step that asks for one secret, and checks it at once
transport.py      how Slack reaches the bot
slack_app.py      the Slack app: manifest, tokens
challenge.py      over HTTP: who answers Slack before there is a bot
account.py        the Ayrshare account
first_profile.py  whoever sets it up gets a profile

What is answered already is checked again and not asked for, so that the walk goes on at the first open step.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import typer

from bot.cli.boundary import settings_of, stop
from bot.cli.setup import terminal
from bot.cli.setup.account import give_api_key
from bot.cli.setup.answers import Given, given, keep_to_oneself
from bot.cli.setup.challenge import Challenges
from bot.cli.setup.first_profile import map_yourself
from bot.cli.setup.slack_app import (
    create_app,
    give_app_token,
    give_bot_token,
    give_signing_secret,
)
from bot.cli.setup.transport import SlackTransport, choose_transport, give_public_url
from bot.core.errors import ConnectbotError
from bot.core.logs import configure_logs
from bot.environment import DOTENV
from bot.settings import CommandSettings, SlackAppSettings

INTRO = """This sets the bot up, step by step, in about three minutes. You need:

  - an Ayrshare account whose plan has User Profiles: Launch, Business or Enterprise
  - a Slack workspace where you may install apps

Each answer is checked and kept in {path}, which only you can read.
Ctrl-C stops; `connectbot setup` goes on from there."""
DONE = """Everything is set up. Start the bot, and type {slash} in Slack:

  {command} run"""
NOT_YET = """Correct what is WRONG above, and check it with `{command} doctor`. Then start the bot:

  {command} run"""
MANY = (
    "SLACK_CLIENT_ID is set, so workspaces install the app by themselves, at /slack/install. setup is for a bot of one "
    "workspace; `connectbot doctor` checks what you have."
)


def setup() -> None:
    """Set the bot up step by step: what to click at Slack and Ayrshare, each answer checked and kept in .env."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        stop(
            "setup asks questions, so it needs a terminal. Without one, put the settings into the environment or into "
            ".env, and have `connectbot doctor` check them.",
            code=2,
        )
    settings_of(CommandSettings)
    if given(Given).slack_client_id:
        stop(MANY, code=2)
    configure_logs("ERROR", None)
    keep_to_oneself()
    terminal.say(INTRO.format(path=DOTENV.resolve()))
    steps = Steps()
    try:
        with ExitStack() as listening:
            steps.walk(listening)
            code = _examine()
    except (KeyboardInterrupt, EOFError):
        _left(steps.number)
    except ConnectbotError as error:
        stop(error.sentence)
    raise typer.Exit(code)


class Steps:
    """The walk: `number` is the step that is open."""

    def __init__(self) -> None:
        self.number = 0

    def walk(self, listening: ExitStack) -> None:
        """Go from step to step; over HTTP, answer at the bot's address until `listening` is closed."""
        self._begin("How Slack reaches the bot")
        if choose_transport() is SlackTransport.HTTP:
            self._walk_http(listening)
        else:
            self._run("Create the Slack app", lambda: create_app(None))
            self._run("Install it in your workspace", give_bot_token)
            self._run("A token for Socket Mode", give_app_token)
        self._run("Your Ayrshare account", give_api_key)
        self._run("The first profile: yours", map_yourself)

    def _walk_http(self, listening: ExitStack) -> None:
        """Have the address first, where Slack's challenge is answered from then on."""
        challenges = Challenges()
        self._begin("The bot's address")
        public_url = give_public_url(challenges, listening)
        self._run("Create the Slack app", lambda: create_app(public_url))
        self._run("Install it in your workspace", give_bot_token)
        self._run("The app's signing secret", lambda: give_signing_secret(challenges))

    def _run(self, heading: str, step: Callable[[], None]) -> None:
        self._begin(heading)
        step()

    def _begin(self, heading: str) -> None:
        self.number += 1
        terminal.heading(f"{self.number}. {heading}")


def _left(number: int) -> NoReturn:
    terminal.say(f"\nLeft at step {number}. `connectbot setup` goes on from there.")
    raise typer.Exit(130)


def _examine() -> int:
    """Run `doctor`, and say what comes next."""
    terminal.heading("Check: connectbot doctor")
    code = subprocess.run([sys.executable, "-P", "-m", "bot", "doctor"], check=False).returncode
    terminal.say("")
    words = NOT_YET if code else DONE
    terminal.say(words.format(command=_command(), slash=given(SlackAppSettings).connect_command))
    return code


def _command() -> str:
    """Return what to type here for `connectbot`, which in a clone is on no path."""
    command, here = Path(sys.executable).with_name("connectbot"), Path.cwd()
    if shutil.which("connectbot"):
        return command.name
    return str(command.relative_to(here) if command.is_relative_to(here) else command)
