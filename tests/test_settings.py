"""What is read from the environment, and what an operator is told when it is wrong."""

from pathlib import Path

import pytest

from bot.settings import AyrshareSettings, Settings, SettingsError, StoreSettings, load
from tests.keys import PRIVATE_KEY, RING

COMPLETE = {
    "SLACK_BOT_TOKEN": "xoxb-canary-token",
    "SLACK_SIGNING_SECRET": "canary-signing-secret",
    "AYRSHARE_API_KEY": "CANARY-API-KEY",
    "AYRSHARE_DOMAIN": "acme",
    "AYRSHARE_PRIVATE_KEY": PRIVATE_KEY,
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.chdir(tmp_path)
    for name in (*Settings.model_fields, "dyno"):
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def problems(kind: type[StoreSettings] = Settings) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        load(kind)
    return raised.value.problems


def test_the_required_variables_are_enough_and_the_rest_has_the_documented_defaults(
    environment: pytest.MonkeyPatch,
) -> None:
    settings = load(Settings)
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.ayrshare_api_url == "https://api.ayrshare.com/api"
    assert (settings.ayrshare_link_api, settings.ayrshare_expires_in) == ("jwt", None)
    assert (settings.connect_command, settings.connect_for_others, settings.connect_guests) == (
        "/connect",
        "admins",
        "refuse",
    )
    assert (settings.host, settings.port, settings.log_level) == ("0.0.0.0", 3000, "INFO")
    assert settings.data_dir == Path(".data")


def test_settings_are_frozen(environment: pytest.MonkeyPatch) -> None:
    settings = load(Settings)
    with pytest.raises(ValueError, match="frozen"):
        setattr(settings, "port", 1)  # noqa: B010 - mypy would not let the assignment stand


def test_every_missing_variable_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    for name in COMPLETE:
        environment.delenv(name)
    named = {problem.partition(":")[0] for problem in problems()}
    assert named == {
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "AYRSHARE_API_KEY",
        "AYRSHARE_DOMAIN",
        "AYRSHARE_PRIVATE_KEY_FILE",
    }


def test_wrong_values_and_wrong_combinations_are_reported_together_and_never_quoted(
    environment: pytest.MonkeyPatch,
) -> None:
    wrong = {
        "SLACK_BOT_TOKEN": "xoxp-canary-user-token",
        "AYRSHARE_EXPIRES_IN": "2881",
        "AYRSHARE_X_API_KEY": "canary-x-key",
        "AYRSHARE_EMAIL_COMPANY": "Canary Ltd",
        "AYRSHARE_EMAIL_CONTACT": "canary at example.com",
        "REDIS_URL": "http://canary:password@redis",
        "ENCRYPTION_KEYS": "one:canary",
        "CONNECT_ADMINS": "U0ADMIN,canary@example.com",
        "CONNECT_COMMAND": "connect canary",
        "CONNECT_FOR_OTHERS": "canary",
        "PORT": "70000",
        "AYRSHARE_PRIVATE_KEY": "canary that is no key",
    }
    for name, value in wrong.items():
        environment.setenv(name, value)
    found = problems()
    named = [problem.partition(":")[0] for problem in found]
    assert set(wrong) - {"AYRSHARE_X_API_KEY", "AYRSHARE_EMAIL_COMPANY"} <= set(named)
    assert {"AYRSHARE_X_API_SECRET", "AYRSHARE_EMAIL_TERMS_URL", "AYRSHARE_EMAIL_PRIVACY_URL"} <= set(named)
    assert "canary" not in " ".join(found).lower()


@pytest.mark.parametrize("minutes", ["0", "-5", "2881", "five", "1.5"])
def test_a_link_life_outside_1_to_2880_minutes_is_refused(environment: pytest.MonkeyPatch, minutes: str) -> None:
    environment.setenv("AYRSHARE_EXPIRES_IN", minutes)
    assert [problem.partition(":")[0] for problem in problems()] == ["AYRSHARE_EXPIRES_IN"]


def test_an_empty_variable_counts_as_unset(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AYRSHARE_REDIRECT", "")
    assert load(Settings).ayrshare_redirect is None


def test_lists_are_split_at_commas(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CONNECT_ADMINS", "U0ANA, S0TEAM ,")
    environment.setenv("AYRSHARE_ALLOWED_SOCIAL", "instagram,tiktok")
    settings = load(Settings)
    assert settings.connect_admins == ("U0ANA", "S0TEAM")
    assert settings.ayrshare_allowed_social == ("instagram", "tiktok")


def test_addresses_get_the_slash_their_users_expect(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLACK_API_URL", "http://127.0.0.1:1/api")
    environment.setenv("AYRSHARE_API_URL", "http://127.0.0.1:1/api/")
    settings = load(Settings)
    assert settings.slack_api_url == "http://127.0.0.1:1/api/"
    assert settings.ayrshare_api_url == "http://127.0.0.1:1/api"


def test_the_private_key_may_come_from_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.delenv("AYRSHARE_PRIVATE_KEY")
    (tmp_path / "private.key").write_text(PRIVATE_KEY.replace("\n", "\r\n"))
    environment.setenv("AYRSHARE_PRIVATE_KEY_FILE", str(tmp_path / "private.key"))
    key = load(Settings).ayrshare_private_key
    assert key is not None
    assert key.get_secret_value().strip() == PRIVATE_KEY.strip()


@pytest.mark.parametrize("content", [None, "not a key"])
def test_a_key_file_that_is_missing_or_holds_no_key_is_reported(
    environment: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    environment.delenv("AYRSHARE_PRIVATE_KEY")
    if content is not None:
        (tmp_path / "private.key").write_text(content)
    environment.setenv("AYRSHARE_PRIVATE_KEY_FILE", str(tmp_path / "private.key"))
    assert [problem.partition(":")[0] for problem in problems()] == ["AYRSHARE_PRIVATE_KEY_FILE"]


def test_a_private_key_from_two_places_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AYRSHARE_PRIVATE_KEY_FILE", "private.key")
    assert problems() == ("AYRSHARE_PRIVATE_KEY_FILE: set this or AYRSHARE_PRIVATE_KEY, not both",)


def test_link_sessions_need_neither_domain_nor_private_key(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AYRSHARE_LINK_API", "session")
    environment.delenv("AYRSHARE_DOMAIN")
    environment.delenv("AYRSHARE_PRIVATE_KEY")
    assert load(Settings).ayrshare_private_key is None


def test_socket_mode_needs_no_signing_secret(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("SLACK_SIGNING_SECRET")
    environment.setenv("SLACK_APP_TOKEN", "xapp-1-A0-1-x")
    assert load(Settings).slack_signing_secret is None


def test_a_redis_of_ones_own_needs_encryption_keys(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REDIS_URL", "redis://127.0.0.1:6379")
    assert problems() == ("ENCRYPTION_KEYS: required with REDIS_URL",)
    environment.setenv("ENCRYPTION_KEYS", RING)
    load(Settings)


def test_a_platform_whose_disk_does_not_last_needs_a_redis(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DYNO", "web.1")
    assert [problem.partition(":")[0] for problem in problems()] == ["REDIS_URL"]


def test_a_dotenv_file_is_read_and_the_environment_wins(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=4000\nLOG_LEVEL=ERROR\n")
    environment.setenv("PORT", "5000")
    settings = load(Settings)
    assert (settings.port, settings.log_level) == (5000, "ERROR")


def test_commands_that_only_read_mappings_need_neither_slack_nor_ayrshare(environment: pytest.MonkeyPatch) -> None:
    for name in COMPLETE:
        environment.delenv(name)
    load(StoreSettings)
    assert problems(AyrshareSettings) == ("AYRSHARE_API_KEY: required",)


def test_secrets_do_not_show_in_the_settings_own_words(environment: pytest.MonkeyPatch) -> None:
    assert "canary" not in repr(load(Settings)).lower()
