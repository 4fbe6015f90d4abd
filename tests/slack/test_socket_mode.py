"""Socket Mode: the same answers over WebSockets, whatever becomes of the sockets."""

import asyncio
import json
import signal
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import aiohttp
import pytest
import structlog

from bot.app import Bot, running_bot
from bot.settings import Settings
from bot.slack.actions import MAP_KNOWN, NEW_LINK, OPEN_LINK
from bot.slack.socket_connect import SocketTimings
from sandbox.server import Sandbox
from sandbox.slack.socket import AppSocket, SocketState
from tests import canaries
from tests.clock import ManualClock
from tests.commands import Running, bot_command, bot_process
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.redis_probe import pause_redis
from tests.refreshes import commands_through_refreshes, connected, over_sockets
from tests.signed_requests import Signer
from tests.users import OPENED, Someone

Start = Callable[[], AbstractAsyncContextManager[Running]]

QUICK = SocketTimings(greeting=1, silence=3, linger=5, first_pause=0.05, longest_pause=0.2, crowded=0.2, refused=0.2)


@pytest.fixture
def timings() -> SocketTimings:
    return QUICK


@pytest.fixture
def environment(environment: dict[str, str], sandbox: Sandbox) -> dict[str, str]:
    sandbox.slack.sockets.grace = 0.1
    return over_sockets(sandbox, environment)


