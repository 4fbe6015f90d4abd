"""`doctor`: one row for each thing that can be wrong, always all of them, and exit code 1 when something is."""

from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.cli.examined import examined, map_ben
from tests.cli.servers import free_port, silence
from tests.commands import bot_command, bot_process, command
from tests.keys import PRIVATE_KEY, RING

ROWS = [
    *("settings", "settings.link_life"),
    *("slack.token", "slack.scopes", "slack.admins"),
    *("slack.signing_secret", "slack.app_token", "slack.clock"),
    *("redis", "redis.version", "redis.append_only", "redis.eviction", "redis.memory", "redis.access"),
    "jobs",
    "records",
    "encryption_keys",
    *(
        "ayrshare.api_key",
        "ayrshare.plan",
        "ayrshare.link_api",
        "ayrshare.private_key",
        "ayrshare.links",
        "ayrshare.webhook",
        "ayrshare.suspensions",
    ),
    "public_url",
]
UNUSED = {"ayrshare.webhook", "ayrshare.suspensions", "public_url", "ayrshare.link_api"}
"""Notes on a bot without webhooks, PUBLIC_URL and link sessions, which works all the same."""


async def test_a_sound_set_up_passes_on_the_embedded_redis(environment: dict[str, str], sandbox: Sandbox) -> None:
    await map_ben(environment, sandbox)
    report = await examined(environment)
    assert report.code == 0
    assert list(report.rows) == ROWS
    assert {check for check, row in report.rows.items() if row[0] != "ok"} == UNUSED


