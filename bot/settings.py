"""All settings, read once at start from the environment and a `.env` file.

Each command reads the smallest model that it needs: `mappings list` works on a machine without a Slack token.
"""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.ayrshare.model import LONGEST_MINUTES
from bot.ayrshare.networks import X
from bot.core.model import TeamId
from bot.environment import DotenvError, DotenvSource, EnvironmentSource, clean, secrets_of
from bot.secret_files import read_secret_files
from bot.setting_groups import admin_problems, all_or_none, workspace_problems
from bot.setting_types import (
    ApiUrl,
    AppToken,
    BotToken,
    CertificateFile,
    Either,
    EmailAddress,
    EncryptionKeys,
    EventsUrl,
    Guests,
    HomePath,
    List,
    LogLevel,
    Network,
    OneWord,
    OneWordName,
    OnOff,
    PrivateKey,
    ProxyNetwork,
    PublicUrl,
    RedisUrl,
    SigningSecret,
    SlackId,
    SlackSigningSecret,
    SlashCommand,
    WebAddress,
    WorkspaceId,
    YesNo,
)

AYRSHARE_API_URL = "https://api.ayrshare.com/api"
SLACK_API_URL = "https://slack.com/api/"
LONG_LIFE_MINUTES = 60
"""A longer life of links is worth a warning, because a leaked link works as long."""


class SettingsError(Exception):
    """All problems of the settings, one line per variable, never with its value."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


S = TypeVar("S", bound="CommandSettings")


class CommandSettings(BaseSettings):
    """The log: what every command needs."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, extra="ignore")

    log_level: LogLevel = "INFO"
    log_format: Annotated[Literal["console", "json"], Either] | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - it doesn't look for the files of secrets
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - it replaces ${…}, and skips what it can't read
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no folder of secrets is read
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment, then the `.env` file."""
        return init_settings, EnvironmentSource(settings_cls), DotenvSource(settings_cls)

    @model_validator(mode="wrap")
    @classmethod
    def _report_together(cls, values: Any, handler: Any) -> Self:
        values, problems = clean(values)
        from_files = {name for name in secrets_of(cls) if f"{name}_file" in values}
        values = read_secret_files(from_files, values, problems)
        problems += cls._problems_across(frozenset(values) | from_files)
        try:
            settings: Self = handler(cls._completed(values, problems))
        except ValidationError as error:
            problems += (_problem(one, from_files) for one in error.errors())
            raise SettingsError(_once_each(problems)) from None
        if problems:
            raise SettingsError(problems)
        return settings

    @classmethod
    def _problems_across(cls, given: frozenset[str]) -> Iterable[str]:  # noqa: ARG003 - for subclasses
        """Return problems that concern several variables; `given` has the names of those that are set."""
        return ()

    @classmethod
    def _completed(cls, values: dict[str, Any], problems: list[str]) -> dict[str, Any]:  # noqa: ARG003 - for subclasses
        return values


class SlackAppSettings(CommandSettings):
    """What the Slack app is created with: enough for `manifest`."""

    public_url: PublicUrl | None = None
    connect_command: SlashCommand = "/connect"
    slack_client_id: OneWordName | None = None
    slack_allowed_workspaces: Annotated[tuple[WorkspaceId, ...], NoDecode, List] = ()

    @property
    def many_workspaces(self) -> bool:
        """Whether workspaces install the app by OAuth, each with a token of its own."""
        return self.slack_client_id is not None or bool(self.slack_allowed_workspaces)


class ListenSettings(CommandSettings):
    """Where the bot listens, and whom it believes where a request comes from."""

    host: str = "0.0.0.0"  # noqa: S104 - a server in a container must be reachable; HOST narrows it
    port: Annotated[int, Field(ge=0, le=65535)] = 3000
    trusted_proxies: Annotated[tuple[ProxyNetwork, ...], NoDecode, List] = ()


class StoreSettings(CommandSettings):
    """Where the mappings are kept: enough for `mappings list` and `mappings remove`."""

    redis_url: RedisUrl | None = None
    redis_ca_file: CertificateFile | None = None
    data_dir: HomePath = Path(".data")
    encryption_keys: EncryptionKeys | None = None

    @classmethod
    def _problems_across(cls, given: frozenset[str]) -> Iterable[str]:
        yield from super()._problems_across(given)
        if "redis_url" in given and "encryption_keys" not in given:
            yield "ENCRYPTION_KEYS: required with REDIS_URL"
        if "redis_url" not in given and os.environ.get("DYNO"):
            yield "REDIS_URL: required here, because this platform's disk does not last (DYNO is set)"

    @classmethod
    def _completed(cls, values: dict[str, Any], problems: list[str]) -> dict[str, Any]:
        unread = "redis_url_file" in values and "redis_url" not in values
        if "redis_ca_file" in values and not unread and not str(values.get("redis_url")).startswith("rediss"):
            problems.append("REDIS_CA_FILE: needs a REDIS_URL with TLS (rediss in place of redis)")
        return values


class AyrshareSettings(StoreSettings):
    """The account at Ayrshare: enough for `mappings set`."""

    ayrshare_api_key: OneWord
    ayrshare_api_url: Annotated[WebAddress, AfterValidator(lambda url: url.rstrip("/"))] = AYRSHARE_API_URL
    ayrshare_x_api_key: OneWord | None = None
    ayrshare_x_api_secret: OneWord | None = None

    @classmethod
    def _problems_across(cls, given: frozenset[str]) -> Iterable[str]:
        yield from super()._problems_across(given)
        yield from all_or_none(given, "ayrshare_x_api_key", "ayrshare_x_api_secret")


class WorkspaceSettings(StoreSettings):
    """The workspace's token, optional here: enough for `mappings export` and `mappings import --no-check`."""

    slack_bot_token: BotToken | None = None
    slack_api_url: ApiUrl = SLACK_API_URL
    connect_guests: Guests = "refuse"


