"""What people write to the bot in its direct message is answered, once; what bots write is not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.app import Bot
from bot.slack.actions import ASK_ADMIN, ASK_COLLEAGUE, CONNECT_ACCOUNTS, SEE_STATUS
from sandbox.server import Sandbox
from sandbox.slack.delivery import RetryAttempt
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.modals import sees_modal
from tests.redis_probe import idle
from tests.users import Someone

Dm = Callable[[str], Someone]
HELP = "connects your social accounts"


async def says(who: Someone, text: str) -> None:
    assert (await who.post("say", text=text))["event"]


def message(sandbox: Sandbox, **about: Any) -> dict[str, Any]:
    """A message event as Slack sends it, but for what is told otherwise."""
    ben = sandbox.slack.world.user("ben").id
    usual = {
        "type": "message",
        "channel": "D0BEN0001",
        "channel_type": "im",
        "user": ben,
        "text": "help",
        "ts": "1.000001",
    }
    return {name: value for name, value in (usual | about).items() if value is not None}


@pytest.mark.parametrize("text", ["help", "Hello!", "what can you do?", "thanks", "<!here> x", "x" * 600])
async def test_anything_is_answered_with_the_help_and_its_buttons(dm: Dm, mapped: Map, text: str) -> None:
    await mapped("ben", "Acme: Jane")
    await says(dm("ben"), text)
    answer = await dm("ben").sees(HELP)
    assert answer.buttons == [CONNECT_ACCOUNTS.label, SEE_STATUS.label, ASK_COLLEAGUE.label]
    assert not answer.ephemeral
    await dm("ben").clicks(answer, CONNECT_ACCOUNTS.label)
    await dm("ben").sees_a_card("Acme: Jane")
    await dm("ben").clicks(answer, ASK_COLLEAGUE.label)
    await sees_modal(dm("ben"), title="Ask a colleague")


async def test_status_shows_ones_profiles(dm: Dm, mapped: Map) -> None:
    await mapped("cara", "Acme: Team")
    await mapped("cara", "Globex")
    await says(dm("cara"), "Status glob")
    assert "Acme" not in (await dm("cara").sees("*Globex*")).words


@pytest.mark.parametrize(
    ("text", "networks"), [("connect", ()), ("link", ()), ("instagram", ("instagram",)), ("acme ja", ())]
)
async def test_connect_is_answered_with_a_button_and_the_link_is_made_on_the_click(
    dm: Dm, mapped: Map, sandbox: Sandbox, text: str, networks: tuple[str, ...]
) -> None:
    await mapped("ben", "Acme: Jane")
    await says(dm("ben"), text)
    asked = "Connect Instagram for *Acme: Jane*." if networks else "Connect the accounts that *Acme: Jane* should"
    answer = await dm("ben").sees(asked)
    assert (answer.url, sandbox.ayrshare.links.issued) == (None, [])
    await dm("ben").clicks(answer, CONNECT_ACCOUNTS.label)
    card = await dm("ben").sees_a_card("Acme: Jane")
    assert (card.ts, card.ephemeral) == (answer.ts, False)
    assert not networks or sandbox.ayrshare.links.issued[-1].networks == networks


async def test_of_several_profiles_one_is_picked(dm: Dm, mapped: Map) -> None:
    await mapped("cara", "Acme: Team")
    await mapped("cara", "Acme: Jane")
    await says(dm("cara"), "connect acme")
    assert (await dm("cara").sees("Which profile")).options == ["Acme: Team", "Acme: Jane"]


async def test_what_connect_does_not_find_is_answered_with_what_there_is(dm: Dm, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await says(dm("ben"), "connect globax")
    answer = await dm("ben").sees('No profile matches "globax". You have Acme: Jane.')
    assert answer.buttons == [CONNECT_ACCOUNTS.label]


async def test_who_has_no_profile_can_ask_an_admin(dm: Dm, sandbox: Sandbox) -> None:
    sandbox.slack.rate_limits = False
    await says(dm("dan"), "what is this?")
    await dm("dan").sees(HELP)
    await says(dm("dan"), "connect")
    assert (await dm("dan").sees(ASK_ADMIN.label)).buttons == [ASK_ADMIN.label]


async def test_what_needs_a_form_gets_a_button_that_opens_it(dm: Dm) -> None:
    await says(dm("ana"), "map @ben")
    await dm("ana").clicks(await dm("ana").sees("I can do that with one click: *map @ben*"), "/connect map @ben")
    await sees_modal(dm("ana"), title="Map a profile")


async def test_a_mistyped_word_is_guessed(dm: Dm, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await says(dm("ben"), "statsu")
    await dm("ben").clicks(await dm("ben").sees("Did you mean *status*?"), "/connect status")
    await dm("ben").sees("*Acme: Jane*")


async def test_a_guest_is_told_why_there_is_nothing(person: Person, dm: Dm) -> None:
    await says(dm("gus"), "help")
    await dm("gus").sees("Guests can't use this bot here.")


@pytest.mark.parametrize(
    "about",
    [
        {"bot_id": "B0OTHER", "user": "U0CONNECT"},
        {"bot_id": "B0OTHER"},
        {"subtype": "bot_message", "user": None},
        {"subtype": "message_changed", "user": None, "message": {"user": "U0BEN0001", "text": "help"}},
        {"subtype": "message_deleted", "user": None},
        {"subtype": "channel_topic"},
        {"channel_type": "channel"},
        {"user": None},
        {"user": "USLACKBOT"},
        {"user": {"id": "U0BEN0001"}},
        {"text": None, "subtype": "me_message"},
    ],
)
async def test_what_no_person_writes_to_it_is_not_answered(
    dm: Dm, sandbox: Sandbox, bot: Bot, about: dict[str, Any]
) -> None:
    assert not (await sandbox.slack.events.send(message(sandbox, **about))).failure
    await idle(bot)
    assert sandbox.received("chat.*") == []


async def test_an_event_that_is_delivered_again_is_answered_once(dm: Dm, sandbox: Sandbox, bot: Bot) -> None:
    payload = sandbox.slack.events._wrap(message(sandbox))
    for retry in (None, RetryAttempt(1, "http_timeout"), RetryAttempt(2, "http_timeout")):
        assert not (await sandbox.slack.events._attempt(payload, retry)).failure
    await idle(bot)
    assert len(await dm("ben").messages()) == 1


async def test_a_flood_is_answered_no_more_than_ten_times_a_minute(dm: Dm, sandbox: Sandbox, bot: Bot) -> None:
    sandbox.slack.rate_limits = False
    for _ in range(14):
        await says(dm("ben"), "help")
    await idle(bot)
    assert len(sandbox.received("chat.postMessage")) == 10


async def test_who_writes_in_a_thread_is_answered_there(dm: Dm, sandbox: Sandbox) -> None:
    sandbox.slack.rate_limits = False
    await says(dm("ben"), "help")
    answer = await dm("ben").sees(HELP)
    assert (await dm("ben").post("say", text="version", thread_ts=answer.ts))["event"]
    assert (await dm("ben").sees("This is connectbot")).raw["thread_ts"] == answer.ts


async def test_a_second_message_within_a_second_is_answered_too(dm: Dm, sandbox: Sandbox, clock: ManualClock) -> None:
    await says(dm("ben"), "help")
    await dm("ben").sees(HELP)
    await says(dm("ben"), "version")
    await eventually(lambda: _refused(sandbox), "Slack takes no second message")

    async def answered() -> bool:
        clock.jump(timedelta(seconds=5))  # the bot may hear of the refusal, and begin to wait, only after a first one
        return any("This is connectbot" in seen.words for seen in await dm("ben").messages())

    await eventually(answered, "the second message is answered")


async def _refused(sandbox: Sandbox) -> bool:
    return any(call.get("error") == "ratelimited" for call in sandbox.received("chat.postMessage"))


async def test_where_slack_cannot_tell_who_writes_that_is_said(dm: Dm, sandbox: Sandbox) -> None:
    sandbox.slack.faults.add("internal_error", times=None, method="users.info")
    await says(dm("ben"), "status")
    await dm("ben").sees("Slack isn't responding")
