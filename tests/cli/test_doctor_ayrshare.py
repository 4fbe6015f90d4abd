"""`doctor` on Ayrshare: API key, plan, private key, links, webhook; and on PUBLIC_URL."""

import pytest
from aiohttp import web

from sandbox.ayrshare.webhook_settings import WebhookSettings
from sandbox.server import Sandbox
from tests.ayrshare.canned import canned_server
from tests.cli.examined import examined, map_ben
from tests.keys import PRIVATE_KEY

ROWS = ("ayrshare.api_key", "ayrshare.plan", "ayrshare.private_key", "ayrshare.links")


async def test_a_wrong_api_key_is_said_once_and_the_rest_waits(environment: dict[str, str]) -> None:
    report = await examined(environment, AYRSHARE_API_KEY="CANARY")
    assert report.status(*ROWS) == ["wrong", "note", "note", "note"]
    assert "dashboard" in report.told("ayrshare.api_key")
    assert "CANARY" not in report.written


@pytest.mark.parametrize(
    ("fault", "check", "words"),
    [
        ("plan", "ayrshare.plan", "Launch, Business or Enterprise"),
        ("error_503", "ayrshare.api_key", "HTTP 503"),
    ],
)
async def test_what_ayrshare_refuses_first_is_said_where_it_belongs(
    environment: dict[str, str], sandbox: Sandbox, fault: str, check: str, words: str
) -> None:
    sandbox.ayrshare.faults.add(fault, times=None)
    report = await examined(environment)
    assert report.status(check, "ayrshare.links") == ["wrong", "note"]
    assert words in report.told(check)