class InstallSettings(StoreSettings, SlackAppSettings):
    """The app's secrets, all optional here: enough for `workspaces list` and `workspaces remove`."""

    slack_client_secret: OneWord | None = None
    slack_api_url: ApiUrl = SLACK_API_URL


class ImportSettings(AyrshareSettings, WorkspaceSettings):
    """Workspace and account, to check people and profile keys: enough for `mappings import`."""


class Settings(AyrshareSettings, SlackAppSettings, ListenSettings):
    """What the running bot needs."""

    slack_bot_token: BotToken | None = None
    slack_client_secret: OneWord | None = None
    slack_signing_secret: SlackSigningSecret | None = None
    slack_app_token: AppToken | None = None
    slack_api_url: ApiUrl = SLACK_API_URL

    ayrshare_link_api: Annotated[Literal["jwt", "session"], Either] = "session"
    ayrshare_domain: OneWordName | None = None
    ayrshare_private_key: PrivateKey | None = None
    ayrshare_expires_in: Annotated[int, Field(ge=1, le=LONGEST_MINUTES)] | None = None
    ayrshare_redirect: WebAddress | None = None
    ayrshare_allowed_social: Annotated[tuple[Network, ...], NoDecode, List] = ()
    ayrshare_max_pack: YesNo = "no"
    ayrshare_instagram_link_method: Annotated[Literal["facebook", "instagram"], Either] | None = None
    ayrshare_email_company: str | None = None
    ayrshare_email_contact: EmailAddress | None = None
    ayrshare_email_terms_url: WebAddress | None = None
    ayrshare_email_privacy_url: WebAddress | None = None
    ayrshare_webhook_secret: OneWord | None = None

    connect_admins: Annotated[tuple[SlackId, ...], NoDecode, List] = ()
    connect_for_others: Annotated[Literal["admins", "nobody"], Either] = "admins"
    connect_client_links: Annotated[Literal["admins", "owners", "nobody"], Either] = "admins"
    connect_guests: Guests = "refuse"
    connect_digest: OnOff = "on"
    connect_events_url: EventsUrl | None = None
    connect_events_secret: SigningSecret | None = None
    metrics_token: OneWord | None = None

    @classmethod
    def _problems_across(cls, given: frozenset[str]) -> Iterable[str]:
        yield from super()._problems_across(given)
        yield from all_or_none(
            given,
            "ayrshare_email_company",
            "ayrshare_email_contact",
            "ayrshare_email_terms_url",
            "ayrshare_email_privacy_url",
        )
        yield from all_or_none(given, "connect_events_url", "connect_events_secret")
        yield from workspace_problems(given)

    def admins_named(self, team: TeamId) -> tuple[str, ...]:
        """Return the people and user groups of a workspace in CONNECT_ADMINS."""
        if not self.many_workspaces:
            return self.connect_admins
        return tuple(one.partition(":")[2] for one in self.connect_admins if one.startswith(f"{team}:"))

    @classmethod
    def _completed(cls, values: dict[str, Any], problems: list[str]) -> dict[str, Any]:
        values = super()._completed(values, problems)
        problems += admin_problems(values)
        only_x = str(values.get("ayrshare_allowed_social", "")).strip(" ,").lower() == X
        if only_x and "ayrshare_x_api_key" not in values:
            problems.append("AYRSHARE_ALLOWED_SOCIAL: names X only, which takes AYRSHARE_X_API_KEY")
        if {"ayrshare_private_key", "ayrshare_private_key_file"} & values.keys():
            values = {"ayrshare_link_api": "jwt"} | values
        if str(values.get("ayrshare_link_api")).lower() != "jwt":
            return values
        if "ayrshare_domain" not in values:
            problems.append("AYRSHARE_DOMAIN: required with AYRSHARE_LINK_API=jwt")
        if not {"ayrshare_private_key", "ayrshare_private_key_file"} & values.keys():
            problems.append("AYRSHARE_PRIVATE_KEY_FILE: required with AYRSHARE_LINK_API=jwt (or AYRSHARE_PRIVATE_KEY)")
        return values


def _once_each(problems: Iterable[str]) -> Iterable[str]:
    """Return the first problem of each variable."""
    return {problem.partition(":")[0]: problem for problem in reversed(list(problems))}.values()


WORDS = {
    "missing": "required",
    "value_error": "{error}",
    "literal_error": "must be {expected}",
    "int_parsing": "must be a whole number",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "string_too_short": "is too short",
    "string_too_long": "is too long",
}
"""What is said of pydantic's kinds of errors (https://docs.pydantic.dev/latest/errors/validation_errors/)."""


def _problem(error: Mapping[str, Any], from_files: Collection[str]) -> str:
    """Describe a problem without the value, which may be a secret, by the variable that was set."""
    name = str(error["loc"][0]) if error["loc"] else "settings"
    variable = f"{name}_file".upper() if name in from_files else name.upper()
    context = error.get("ctx", {})
    words = WORDS.get(error["type"], "can't be read")
    return f"{variable}: {words.format(**context)}"


def load(kind: type[S]) -> S:
    """Read the settings from the environment; raise SettingsError with all problems together."""
    try:
        return kind()
    except DotenvError as error:
        raise SettingsError([str(error)]) from None
