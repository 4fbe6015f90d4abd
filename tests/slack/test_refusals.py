"""Each refusal of Slack's is said in its own sentence, to whoever waits and, where an operator has to act, to them."""

import aiohttp
import pytest
from pydantic import SecretStr

from bot.app import Bot
from bot.core.http import LONGEST_WAIT
from bot.home.status_views import STATUS_TITLE
from bot.invitations.views import FORM_TITLE
from bot.job_runner import RETRY_AFTER_MENDING
from bot.people.limits import LIMITS
from bot.slack.actions import CANCEL_LINK, GET_LINK, MAP_TO_ANOTHER, SEND_ANYWHERE, STATUS_OF
from bot.slack.client import web_client
from bot.slack.socket_connect import SocketTimings, connect
from bot.slack.socket_errors import NotConnected
from sandbox.server import Sandbox
from tests.canaries import Lines
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.core.test_metrics import figures
from tests.home.home_helpers import has_at_home
from tests.invitations.invitation_helpers import ASKS, Dm, crowd, invited
from tests.modals import modal_of, opens_home, sees_modal
from tests.redis_probe import idle
from tests.users import Someone

DISABLED = "my Messages tab is switched off"
SLACK_IS_DOWN = 'connectbot_dependency_up{dependency="slack"} 0.0'


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("user_not_found", "I can't see <@U0BEN0001> in this workspace"),
        ("user_not_visible", "I can't see <@U0BEN0001> in this workspace"),
        ("token_revoked", "Slack no longer accepts my token"),
        ("account_inactive", "Slack no longer accepts my token"),
        ("invalid_auth", "Slack no longer accepts my token"),
        ("missing_scope", "I lack a permission in Slack"),
        ("internal_error", "Slack isn't responding. Try again in a minute."),
        ("word_that_is_new", "Slack refused that (word_that_is_new)"),
    ],
)
async def test_each_refusal_has_its_own_sentence(
    person: Person, mapped: Map, sandbox: Sandbox, word: str, said: str
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ana").types("help")  # Slack has said who she is
    sandbox.slack.faults.add(word, times=None, method="users.info")
    await person("ben").types()
    assert (await person("ben").sees(said)).url is None


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("ratelimited", "Try again in 5 minutes."),
        ("token_revoked", "Slack no longer accepts my token"),
        ("missing_scope", "I lack a permission in Slack"),
        ("bad_gateway", "Slack isn't responding. Try again in a minute."),
        ("word_that_is_new", "Slack didn't open the window in time. Try again."),
    ],
)
async def test_each_refusal_to_open_a_modal_has_its_own_sentence(
    ana: Someone, sandbox: Sandbox, fault: str, said: str
) -> None:
    sandbox.slack.faults.add(fault, times=None, ms=99_999_000, method="views.open")
    await ana.types("map")
    await ana.sees(said)