async def test_it_passes_beside_a_running_bot_and_disturbs_nothing(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    await map_ben(environment, sandbox)
    async with bot_process(environment, port=free_port()) as bot:
        report = await examined(environment, PUBLIC_URL=bot.url)
        assert report.status("redis", "encryption_keys", "ayrshare.links", "public_url") == ["ok"] * 4
        assert report.code == 0
        assert await bot.stop() == 0


async def test_before_anybody_is_mapped_it_passes_and_says_what_is_left_to_check(environment: dict[str, str]) -> None:
    report = await examined(environment)
    assert report.code == 0
    assert report.status("ayrshare.private_key", "ayrshare.links") == ["note", "note"]
    assert "mappings set" in report.told("ayrshare.private_key")


async def test_the_table_fits_80_columns_and_puts_each_hint_under_what_was_found(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    ended = await bot_command("doctor", environment=environment | {"COLUMNS": "80", "SLACK_BOT_TOKEN": "xoxb-no"})
    lines = [line.rstrip() for line in ended.out.splitlines()]
    assert ended.code == 1
    assert max(map(len, lines)) <= 80
    row = next(number for number, line in enumerate(lines) if line.startswith("WRONG  slack.token"))
    assert lines[row].endswith("Slack says invalid_auth")
    assert lines[row + 1].strip().startswith("Install the app")
    assert lines[row + 1].index("Install") > lines[row].index("Slack says")
    assert lines[-1].startswith("1 of ")
    assert lines[-1].endswith(" checks found something wrong.")


async def test_what_could_not_be_looked_at_is_one_line_and_each_problem_counts_once(tmp_path: Path) -> None:
    ended = await command("doctor", environment={"DATA_DIR": str(tmp_path / "data"), "COLUMNS": "80"})
    assert ended.out.count("WRONG") == 3
    assert "3 of 12 checks found something wrong." in ended.out
    assert ended.out.count("Not checked, because of what is wrong above: ") == 1
    assert "slack.token" in ended.out.partition("Not checked")[2]


async def test_each_wrong_setting_is_a_row_and_the_rest_is_checked_all_the_same(environment: dict[str, str]) -> None:
    report = await examined(
        environment, AYRSHARE_DOMAIN="", SLACK_SIGNING_SECRET="", CONNECT_GUESTS="canary", AYRSHARE_EXPIRES_IN="0"
    )
    assert report.code == 1
    wrong = {"settings", "AYRSHARE_DOMAIN", "SLACK_SIGNING_SECRET", "CONNECT_GUESTS", "AYRSHARE_EXPIRES_IN"}
    assert {check for check, row in report.rows.items() if row[0] == "wrong"} == wrong | {"slack.signing_secret"}
    assert all(report.rows[check][2] for check in wrong)
    assert report.rows["AYRSHARE_DOMAIN"][1] == "required with AYRSHARE_LINK_API=jwt"
    assert "canary" not in report.written
    assert report.status("slack.token", "redis", "encryption_keys", "ayrshare.api_key") == ["ok"] * 4
    assert report.status("settings.link_life", "ayrshare.links", "public_url") == ["note"] * 3
    assert report.rows["public_url"][1] == "not checked, because of another row"


async def test_without_any_settings_all_rows_are_there_and_the_required_ones_are_named(tmp_path: Path) -> None:
    report = await examined({"DATA_DIR": str(tmp_path / "data")})
    assert report.code == 1
    assert set(ROWS) < set(report.rows)
    for variable in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "AYRSHARE_API_KEY"):
        assert report.rows[variable][0] == "wrong"
        assert "required" in report.rows[variable][1]
    assert report.status("slack.token", "redis", "ayrshare.api_key") == ["note", "ok", "note"]


async def test_a_link_that_lives_long_is_noted(environment: dict[str, str], sandbox: Sandbox) -> None:
    sandbox.ayrshare.max_pack = True
    short, long = (
        await examined(environment, AYRSHARE_EXPIRES_IN="60"),
        await examined(environment, AYRSHARE_EXPIRES_IN="61"),
    )
    assert (short.status("settings.link_life"), long.status("settings.link_life")) == (["ok"], ["note"])
    assert "leaked" in long.told("settings.link_life")
    assert long.code == 0


async def test_when_nothing_answers_it_ends_within_20_seconds_and_says_so_of_each(environment: dict[str, str]) -> None:
    async with silence() as silent:
        nowhere = f"127.0.0.1:{silent.port}"
        report = await examined(
            environment,
            SLACK_API_URL=f"http://{nowhere}/api/",
            AYRSHARE_API_URL=f"http://{nowhere}/api",
            PUBLIC_URL=f"http://{nowhere}",
            REDIS_URL=f"redis://{nowhere}",
            ENCRYPTION_KEYS=RING,
        )
        assert silent.since_first_asked() < 20
    wrong = {check for check, row in report.rows.items() if row[0] == "wrong"}
    assert wrong == {"slack.token", "redis", "ayrshare.api_key", "public_url"}


CANARIES = {
    "SLACK_BOT_TOKEN": "xoxb-CANARY1",
    "SLACK_APP_TOKEN": "xapp-CANARY2",
    "SLACK_SIGNING_SECRET": "CANARY3",
    "AYRSHARE_API_KEY": "CANARY4-AAAA",
    "AYRSHARE_PRIVATE_KEY": PRIVATE_KEY,
    "AYRSHARE_X_API_KEY": "CANARY5",
    "AYRSHARE_X_API_SECRET": "CANARY6",
    "AYRSHARE_WEBHOOK_SECRET": "CANARY7",
    "METRICS_TOKEN": "CANARY8",
    "ENCRYPTION_KEYS": f"a:{'CANARY9' * 6}A=",
    "PUBLIC_URL": "https://user:CANARY10@127.0.0.1:1/CANARY11?CANARY12",
}


USUAL = "redis://CANARYA:CANARYB@127.0.0.1:1/0?password=CANARYC"


@pytest.mark.parametrize(
    ("words", "broken"),
    [
        (("doctor",), {}),
        (("doctor", "--json"), {}),
        (("doctor",), {"AYRSHARE_PRIVATE_KEY": "CANARYE", "ENCRYPTION_KEYS": "CANARYF"}),
        (("doctor", "--json"), {"REDIS_URL": "CANARYA", "SLACK_BOT_TOKEN": "CANARYE", "AYRSHARE_API_KEY": "CANARY F"}),
        # as it comes out when a password is not written as an address wants it
        (("doctor",), {"REDIS_URL": "redis://CANARYA/CANARYB@127.0.0.1:6379"}),
        (("doctor",), {"REDIS_URL": "redis://:CANARYA@127.0.0.1:1?socket_timeout=CANARYB"}),
        (("doctor",), {"REDIS_URL": "redis://:CANARYA@127.0.0.1:1?CANARYB=CANARYC"}),
    ],
)
async def test_no_secret_is_shown_whatever_is_wrong(
    environment: dict[str, str], words: tuple[str, ...], broken: dict[str, str]
) -> None:
    ended = await command(*words, environment=environment | CANARIES | {"REDIS_URL": USUAL} | broken)
    assert ended.code == 1
    assert "canary" not in (ended.out + ended.err).lower()
    assert PRIVATE_KEY.splitlines()[5] not in ended.out + ended.err
    assert "Traceback" not in ended.err


async def test_no_secret_is_shown_when_all_is_well(environment: dict[str, str], sandbox: Sandbox) -> None:
    await map_ben(environment, sandbox)
    report = await examined(environment)
    profile = sandbox.ayrshare.profiles[0]
    secrets = [environment[name] for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "AYRSHARE_API_KEY")]
    ring = (Path(environment["DATA_DIR"]) / "encryption.keys").read_text().strip()
    made = sandbox.ayrshare.links.issued[-1]
    for secret in (*secrets, profile.key, ring, made.token, "/page", sandbox.ayrshare.private_key_pem.splitlines()[5]):
        assert secret not in report.written