async def test_being_asked_too_often_is_not_a_fault_of_the_set_up(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    sandbox.ayrshare.faults.add("rate_limited", times=None)
    report = await examined(environment)
    assert (report.code, report.status("ayrshare.api_key")) == (0, ["note"])


async def test_a_private_key_that_is_another_accounts_is_wrong(environment: dict[str, str], sandbox: Sandbox) -> None:
    await map_ben(environment, sandbox)
    report = await examined(environment, AYRSHARE_PRIVATE_KEY=PRIVATE_KEY)
    assert report.status(*ROWS) == ["ok", "ok", "wrong", "note"]
    assert "Reset there makes the key before it useless" in report.told("ayrshare.private_key")
    assert sandbox.ayrshare.links.issued == []


async def test_a_private_key_that_is_right_is_verified_with_a_link_that_is_not_shown(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    await map_ben(environment, sandbox)
    report = await examined(environment)
    (link,) = sandbox.ayrshare.links.issued
    (call,) = [row for row in sandbox.ayrshare.calls.since() if row["call"] == "POST /profiles/generateJWT"]
    assert "'verify': True" in str(call)
    assert report.status(*ROWS) == ["ok"] * 4
    assert link.token not in report.written


async def test_link_sessions_are_advised_where_links_are_made_by_generate_jwt(environment: dict[str, str]) -> None:
    report = await examined(environment, AYRSHARE_INSTAGRAM_LINK_METHOD="instagram")
    assert (report.code, report.status("ayrshare.link_api")) == (0, ["note"])
    assert "AYRSHARE_LINK_API=session, Cancel link" in report.told("ayrshare.link_api")
    assert "AYRSHARE_INSTAGRAM_LINK_METHOD have no effect with generateJWT." in report.told("ayrshare.link_api")
    assert (await examined(environment, AYRSHARE_LINK_API="session")).status("ayrshare.link_api") == ["ok"]


async def test_a_link_session_is_made_and_taken_back(environment: dict[str, str], sandbox: Sandbox) -> None:
    await map_ben(environment, sandbox)
    session = environment | {"AYRSHARE_PRIVATE_KEY": "", "AYRSHARE_DOMAIN": ""}
    report = await examined(session)
    (link,) = sandbox.ayrshare.links.issued
    assert link.revoked
    assert report.status(*ROWS) == ["ok"] * 4
    assert "not needed" in report.told("ayrshare.private_key")
    assert link.token not in report.written


async def test_a_life_that_takes_the_max_pack_is_wrong_without_it(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    unmapped = await examined(environment, AYRSHARE_EXPIRES_IN="30")
    assert unmapped.status("ayrshare.plan") == ["note"]
    await map_ben(environment, sandbox)
    without = await examined(environment, AYRSHARE_EXPIRES_IN="30")
    assert without.status("ayrshare.plan", "ayrshare.links") == ["wrong", "note"]
    assert "Max Pack" in without.told("ayrshare.plan")
    sandbox.ayrshare.max_pack = True
    report = await examined(environment, AYRSHARE_EXPIRES_IN="30")
    assert (report.code, report.status("ayrshare.plan")) == (0, ["ok"])
    assert "Max Pack" in report.told("ayrshare.plan")


async def test_links_to_a_sign_in_are_wrong_without_the_max_pack(environment: dict[str, str], sandbox: Sandbox) -> None:
    await map_ben(environment, sandbox)
    session = environment | {"AYRSHARE_LINK_API": "session", "AYRSHARE_MAX_PACK": "yes"}
    without = await examined(session)
    assert without.status("ayrshare.plan", "ayrshare.links") == ["wrong", "note"]
    assert "unset AYRSHARE_MAX_PACK" in without.told("ayrshare.plan")
    sandbox.ayrshare.max_pack = True
    report = await examined(session)
    assert (report.code, report.status("ayrshare.plan", "ayrshare.links")) == (0, ["ok", "ok"])


async def test_a_mapped_profile_that_is_gone_is_passed_over_for_the_next(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    await map_ben(environment, sandbox)
    await map_ben(environment, sandbox, "Globex")
    jane, _, globex, _ = sandbox.ayrshare.profiles
    jane.suspended = True
    assert (await examined(environment)).status("ayrshare.links") == ["ok"]
    globex.suspended = True
    report = await examined(environment)
    assert report.status("ayrshare.private_key", "ayrshare.links") == ["note", "wrong"]
    assert "'Acme: Jane', 'Globex'" in report.told("ayrshare.links")


async def answered(environment: dict[str, str], sandbox: Sandbox, *answers: web.Response) -> dict[str, tuple[str, ...]]:
    """Examine a set-up with somebody mapped whose Ayrshare lists no profiles, and then answers so."""
    await map_ben(environment, sandbox)
    async with canned_server() as ayrshare:
        ayrshare.answers = [web.json_response({"profiles": []}), *answers]
        report = await examined(environment, AYRSHARE_API_URL=ayrshare.url)
    assert "CANARY" not in report.written
    return dict(report.rows)


@pytest.mark.parametrize(
    ("answer", "check", "words"),
    [
        (web.json_response({"status": "error", "message": "CANARY"}, status=400), "ayrshare.links", "AYRSHARE_DOMAIN"),
        (web.json_response({"url": "javascript:CANARY"}), "ayrshare.links", "somewhere else"),
        (web.json_response({"status": "error", "message": "CANARY"}, status=402), "ayrshare.plan", "Launch"),
    ],
)
async def test_a_link_that_is_not_made_is_explained(
    environment: dict[str, str], sandbox: Sandbox, answer: web.Response, check: str, words: str
) -> None:
    rows = await answered(environment, sandbox, answer)
    assert rows[check][0] == "wrong"
    assert words in " ".join(rows[check])
    assert rows["ayrshare.private_key"][0] == "note"


async def test_a_session_without_a_name_cannot_be_taken_back(environment: dict[str, str], sandbox: Sandbox) -> None:
    made = web.json_response({"url": "http://127.0.0.1/CANARY"})
    rows = await answered(environment | {"AYRSHARE_LINK_API": "session"}, sandbox, made)
    assert rows["ayrshare.links"][:2] == ("ok", "one was made; nobody is shown it, and it dies by itself")


async def test_a_session_that_is_not_taken_back_is_noted(environment: dict[str, str], sandbox: Sandbox) -> None:
    made = web.json_response({"url": "http://127.0.0.1/CANARY", "sessionId": "CANARY"})
    kept = web.json_response({"status": "error", "message": "CANARY"}, status=400)
    rows = await answered(environment | {"AYRSHARE_LINK_API": "session"}, sandbox, made, kept)
    assert rows["ayrshare.links"][0] == "note"


HERE, ELSEWHERE = "http://127.0.0.1:1", "http://localhost:1/CANARY?CANARY"


@pytest.mark.parametrize(
    ("registered", "public_url", "status", "words"),
    [
        ("", HERE, "wrong", "not registered"),
        (f"{HERE}/ayrshare/webhook", f"{HERE}/", "ok", "at PUBLIC_URL"),
        (f"{HERE}/CANARY", HERE, "wrong", "another path"),
        (ELSEWHERE, HERE, "wrong", "another address (localhost)"),
        (ELSEWHERE, "", "note", "registered at localhost"),
        ("http://[CANARY", HERE, "wrong", "unreadable"),
    ],
)
async def test_the_webhook_is_compared_with_where_the_bot_is(
    environment: dict[str, str], sandbox: Sandbox, registered: str, public_url: str, status: str, words: str
) -> None:
    sandbox.ayrshare.primary.webhooks = WebhookSettings(
        {"social": registered} if registered else {"feed": f"{HERE}/feed"}
    )
    report = await examined(environment, AYRSHARE_WEBHOOK_SECRET="CANARY", PUBLIC_URL=public_url)
    assert report.status("ayrshare.webhook") == [status]
    assert words in report.told("ayrshare.webhook")
    assert "CANARY" not in report.written


@pytest.mark.parametrize(
    ("registered", "status", "words"),
    [
        ({}, "note", "doesn't tell which profiles it suspends"),
        ({"suspended": f"{HERE}/ayrshare/webhook"}, "ok", "at PUBLIC_URL"),
        ({"accountActivity": f"{HERE}/ayrshare/webhook"}, "ok", "at PUBLIC_URL"),
        ({"suspended": ELSEWHERE}, "wrong", "another address (localhost)"),
    ],
)
async def test_the_webhook_for_suspended_profiles_is_looked_for_as_well(
    environment: dict[str, str], sandbox: Sandbox, registered: dict[str, str], status: str, words: str
) -> None:
    sandbox.ayrshare.primary.webhooks = WebhookSettings({"social": f"{HERE}/ayrshare/webhook", **registered})
    report = await examined(environment, AYRSHARE_WEBHOOK_SECRET="CANARY", PUBLIC_URL=HERE)
    assert report.status("ayrshare.webhook", "ayrshare.suspensions") == ["ok", status]
    assert words in report.told("ayrshare.suspensions")
    assert "CANARY" not in report.written


@pytest.mark.parametrize(("status", "found"), [(402, "wrong"), (429, "note")])
async def test_a_webhook_that_cannot_be_asked_for_does_not_keep_the_links_from_being_checked(
    environment: dict[str, str], sandbox: Sandbox, status: int, found: str
) -> None:
    made = web.json_response({"url": "http://127.0.0.1/page"})
    rows = await answered(
        environment | {"AYRSHARE_WEBHOOK_SECRET": "CANARY"}, sandbox, web.json_response({}, status=status), made
    )
    assert (rows["ayrshare.webhook"][0], rows["ayrshare.links"][0]) == (found, "ok")


@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("http://bot.example.com", "wrong", "https://"),
        ("https://127.0.0.1:1", "wrong", "can't be reached"),
        ("{sandbox}", "wrong", "HTTP 404"),
        ("", "note", "https://bot.example.com"),
    ],
)
async def test_the_public_address_has_to_answer_over_https(
    environment: dict[str, str], sandbox: Sandbox, url: str, status: str, words: str
) -> None:
    report = await examined(environment, PUBLIC_URL=url.format(sandbox=sandbox.url))
    assert report.status("public_url") == [status]
    assert words in report.told("public_url")
