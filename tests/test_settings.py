"""What is read from the environment, and what an operator is told when it is wrong."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.core.model import TeamId
from bot.settings import AyrshareSettings, Settings, SettingsError, StoreSettings, load
from bot.storage.encryption_keys import parse_keys
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
        monkeypatch.delenv(f"{name}_file".upper(), raising=False)
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


@pytest.mark.parametrize("unset", [(), ("AYRSHARE_DOMAIN",)])
def test_without_a_private_key_links_are_made_by_sessions(
    environment: pytest.MonkeyPatch, unset: tuple[str, ...]
) -> None:
    for name in ("AYRSHARE_PRIVATE_KEY", *unset):
        environment.delenv(name)
    assert load(Settings).ayrshare_link_api == "session"


def test_a_private_key_is_not_used_where_sessions_are_asked_for(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AYRSHARE_LINK_API", "session")
    assert load(Settings).ayrshare_link_api == "session"


def test_a_page_with_x_alone_takes_the_keys_of_an_own_app(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AYRSHARE_ALLOWED_SOCIAL", "twitter")
    assert [problem.partition(":")[0] for problem in problems()] == ["AYRSHARE_ALLOWED_SOCIAL"]
    environment.setenv("AYRSHARE_X_API_KEY", "key")
    environment.setenv("AYRSHARE_X_API_SECRET", "secret")
    assert load(Settings).ayrshare_allowed_social == ("twitter",)


def test_generate_jwt_without_a_private_key_is_a_problem(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AYRSHARE_LINK_API", "jwt")
    environment.delenv("AYRSHARE_PRIVATE_KEY")
    assert [problem.partition(":")[0] for problem in problems()] == ["AYRSHARE_PRIVATE_KEY_FILE"]


def test_settings_are_frozen(environment: pytest.MonkeyPatch) -> None:
    settings = load(Settings)
    with pytest.raises(ValueError, match="frozen"):
        setattr(settings, "port", 1)  # noqa: B010 - mypy would not let the assignment stand


def test_every_missing_variable_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    for name in COMPLETE:
        environment.delenv(name)
    named = {problem.partition(":")[0] for problem in problems()}
    assert named == {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "AYRSHARE_API_KEY"}


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


MANY = {
    "SLACK_CLIENT_ID": "123.456",
    "SLACK_CLIENT_SECRET": "canary-client-secret",
    "SLACK_ALLOWED_WORKSPACES": "T0123ABC, e0456def",
}


def test_many_workspaces_take_the_place_of_a_bot_token(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("SLACK_BOT_TOKEN")
    for name, value in MANY.items():
        environment.setenv(name, value)
    environment.setenv("CONNECT_ADMINS", "T0123ABC:U1, T0123ABC:S2, T0999:U1")
    settings = load(Settings)
    assert settings.many_workspaces
    assert settings.slack_allowed_workspaces == ("T0123ABC", "E0456DEF")
    assert settings.admins_named(TeamId("T0123ABC")) == ("U1", "S2")
    assert settings.admins_named(TeamId("T0")) == ()


def test_what_is_wrong_with_many_workspaces_is_reported_together(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SLACK_CLIENT_ID", "123.456")
    environment.setenv("SLACK_ALLOWED_WORKSPACES", "acme")
    environment.setenv("SLACK_APP_TOKEN", "xapp-1")
    environment.setenv("CONNECT_ADMINS", "U0123")
    environment.delenv("SLACK_SIGNING_SECRET")
    assert {problem.partition(":")[0] for problem in problems()} == {
        "SLACK_CLIENT_SECRET",
        "SLACK_ALLOWED_WORKSPACES",
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_SIGNING_SECRET",
        "CONNECT_ADMINS",
    }


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


TOKEN = "xoxb-canary-token"


@pytest.mark.parametrize(
    "written",
    [
        f'"{TOKEN}"', f"'{TOKEN}'", f"`{TOKEN}`", f"\u201c{TOKEN}\u201d", f"{TOKEN}\n", f"{TOKEN}\r\n", f" {TOKEN} ",
        f"{TOKEN}\\n", f"\ufeff{TOKEN}", f"{TOKEN}\u200b", f"\u00a0{TOKEN}", f"\"'{TOKEN}'\"", f'"{TOKEN}\n"',
    ],
)  # fmt: skip
def test_what_shells_and_platforms_leave_around_a_value_is_taken_off(
    environment: pytest.MonkeyPatch, written: str
) -> None:
    environment.setenv("SLACK_BOT_TOKEN", written)
    environment.setenv("SLACK_SIGNING_SECRET", written.replace(TOKEN, "canary-signing-secret"))
    environment.setenv("PORT", written.replace(TOKEN, "4000"))
    settings = load(Settings)
    assert settings.slack_bot_token == SecretStr(TOKEN)
    assert settings.slack_signing_secret
    assert settings.slack_signing_secret.get_secret_value() == "canary-signing-secret"
    assert settings.port == 4000


@pytest.mark.parametrize("written", ['""', "''", " ", "\n", '" "'])
def test_quotes_around_nothing_count_as_unset(environment: pytest.MonkeyPatch, written: str) -> None:
    environment.setenv("SLACK_SIGNING_SECRET", written)
    environment.setenv("AYRSHARE_REDIRECT", written)
    assert problems() == ("SLACK_SIGNING_SECRET: required (unless SLACK_APP_TOKEN is set)",)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ('"canary', "quote at one end"), ("canary'", "quote at one end"), ("${CANARY}", "another variable"),
        ("$CANARY", "another variable"), ("${{shared.CANARY}}", "another variable"), ("$(canary)", "another variable"),
        ("canary canary", "one word"), ("can\u200bary", "one word"), ("canary\ncanary", "one word"),
        ("op://canary/canary", "store of secrets"), ("%CANARY%", "another variable"),
        ("{{ canary }}", "another variable"), ("vault:canary#canary", "store of secrets"),
        ("ref+awssecrets://canary", "store of secrets"), ("arn:aws:secretsmanager:eu:1:canary", "store of secrets"),
        ("@Microsoft.KeyVault(SecretUri=canary)", "store of secrets"), ("<YOUR CANARY>", "a placeholder"),
        ("<canary>", "a placeholder"), ("xoxb-1-canary", "is a token"), ("xapp-1-canary", "is a token"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_one_line_that_names_the_variable(
    environment: pytest.MonkeyPatch, written: str, says: str
) -> None:
    environment.setenv("SLACK_SIGNING_SECRET", written)
    (problem,) = problems()
    assert problem.startswith("SLACK_SIGNING_SECRET: ")
    assert says in problem
    assert "canary" not in problem.lower()


@pytest.mark.parametrize("secret", ["p$ss", "$2b$10$abc", "a'b", 'x"y', "100%", "#1", "a=b", "pa$$", "{x}"])
def test_odd_characters_inside_a_secret_stay(environment: pytest.MonkeyPatch, secret: str) -> None:
    environment.setenv("SLACK_SIGNING_SECRET", secret)
    read = load(Settings).slack_signing_secret
    assert read
    assert read.get_secret_value() == secret


@pytest.mark.parametrize(
    "written",
    [
        "https://bot.example.com/slack/events", "https://bot.example.com/ayrshare/webhook/",
        "https://bot.example.com/slack/oauth_redirect", "https://bot.example.com/api/v1/openapi.json",
        "https://bot.example.com/readyz", "https://bot.example.com/c/x", '"https://bot.example.com/"',
        "HTTPS://Bot.Example.com//slack/events",
    ],
)  # fmt: skip
def test_public_url_may_be_the_address_of_a_route(environment: pytest.MonkeyPatch, written: str) -> None:
    environment.setenv("PUBLIC_URL", written)
    assert load(Settings).public_url == "https://bot.example.com"


@pytest.mark.parametrize(
    "written",
    [
        "bot.example.com", "https://bot.example.com/?x=1", "https://bot.example.com/#x",
        "https://ana:canary@bot.example.com", "https://https://bot.example.com", "https://bot.example.com:port",
        "https://bot.example.com\\", "https://bot\\example.com", "https:\\\\bot.example.com",
    ],
)  # fmt: skip
def test_another_public_url_is_refused(environment: pytest.MonkeyPatch, written: str) -> None:
    environment.setenv("PUBLIC_URL", written)
    assert [problem.partition(":")[0] for problem in problems()] == ["PUBLIC_URL"]


@pytest.mark.parametrize(
    "written",
    [
        "U0ANA,S0TEAM", '["U0ANA", "S0TEAM"]', "u0ana s0team", "U0ANA;S0TEAM", "<@U0ANA|ana>\nS0TEAM", "U0ANA|S0TEAM",
        "<@U0ANA><!subteam^S0TEAM|@the team>", "- U0ANA\n- S0TEAM", "\u201cU0ANA\u201d,\u201cS0TEAM\u201d",
        r"U0ANA\nS0TEAM", "U0ANA\u3001S0TEAM",
    ],
)  # fmt: skip
def test_lists_are_read_as_people_write_them(environment: pytest.MonkeyPatch, written: str) -> None:
    environment.setenv("CONNECT_ADMINS", written)
    assert load(Settings).connect_admins == ("U0ANA", "S0TEAM")


def test_proxies_are_named_by_address_or_network(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRUSTED_PROXIES", "127.0.0.1, 10.1.2.3/8 [::1]")
    assert list(map(str, load(Settings).trusted_proxies)) == ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]


@pytest.mark.parametrize("written", ["*", "0.0.0.0/0", "::/0", "proxy.example.com", "10.0.0.0/33"])
def test_nobody_trusts_everybody_or_a_name_as_a_proxy(environment: pytest.MonkeyPatch, written: str) -> None:
    environment.setenv("TRUSTED_PROXIES", written)
    (problem,) = problems()
    assert problem.startswith("TRUSTED_PROXIES: ")
    assert "prox" in problem


def test_words_to_choose_from_may_have_letters_of_any_size(environment: pytest.MonkeyPatch) -> None:
    chosen = {
        "AYRSHARE_LINK_API": "JWT",
        "CONNECT_GUESTS": "Allow",
        "CONNECT_FOR_OTHERS": "NOBODY",
        "LOG_LEVEL": "warning",
        "LOG_FORMAT": "JSON",
        "CONNECT_COMMAND": "/Connect",
        "AYRSHARE_ALLOWED_SOCIAL": "Instagram, LinkedIn",
    }
    for name, value in chosen.items():
        environment.setenv(name, value)
    settings = load(Settings)
    assert (settings.ayrshare_link_api, settings.connect_guests) == ("jwt", "allow")
    assert (settings.log_level, settings.connect_command) == ("WARNING", "/connect")
    assert settings.ayrshare_allowed_social == ("instagram", "linkedin")


@pytest.mark.parametrize("word", ["yes", "TRUE", "on", "1"])
@pytest.mark.parametrize("against", ["no", "False", "off", "0"])
def test_switches_are_read_as_yaml_leaves_them(environment: pytest.MonkeyPatch, word: str, against: str) -> None:
    environment.setenv("AYRSHARE_MAX_PACK", word)
    environment.setenv("CONNECT_DIGEST", against)
    environment.setenv("LOG_LEVEL", "warn")
    settings = load(Settings)
    assert (settings.ayrshare_max_pack, settings.connect_digest, settings.log_level) == ("yes", "off", "WARNING")


@pytest.mark.parametrize(
    "written",
    [
        "+/" * 21 + "8=",
        "+/" * 21 + "8",
        "-_" * 21 + "8=",
        "-_" * 21 + "8",
        (b"\xfb\xff\xbe\xff\xef" * 7)[:32].hex(),
        (b"\xfb\xff\xbe\xff\xef" * 7)[:32].hex().upper(),
    ],
)
def test_encryption_keys_are_read_as_programs_write_them(environment: pytest.MonkeyPatch, written: str) -> None:
    environment.setenv("ENCRYPTION_KEYS", f"one:{written}")
    keys = load(Settings).encryption_keys
    assert keys
    assert len(parse_keys(keys.get_secret_value())["one"]) == 32


def test_a_folder_of_ones_own_may_be_written_with_a_tilde(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("HOME", str(tmp_path))
    environment.setenv("DATA_DIR", "~/bot")
    assert load(Settings).data_dir == tmp_path / "bot"


@pytest.mark.parametrize(
    "written",
    ["/data # canary", "file:///canary", "~canary-nobody/data", "/data\n/canary", r"C:\canary", "%CANARY%/data"],
)
def test_a_folder_that_cannot_be_meant_is_refused_and_not_made(environment: pytest.MonkeyPatch, written: str) -> None:
    environment.setenv("DATA_DIR", written)
    environment.delenv("SLACK_SIGNING_SECRET")
    environment.setenv("SLACK_SIGNING_SECRET_FILE", written)
    found = problems()
    assert {problem.partition(":")[0] for problem in found} >= {"SLACK_SIGNING_SECRET_FILE", "DATA_DIR"}
    assert "canary" not in "".join(found).lower()


@pytest.mark.parametrize("around", ["{};", "{},", "<{}>", "{}\u2026", "Bearer {}", "{} # why", "xoxb-..."])
def test_a_token_ends_where_slacks_end(environment: pytest.MonkeyPatch, around: str) -> None:
    environment.setenv("SLACK_BOT_TOKEN", around.format(TOKEN))
    (problem,) = problems()
    assert problem.startswith("SLACK_BOT_TOKEN: must be")


DOTENV = "# comment\r\nPORT=4000\r\nexport LOG_LEVEL='ERROR'  # why\r\nAYRSHARE_EMAIL_COMPANY=\r\n\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_dotenv_file_is_read_as_editors_write_it(
    environment: pytest.MonkeyPatch, tmp_path: Path, encoding: str
) -> None:
    (tmp_path / ".env").write_bytes(DOTENV.encode(encoding))
    settings = load(Settings)
    assert (settings.port, settings.log_level) == (4000, "ERROR")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PORT=4000\nX=\xe9canary\n", "line 2 is not UTF-8"),
        (b"PORT=4000\n\nSLACK_BOT_TOKEN: xoxb-canary\n", "line 3"),
        (b'PORT=4000\nAYRSHARE_API_KEY="canary\n', "line 2"),
        (b"AYRSHARE_PRIVATE_KEY=-----BEGIN\ncanaryMIIE\n-----END\n", "line 2"),
        (b"PORT=4000\nset PORT=canary\n", "line 2"),
        (b'PORT=4000\n$env:SLACK_BOT_TOKEN="canary"\n', "line 2"),
    ],
)
def test_a_dotenv_file_that_cannot_be_read_is_named_with_its_line(
    environment: pytest.MonkeyPatch, tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / ".env").write_bytes(content)
    (problem,) = problems()
    assert problem.startswith(".env, line ")
    assert says in problem
    assert "canary" not in problem


def test_a_dotenv_file_that_is_a_folder_is_named(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert problems() == (".env: cannot be read (Is a directory)",)


def test_nothing_in_a_dotenv_file_is_replaced(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.delenv("SLACK_SIGNING_SECRET")
    (tmp_path / ".env").write_text("SLACK_SIGNING_SECRET=before${NOT_SET}after\n")
    (problem,) = problems()
    assert problem.startswith("SLACK_SIGNING_SECRET: refers to another variable")


@pytest.mark.parametrize(
    ("url", "secret", "named"),
    [
        ("http://hooks.example/x", "s3cret", "CONNECT_EVENTS_URL"),
        ("https://me:pw@hooks.example", "s3cret", "CONNECT_EVENTS_URL"),
        ("https://hooks.example", "whsec_no base64", "CONNECT_EVENTS_SECRET"),
        ("https://hooks.example", "whsec_%%%", "CONNECT_EVENTS_SECRET"),
        ("https://hooks.example", "", "CONNECT_EVENTS_SECRET"),
        ("", "s3cret", "CONNECT_EVENTS_URL"),
    ],
)
def test_events_need_an_address_with_tls_and_a_secret(
    environment: pytest.MonkeyPatch, url: str, secret: str, named: str
) -> None:
    environment.setenv("CONNECT_EVENTS_URL", url)
    environment.setenv("CONNECT_EVENTS_SECRET", secret)
    assert [problem.partition(":")[0] for problem in problems()] == [named]