async def test_under_an_input_nobody_is_called_by_their_id(ana: Someone, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    await ana.types("help")
    await ana.post("shortcut", callback_id=SEND_ANYWHERE)
    form = await sees_modal(ana, title=FORM_TITLE)
    await ana.types("status")  # Slack has said who she is
    await ana.sees("have a profile yet")
    sandbox.slack.faults.add("user_not_visible", times=None, method="users.info")
    errors = (await form.submits(person="ben"))["errors"]
    assert errors == {"person": "I can't see that person in this workspace. Mention one of its members."}


async def test_a_limit_says_for_how_long_but_never_for_hours(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.faults.add("ratelimited", ms=99_999_000, method="users.info")
    await person("ben").types()
    await person("ben").sees("Try again in 5 minutes.")


async def test_an_absurd_limit_stops_the_drawing_of_a_workspace_for_minutes_only(
    ana: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock, log_lines: Lines
) -> None:
    await mapped("ben", "Acme: Jane")
    ben = dm("ben")
    await ben.clicks(await invited(ana, ben), GET_LINK.action_id)
    await ben.sees_a_card()
    await idle(bot)
    sandbox.slack.faults.add("ratelimited", ms=99_999_000, method="chat.update")
    await ben.clicks(await ben.sees_a_card(), CANCEL_LINK.label)
    await ben.sees("cancelled")
    for _ in range(3):
        await idle(bot)
        await clock.advance(LONGEST_WAIT)
    await dm("ana").sees("Their link was cancelled")
    assert "wait_shortened" in "".join(log_lines.lines)


async def test_an_absurd_limit_keeps_socket_mode_away_for_minutes_only(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    client = web_client(session, token=SecretStr("xoxb-1"), api_url=f"{sandbox.url}/slack/api/")
    sandbox.slack.faults.add("ratelimited", ms=99_999_000)
    with pytest.raises(NotConnected) as refused:
        await connect(client, SecretStr(sandbox.slack.app_token), SocketTimings())
    assert refused.value.wait == LONGEST_WAIT.total_seconds()


async def test_ayrshares_absurd_limit_is_said_in_minutes(ana: Someone, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ana", "Globex")
    sandbox.ayrshare.faults.add("rate_limited", ms=99_999_000)
    await ana.types()
    await ana.sees("Try again in 5 minutes.")


@pytest.mark.parametrize("word", ["token_revoked", "messages_tab_disabled"])
async def test_what_an_operator_has_to_mend_is_told_by_the_gauge(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, session: aiohttp.ClientSession, word: str
) -> None:
    await mapped("ben", "Acme: Jane")
    for method in ("users.info", "chat.postMessage"):
        sandbox.slack.faults.add(word, times=None, method=method)
    if word == "messages_tab_disabled":
        sandbox.slack.faults.clear()
        sandbox.slack.faults.add(word, times=None, method="chat.postMessage")
    await person("ana").types("send @ben")
    await person("ana").sees("Tell whoever runs this bot")
    await idle(bot)
    assert SLACK_IS_DOWN in (await figures(bot, session))[1]


async def test_a_sender_who_was_promised_a_message_hears_that_slack_takes_none(
    ana: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.faults.add("messages_tab_disabled", times=None, method="chat.postMessage")
    await ana.types("send @ben")
    await ana.sees(DISABLED, "Slack doesn't let me send direct messages")
    await idle(bot)
    await clock.advance(RETRY_AFTER_MENDING)
    await idle(bot)
    assert len(await ana.messages()) == 2  # it is said once
    sandbox.slack.faults.clear()
    await ana.types("send @ben")
    await dm("ben").sees(ASKS)


async def test_who_asked_in_a_modal_reads_it_at_home(ana: Someone, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.faults.add("messages_tab_disabled", times=None, method="chat.postMessage")
    await ana.post("shortcut", callback_id=SEND_ANYWHERE)
    await (await sees_modal(ana, title=FORM_TITLE)).submits(person="ben")
    await has_at_home(sandbox, ana, DISABLED)


async def test_a_groups_sender_hears_it_too(ana: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock) -> None:
    await crowd(ana, 3)
    sandbox.slack.faults.add("messages_tab_disabled", times=None, method="chat.postMessage")
    await ana.types("send @staff")
    await ana.sees(DISABLED)


async def test_refusals_in_a_modal_and_at_home_are_counted_like_what_they_refuse(
    ana: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    await ana.types("list")
    await ana.clicks(await ana.sees("*Acme: Jane*"), STATUS_OF.label)
    status = await sees_modal(ana, "Acme: Jane", title=STATUS_TITLE)
    await ana.post("person", flags={"is_admin": False, "is_owner": False, "is_primary_owner": False})
    for _ in range(LIMITS["views"].per_person):
        await opens_home(ana)
        await status.clicks(MAP_TO_ANOTHER.label)
        await idle(bot)
        if (above := await modal_of(ana)) and above.raw["id"] != status.raw["id"]:
            await above.closes()
    assert len(sandbox.received("views.push")) > LIMITS["views"].per_person // 3
    assert len(sandbox.received("views.push")) + len(sandbox.received("views.publish")) < LIMITS["views"].per_person
    assert len([one for one in await dm(ana.name).messages() if "too many windows" in one.text]) == 1
