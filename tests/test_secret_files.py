"""Every secret setting may be given as a file: NAME_FILE in place of NAME."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.environment import secrets_of
from bot.settings import Settings, SettingsError, load
from tests.keys import PRIVATE_KEY, RING

SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-canary-token",
    "SLACK_SIGNING_SECRET": "canary-signing-secret",
    "SLACK_APP_TOKEN": "xapp-canary",
    "AYRSHARE_API_KEY": "CANARY-API-KEY",
    "AYRSHARE_PRIVATE_KEY": PRIVATE_KEY,
    "AYRSHARE_X_API_KEY": "canary-x-key",
    "AYRSHARE_X_API_SECRET": "canary-x-secret",
    "AYRSHARE_WEBHOOK_SECRET": "canary-webhook",
    "REDIS_URL": "rediss://:canary@127.0.0.1:6379",
    "ENCRYPTION_KEYS": RING,
    "METRICS_TOKEN": "canary-metrics",
}
BOT_TOKEN = SECRETS["SLACK_BOT_TOKEN"]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Give each secret as a file, and nothing else but the domain of the private key."""
    monkeypatch.chdir(tmp_path)
    for name in map(str.upper, Settings.model_fields):
        monkeypatch.delenv(name, raising=False)
    for name, secret in SECRETS.items():
        (tmp_path / name).write_text(secret)
        monkeypatch.setenv(f"{name}_FILE", name)
    monkeypatch.setenv("AYRSHARE_DOMAIN", "acme")
    return monkeypatch


def problems() -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        load(Settings)
    assert "canary" not in str(raised.value).lower()
    return raised.value.problems


def test_each_secret_is_read_from_its_file(environment: pytest.MonkeyPatch) -> None:
    settings = load(Settings)
    read = {name: getattr(settings, name.lower()).get_secret_value().strip() for name in SECRETS}
    assert read == {name: secret.strip() for name, secret in SECRETS.items()}


def test_no_setting_is_a_secret_unless_its_type_says_so() -> None:
    assert {name.lower() for name in SECRETS} <= set(secrets_of(Settings))
    assert not {"slack_api_url", "data_dir", "redis_ca_file", "port", "connect_admins"} & set(secrets_of(Settings))


@pytest.mark.parametrize("name", [name.upper() for name in secrets_of(Settings)])
def test_a_secret_of_any_name_that_cannot_be_read_is_reported_once(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv(f"{name}_FILE", "/nowhere/canary")
    mine = [problem for problem in problems() if problem.startswith(name)]
    assert mine == [f"{name}_FILE: cannot be read (No such file or directory)"]


@pytest.mark.parametrize("left", ["\n", "\r\n", " \n\n", "\u200b"])
def test_what_editors_leave_behind_a_secret_is_taken_off(
    environment: pytest.MonkeyPatch, tmp_path: Path, left: str
) -> None:
    (tmp_path / "SLACK_BOT_TOKEN").write_text(BOT_TOKEN + left)
    assert load(Settings).slack_bot_token == SecretStr(BOT_TOKEN)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_file_may_begin_with_a_byte_order_mark_or_be_in_utf_16(
    environment: pytest.MonkeyPatch, tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "SLACK_BOT_TOKEN").write_bytes(f"{BOT_TOKEN}\r\n".encode(encoding))
    assert load(Settings).slack_bot_token == SecretStr(BOT_TOKEN)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"), (b"\n", "is empty"), (b"\xef\xbb\xbf\r\n", "is empty"), (b'""', "is empty"),
        (b"xoxb-canary \xe9", "is not UTF-8 text"), (b"xoxb\0canary", "is not UTF-8 text"),
        (b"xoxb-" + b"canary" * 20_000, "is too long for a secret"), (b'"xoxb-canary', "has a quote at one end only"),
        (b"${CANARY}", "refers to another variable"), (b"xoxp-canary", "must be a bot token"),
        (b"xoxb-one\nxoxb-canary", "must be one word"),
    ],
)  # fmt: skip
def test_what_cannot_be_the_secret_is_refused_by_the_name_of_the_file_s_variable(
    environment: pytest.MonkeyPatch, tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "SLACK_BOT_TOKEN").write_bytes(content)
    (problem,) = problems()
    assert problem.startswith(f"SLACK_BOT_TOKEN_FILE: {says}")


def test_a_folder_in_place_of_the_file_is_refused(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("REDIS_URL_FILE", str(tmp_path))
    assert problems() == ("REDIS_URL_FILE: cannot be read (Is a directory)",)


def test_a_secret_from_two_places_is_refused_wherever_they_are(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("METRICS_TOKEN", "canary")
    (tmp_path / ".env").write_text("SLACK_APP_TOKEN=xapp-canary\n")
    assert set(problems()) == {
        "METRICS_TOKEN_FILE: set this or METRICS_TOKEN, not both",
        "SLACK_APP_TOKEN_FILE: set this or SLACK_APP_TOKEN, not both",
    }


def test_the_problems_of_files_stand_beside_all_others(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("AYRSHARE_API_KEY_FILE", "nowhere")
    environment.setenv("PORT", "70000")
    environment.delenv("AYRSHARE_X_API_SECRET_FILE")
    (tmp_path / "ENCRYPTION_KEYS").write_text("one:canary")
    named = {problem.partition(":")[0] for problem in problems()}
    assert named == {"AYRSHARE_API_KEY_FILE", "PORT", "AYRSHARE_X_API_SECRET", "ENCRYPTION_KEYS_FILE"}


def test_the_dotenv_file_may_name_files_and_a_home_folder(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.delenv("METRICS_TOKEN_FILE")
    environment.setenv("HOME", str(tmp_path))
    (tmp_path / ".env").write_text("METRICS_TOKEN_FILE='~/METRICS_TOKEN'\n")
    token = load(Settings).metrics_token
    assert token
    assert token.get_secret_value() == SECRETS["METRICS_TOKEN"]


def test_an_empty_name_of_a_file_counts_as_unset(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("METRICS_TOKEN_FILE", "")
    assert load(Settings).metrics_token is None
