"""Which settings are missing or wrong, and what can be checked all the same."""

from dataclasses import dataclass

from bot.cli.doctor.finding import Finding, Findings
from bot.settings import (
    LONG_LIFE_MINUTES,
    SLACK_API_URL,
    ApiUrl,
    AppToken,
    AyrshareSettings,
    BotToken,
    CommandSettings,
    OneWord,
    S,
    Settings,
    SettingsError,
    StoreSettings,
    load,
)

SLACK_APP = "On api.slack.com/apps, your app:"
PACKAGE = "It is in the Integration Package, on the API page of Ayrshare's dashboard."
HINTS = {
    "SLACK_BOT_TOKEN": f"{SLACK_APP} OAuth & Permissions, Bot User OAuth Token.",
    "SLACK_SIGNING_SECRET": f"{SLACK_APP} Basic Information, Signing Secret.",
    "SLACK_APP_TOKEN": f"{SLACK_APP} Basic Information, App-Level Tokens, with connections:write.",
    "AYRSHARE_API_KEY": "It is on the API page of Ayrshare's dashboard.",
    "AYRSHARE_DOMAIN": PACKAGE,
    "AYRSHARE_PRIVATE_KEY": f"{PACKAGE} AYRSHARE_PRIVATE_KEY_FILE names the file instead.",
    "AYRSHARE_PRIVATE_KEY_FILE": f"{PACKAGE} This variable is the file's name.",
    "REDIS_URL": "Such as rediss://:password@host:6379/0. In a password write @ as %40, / as %2F, : as %3A, # as %23.",
    "ENCRYPTION_KEYS": "`python -m bot keys generate` makes one: an id, a colon and 32 bytes in base64.",
}
ELSE = "README.md has a table of all settings."


class SlackSettings(CommandSettings):
    """What the checks of Slack need, for when other settings are wrong."""

    slack_bot_token: BotToken
    slack_signing_secret: OneWord | None = None
    slack_app_token: AppToken | None = None
    slack_api_url: ApiUrl = SLACK_API_URL
    connect_admins: str = ""
    ayrshare_email_company: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """The settings as far as they can be read: each part is there if its own variables are right."""

    problems: tuple[str, ...] = ()
    whole: Settings | None = None
    slack: SlackSettings | None = None
    ayrshare: AyrshareSettings | None = None
    store: StoreSettings | None = None


def given() -> Given:
    """Read the settings."""
    slack = _part(SlackSettings)
    try:
        whole = load(Settings)
    except SettingsError as error:
        return Given(error.problems, slack=slack, ayrshare=_part(AyrshareSettings), store=_part(StoreSettings))
    return Given(whole=whole, slack=slack, ayrshare=whole, store=whole)


def _part(kind: type[S]) -> S | None:
    try:
        return load(kind)
    except SettingsError:
        return None


def check_settings(settings: Given) -> list[Finding]:
    """Return a row for all settings, one for each variable that is wrong, and one for the life of links."""
    wrong = _by_variable(settings.problems)
    findings = Findings("settings", *wrong, "settings.link_life")
    if wrong:
        findings.wrong("settings", f"{len(wrong)} missing or wrong", "Each has a row of its own.")
        for variable, problem in wrong.items():
            findings.wrong(variable, problem, HINTS.get(variable, ELSE))
    else:
        findings.ok("settings", "complete")
    if settings.whole is not None:
        _link_life(findings, settings.whole.ayrshare_expires_in)
    return findings.rows()


def _by_variable(problems: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in problems:
        variable, _, words = problem.partition(": ")
        found[variable] = f"{found[variable]}; {words}" if variable in found else words
    return found


def _link_life(findings: Findings, minutes: int | None) -> None:
    if minutes is None:
        findings.ok("settings.link_life", "5 min, as Ayrshare has it")
    elif minutes <= LONG_LIFE_MINUTES:
        findings.ok("settings.link_life", f"{minutes} min")
    else:
        hint = (
            f"The longer a link lives, the longer a leaked one works. "
            f"AYRSHARE_EXPIRES_IN up to {LONG_LIFE_MINUTES} is safer."
        )
        findings.note("settings.link_life", f"{minutes} min", hint)