@pytest.fixture
def settings(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    with monkeypatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return Settings()


@pytest.fixture
async def ben(person: Person, mapped: Map, sandbox: Sandbox) -> Someone:
    await mapped("ben", "Acme: Jane")
    await connected(sandbox)
    return person("ben")


async def readiness(bot: Bot, session: aiohttp.ClientSession) -> tuple[int, str]:
    async with session.get(f"http://127.0.0.1:{bot.port}/readyz") as answer:
        return answer.status, await answer.text()


async def until_ready(bot: Bot, session: aiohttp.ClientSession) -> None:
    async def look() -> bool:
        return await readiness(bot, session) == (200, "ok\n")

    await eventually(look, "the bot is ready")


async def until_not_ready(bot: Bot, session: aiohttp.ClientSession, *words: str) -> None:
    async def look() -> bool:
        status, text = await readiness(bot, session)
        return status == 503 and all(word in text for word in words)

    await eventually(look, f"not ready, because of {words}", within=8)


def figure(bot: Bot, name: str, **labels: str) -> float:
    return bot.deps.metrics.registry.get_sample_value(f"connectbot_{name}", labels) or 0.0


async def until_figure(bot: Bot, value: float, name: str, **labels: str) -> None:
    async def look() -> bool:
        return figure(bot, name, **labels) == value

    await eventually(look, f"{name} {labels} is {value}", last=lambda: figure(bot, name, **labels))


def opened(sandbox: Sandbox) -> int:
    return sum(row["call"] == "link" for row in sandbox.slack.calls.since())


async def test_a_command_gets_the_same_card(ben: Someone) -> None:
    assert (await ben.types())["ok"]
    card = await ben.sees_a_card("Acme: Jane")
    assert card.ephemeral
    assert card.url


async def test_buttons_work(ben: Someone) -> None:
    await ben.types()
    card = await ben.sees_a_card()
    assert (await ben.clicks(card, OPEN_LINK.label))["ok"]
    await ben.sees(OPENED)
    assert (await ben.clicks(card, NEW_LINK.label))["ok"]
    await ben.sees("has replaced this one")


async def test_the_picker_works(ben: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Team")
    await ben.types("acme")
    picker = await ben.sees("Which profile")
    await ben.clicks(picker, "pick_profile", value=picker.element("pick_profile")["options"][1]["value"])
    assert (await ben.sees_a_card("Acme: Team")).ts == picker.ts


async def test_too_much_at_once_is_said_in_the_acknowledgement(ben: Someone, sandbox: Sandbox) -> None:
    sandbox.slack.faults.add("latency", times=None, ms=500)  # so that the first ones take their time
    outcomes = await asyncio.gather(*(ben.types("help") for _ in range(30)))
    assert all(outcome["ok"] for outcome in outcomes)
    await ben.sees("I'm busy")


async def test_an_event_and_an_interaction_nobody_listens_to_are_acknowledged(bot: Bot, sandbox: Sandbox) -> None:
    await connected(sandbox)
    assert (await sandbox.slack.events.send({"type": "unheard_of"})).failure == ""
    assert sandbox.slack.events.pending == []


async def test_a_command_delivered_twice_is_handled_once(ben: Someone, bot: Bot, sandbox: Sandbox) -> None:
    sandbox.slack.faults.add("replay")
    await ben.types()
    await ben.sees_a_card()
    await until_figure(bot, 1, "interactions_total", interaction="offer_link", outcome="repeated")
    assert len(await ben.messages()) == 1


async def test_no_command_is_lost_or_answered_twice_over_refreshes(ben: Someone, bot: Bot, sandbox: Sandbox) -> None:
    tally = await commands_through_refreshes(sandbox, count=600, every=50)
    assert (tally.refreshes, len(tally.urls)) == (12, 600)
    assert tally.good, tally.failures
    assert sandbox.slack.sockets.strays == 0
    await connected(sandbox)
    assert figure(bot, "sockets_ended_total", reason="refresh_requested") == 6
    assert figure(bot, "sockets_ended_total", reason="warning") == 6


async def test_a_successor_is_there_before_the_old_socket_goes(ben: Someone, sandbox: Sandbox) -> None:
    sandbox.slack.sockets.grace = 2
    await sandbox.slack.sockets.warn()
    await connected(sandbox, 3)
    await connected(sandbox, 2)


async def test_a_socket_that_slack_forgets_to_close_is_left_in_the_end(
    sandbox: Sandbox, clock: ManualClock, settings: Settings
) -> None:
    sandbox.slack.sockets.grace = 60
    async with running_bot(settings, clock=clock, socket_timings=SocketTimings(linger=0.3)):
        await connected(sandbox)
        await sandbox.slack.sockets.refresh()
        await connected(sandbox, 3)
        await connected(sandbox, 2)


@pytest.mark.parametrize("grace", [0.1, 60])
async def test_a_storm_of_refreshes_opens_ever_fewer_sockets_and_never_more_than_four_at_once(
    sandbox: Sandbox, clock: ManualClock, settings: Settings, session: aiohttp.ClientSession, grace: float
) -> None:
    sandbox.slack.sockets.grace = grace
    sandbox.slack.faults.add("disconnect_storm", times=None)
    most, until = 0, time.monotonic() + 3
    async with running_bot(settings, clock=clock, socket_timings=SocketTimings(longest_pause=3)) as bot:
        while time.monotonic() < until:
            most = max(most, sandbox.slack.sockets.connected)
            await asyncio.sleep(0.01)
        assert opened(sandbox) <= 22  # without a pause there are a hundred
        assert most <= 4
        sandbox.slack.faults.clear()

        async def two_are_open() -> bool:
            return len(sandbox.slack.sockets.alive(SocketState.OPEN)) == 2

        await eventually(two_are_open, "two sockets stay open", within=15)
        await until_ready(bot, session)


async def test_a_socket_that_still_acknowledges_is_one_of_the_four(
    sandbox: Sandbox, clock: ManualClock, settings: Settings
) -> None:
    sandbox.slack.sockets.grace = 60
    query = {"type": "block_suggestion", "team": {"id": "T0CONNECT"}, "user": {"id": "U0ANA0001"}, "value": "a"}
    envelope = {"envelope_id": "x", "type": "interactive", "payload": query | {"action_id": MAP_KNOWN}}
    timings, asked, most = SocketTimings(longest_pause=0.1, last_words=3), list[AppSocket](), 0
    async with running_bot(settings, clock=clock, socket_timings=timings) as bot:
        await connected(sandbox)
        await pause_redis(bot, 2500)  # so that what a menu offers takes as long as it may
        sandbox.slack.faults.add("disconnect_storm", times=None)
        await sandbox.slack.sockets.refresh()
        until = time.monotonic() + 2
        while time.monotonic() < until:
            for socket in sandbox.slack.sockets.alive():
                if socket not in asked:
                    asked.append(socket)
                    await socket.ws.send_str(json.dumps(envelope))
            most = max(most, sandbox.slack.sockets.connected)
            await asyncio.sleep(0.01)
        sandbox.slack.faults.clear()
    assert most == 4


async def test_sockets_that_are_cut_are_opened_again(
    ben: Someone, bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    await sandbox.slack.sockets.drop()
    await until_figure(bot, 2, "sockets_ended_total", reason="closed")
    await connected(sandbox)
    await until_ready(bot, session)
    await ben.types()
    await ben.sees_a_card()


async def test_silent_sockets_are_given_up_and_replaced(
    ben: Someone, bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    before = opened(sandbox)
    sandbox.slack.sockets.silent = True
    await until_not_ready(bot, session, "WebSocket")
    assert figure(bot, "sockets_ended_total", reason="silent") == 2
    assert figure(bot, "sockets") == 0
    sandbox.slack.sockets.silent = False
    await until_ready(bot, session)
    assert opened(sandbox) > before
    await ben.types()
    await ben.sees_a_card()


async def test_socket_mode_switched_off_is_said_and_noticed_when_it_is_back(
    ben: Someone, bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession, log_lines: canaries.Lines
) -> None:
    sandbox.slack.socket_mode = False
    await sandbox.slack.sockets.disable()
    await until_not_ready(bot, session, "Socket Mode is switched off in the Slack app's settings")
    assert any('"level": "error"' in line and "switched off" in line for line in log_lines.lines)
    sandbox.slack.socket_mode = True
    await until_ready(bot, session)
    await ben.types()
    await ben.sees_a_card()


async def test_where_all_places_are_taken_it_keeps_what_it_has_and_tries_again(
    sandbox: Sandbox,
    clock: ManualClock,
    settings: Settings,
    session: aiohttp.ClientSession,
    log_lines: canaries.Lines,
) -> None:
    others = [await session.ws_connect(await address(sandbox, session)) for _ in range(9)]
    async with running_bot(settings, clock=clock, socket_timings=QUICK) as bot:

        async def turned_away() -> bool:
            return any("All ten WebSockets" in line for line in log_lines.lines)

        await eventually(turned_away, "the second socket is turned away")
        await until_ready(bot, session)
        assert figure(bot, "sockets") == 1
        await others[0].close()
        await until_figure(bot, 2, "sockets")
        await asyncio.gather(*(other.close() for other in others))


async def address(sandbox: Sandbox, session: aiohttp.ClientSession) -> str:
    headers = {"Authorization": f"Bearer {sandbox.slack.app_token}"}
    async with session.post(f"{sandbox.url}/slack/api/apps.connections.open", headers=headers) as answer:
        return str((await answer.json())["url"])


async def test_it_waits_as_long_as_slack_says_and_serves_on_the_other_socket(
    sandbox: Sandbox,
    clock: ManualClock,
    settings: Settings,
    session: aiohttp.ClientSession,
) -> None:
    sandbox.slack.faults.add("ratelimited", ms=3000)
    began = time.monotonic()
    async with running_bot(settings, clock=clock, socket_timings=QUICK) as bot:
        await until_ready(bot, session)
        assert figure(bot, "sockets") == 1
        await connected(sandbox)
        assert time.monotonic() - began >= 3
        calls = [row["call"] for row in sandbox.slack.calls.since()]
        assert calls.count("apps.connections.open") == 3


@pytest.mark.parametrize("fault", ["error_500", "drop_connection", "internal_error"])
async def test_trouble_at_slack_is_waited_out(
    ben: Someone, bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession, fault: str
) -> None:
    sandbox.slack.faults.add(fault, times=6)
    await sandbox.slack.sockets.drop()
    await until_ready(bot, session)
    await ben.types()
    await ben.sees_a_card()


async def test_it_starts_while_slack_is_in_trouble(
    sandbox: Sandbox, clock: ManualClock, settings: Settings, session: aiohttp.ClientSession
) -> None:
    sandbox.slack.faults.add("error_500", times=None)
    async with running_bot(settings, clock=clock, socket_timings=QUICK) as bot:
        await until_not_ready(bot, session, "Slack")
        sandbox.slack.faults.clear()
        await until_ready(bot, session)


@pytest.mark.parametrize(("wrong", "word"), [("token", "invalid_auth"), ("scope", "missing_scope")])
async def test_a_token_that_slack_refuses_ends_the_start_with_a_sentence(
    environment: dict[str, str], sandbox: Sandbox, wrong: str, word: str
) -> None:
    if wrong == "scope":
        sandbox.slack.app_scopes = set()
    else:
        environment["SLACK_APP_TOKEN"] = "xapp-1-canary"
    ended = await bot_command("run", environment=environment)
    assert ended.code == 1
    assert f"Slack refuses SLACK_APP_TOKEN ({word})" in ended.err
    assert "connections:write" in ended.err
    assert "xapp-1" not in ended.err
    assert "Traceback" not in ended.err


async def test_a_token_that_is_revoked_later_makes_it_not_ready(
    ben: Someone, bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    sandbox.slack.token_error = "token_revoked"
    await sandbox.slack.sockets.drop()
    await until_not_ready(bot, session, "Slack refuses SLACK_APP_TOKEN (token_revoked)")
    sandbox.slack.token_error = ""
    await until_ready(bot, session)


COMMAND = {"command": "/connect", "text": "help", "team_id": "T0CONNECT", "user_id": "U0BEN0001"}
MALFORMED = [
    "",
    "[" * 100_000,
    '{"type": 7}',
    '{"envelope_id": "x", "payload": "text"}',
    json.dumps({"envelope_id": "x", "type": 7, "payload": COMMAND | {"user_id": {}}}),
    json.dumps({"envelope_id": "x", "type": "interactive", "payload": {"type": "block_actions", "actions": []}}),
]


async def test_frames_in_no_form_of_slacks_do_no_harm(ben: Someone, bot: Bot, sandbox: Sandbox) -> None:
    before = opened(sandbox)
    for socket in sandbox.slack.sockets.alive():
        for frame in MALFORMED:
            await socket.ws.send_str(frame)
        await socket.ws.send_bytes(b"\xff\xfe")
    for _ in range(2):
        assert (await ben.types("help"))["ok"]
    await ben.sees_times(2)
    assert opened(sandbox) == before
    assert sandbox.slack.sockets.strays == 0
    assert figure(bot, "unreadable_frames_total") == 2 * (len(MALFORMED) + 1)


NOBODYS = {
    "team": {"id": "T0CONNECT"},
    "user": {"id": "U0BEN0001"},
    "actions": [{"type": "button", "action_id": "unheard_of", "block_id": "b"}],
    "view": None,
}


async def test_an_interaction_without_a_view_leaves_no_trace_and_is_counted_where_it_cannot_be_read(
    ben: Someone, bot: Bot, sandbox: Sandbox, log_lines: canaries.Lines
) -> None:
    for kind in ("view_submission", "block_actions", "message_action", "shortcut", "nonsense"):
        envelope = {"envelope_id": "x", "type": "interactive", "payload": NOBODYS | {"type": kind}}
        for socket in sandbox.slack.sockets.alive():
            await socket.ws.send_str(json.dumps(envelope))
    unreadable = 2.0  # a submission on each socket; the rest is what nobody listens to
    assert (await ben.types("help"))["ok"]
    await ben.sees_times(1)
    await until_figure(bot, unreadable, "unreadable_payloads_total")
    await until_figure(bot, unreadable, "unreadable_frames_total")
    assert [line for line in log_lines.lines if "Traceback" in line or '"error"' in line] == []
    assert sandbox.slack.sockets.connected == 2


@pytest.mark.parametrize("overrides", [{"SLACK_SIGNING_SECRET": "also-set"}])
async def test_slack_has_no_route_over_http(
    bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession, overrides: dict[str, str]
) -> None:
    signer = Signer(session, f"http://127.0.0.1:{bot.port}", "also-set")
    assert await signer.form(COMMAND) == 404
    for path in ("healthz", "readyz", "metrics"):
        async with session.get(f"http://127.0.0.1:{bot.port}/{path}") as answer:
            assert answer.status == 200


async def test_neither_token_nor_ticket_reaches_the_log(
    ben: Someone,
    bot: Bot,
    sandbox: Sandbox,
    session: aiohttp.ClientSession,
    log_lines: canaries.Lines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox.slack.sockets.tickets, "issue", lambda: "already-used")  # so that none opens a socket
    await sandbox.slack.sockets.drop()
    await until_not_ready(bot, session, "WSServerHandshakeError")
    structlog.get_logger().warning("a_librarys_words", url="wss://wss.slack.com/link/?ticket=already-used&app_id=1")
    logged = "\n".join(log_lines.lines)
    assert "socket_missing" in logged
    assert "a_librarys_words" in logged
    for secret in (sandbox.slack.app_token, "already-used", "ticket="):
        assert secret not in logged


async def test_a_stop_is_quick_even_where_slack_is_silent(
    sandbox: Sandbox, clock: ManualClock, settings: Settings
) -> None:
    async with running_bot(settings, clock=clock):
        await connected(sandbox)
        sandbox.slack.sockets.silent = True
        began = time.monotonic()
    assert time.monotonic() - began < 4
    sandbox.slack.sockets.silent = False


@pytest.fixture
async def process(environment: dict[str, str], unused_tcp_port: int, sandbox: Sandbox) -> Start:
    """Start the bot as a process, with a profile mapped to Ben."""
    key = next(profile.key for profile in sandbox.ayrshare.profiles if profile.title == "Acme: Jane")
    mapping = ("mappings", "set", "T0CONNECT", "U0BEN0001", "--quiet")
    assert (await bot_command(*mapping, environment=environment, typed=key)).code == 0
    return partial(bot_process, environment, port=unused_tcp_port)


async def test_sigterm_lets_a_command_in_flight_be_answered_and_exits_with_0(
    process: Start, sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    ben = Someone(session, sandbox.url, "ben")
    async with process() as bot:
        sandbox.ayrshare.faults.add("latency", ms=1500)
        assert (await ben.types())["ok"]
        began = time.monotonic()
        stopping = asyncio.create_task(bot.stop())
        await ben.sees_a_card("Acme: Jane")
        assert await stopping == 0
        assert time.monotonic() - began < 10
        assert sandbox.slack.sockets.connected == 0
        assert "Traceback" not in "".join(bot.log)
        assert "connected" in "".join(bot.log)


async def test_every_command_acknowledged_before_a_stop_is_answered(
    process: Start, sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    people = [Someone(session, sandbox.url, name) for name in ("ana", "ben", "cara", "dan", "eve")]
    async with process() as bot:
        await connected(sandbox)
        typed = [asyncio.create_task(person.types("help")) for person in people for _ in range(10)]
        await asyncio.wait(typed, return_when=asyncio.FIRST_COMPLETED)
        assert await bot.stop() == 0
    acknowledged = sum(outcome["ok"] for outcome in await asyncio.gather(*typed))
    seen = sum(map(len, await asyncio.gather(*(person.messages() for person in people))))
    assert acknowledged == seen > 0


async def test_kill_9_and_a_new_start_lose_nothing(
    process: Start, sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    ben = Someone(session, sandbox.url, "ben")
    async with process() as bot:
        await ben.types()
        card = await ben.sees_a_card("Acme: Jane")
        await bot.stop(signal.SIGKILL)
    async with process() as bot:
        await ben.clicks(card, OPEN_LINK.label)
        await ben.sees(OPENED)
        await ben.types()
        await ben.sees_a_card("Acme: Jane")
        assert await bot.stop() == 0
