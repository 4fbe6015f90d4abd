"""What was answered: settings as the bot itself reads them, from `.env` or the environment, and saving to `.env`."""

import os
import re

import dotenv
from pydantic import SecretStr

from bot.cli.boundary import stop
from bot.cli.setup import terminal
from bot.environment import DOTENV
from bot.setting_types import ApiUrl, AppToken, BotToken, OneWord, WebAddress
from bot.settings import AYRSHARE_API_URL, SLACK_API_URL, CommandSettings, S, SettingsError, load

PRIVATE = 0o600
NAME = re.compile(r"(export\s+)?[A-Z_]+=")
"""What stands before the value where a whole line was pasted."""


class Given(CommandSettings):
    """What was answered of the Slack app, as it stands."""

    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_client_id: str | None = None
    public_url: str | None = None


class BotTokenAnswer(CommandSettings):
    """The bot token."""

    slack_bot_token: BotToken
    slack_api_url: ApiUrl = SLACK_API_URL


class AppTokenAnswer(CommandSettings):
    """The app-level token."""

    slack_app_token: AppToken
    slack_api_url: ApiUrl = SLACK_API_URL


class SigningSecretAnswer(CommandSettings):
    """The signing secret."""

    slack_signing_secret: OneWord


class ApiKeyAnswer(CommandSettings):
    """The API key of the Ayrshare account."""

    ayrshare_api_key: OneWord
    ayrshare_api_url: WebAddress = AYRSHARE_API_URL


def given(kind: type[S]) -> S:
    """Return settings as they are by now; exit with 2 if some of them can't be read."""
    try:
        return load(kind)
    except SettingsError as error:
        stop("Correct this first:", *(f"  {problem}" for problem in error.problems), code=2)


def keep_to_oneself() -> None:
    """Close `.env` to other users if it exists; exit with 2 if it can't be written here."""
    try:
        if DOTENV.exists():
            DOTENV.read_text(encoding="utf-8")
            DOTENV.chmod(PRIVATE)
        elif not os.access(DOTENV.parent, os.W_OK):
            stop(f"{DOTENV.resolve()} can't be written. Start setup in a folder of yours.", code=2)
    except OSError as error:
        stop(f"{DOTENV.resolve()} can't be used ({error.strerror}).", code=2)
    except UnicodeDecodeError:
        stop(f"{DOTENV.resolve()} is not UTF-8. Save it as UTF-8.", code=2)


def save(variable: str, value: str) -> None:
    """Write a setting into `.env`, in place of an earlier one; the file is whole at every moment."""
    try:
        if not DOTENV.exists():
            DOTENV.touch(mode=PRIVATE)
        dotenv.set_key(DOTENV, variable, value, quote_mode="never", encoding="utf-8", follow_symlinks=True)
    except OSError as error:
        stop(f"{DOTENV.resolve()} can't be written ({error.strerror}). {variable} was not kept.")
    if os.environ.get(variable):
        os.environ[variable] = value
        terminal.say(f"  {variable} is set in your shell too, and that wins over .env: unset it there.")


def without_name(typed: str) -> str:
    """Return what was pasted, without a variable's name in front."""
    return NAME.sub("", typed, count=1) if NAME.match(typed) else typed
