"""Least scopes: whatever the manifest asks for is needed by something a person does, and nothing else is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.app import Bot
from bot.invitations.model import DELIVER_INVITATION
from bot.job_runner import RETRY_SLACK
from bot.manifest import BOT_SCOPES
from bot.slack.actions import ASK_ADMIN
from sandbox.server import Sandbox
from sandbox.slack.methods import METHODS
from tests.cards.mail_helpers import MAILS
from tests.clock import ManualClock
from tests.commands import command
from tests.conftest import Map, Person
from tests.time_travel import planned

GROUP = "S0SOCIAL1"  # with ben and cara in it


@dataclass(frozen=True)
class Office:
    """Where people do things: in Slack, and at the shell."""

    person: Person
    sandbox: Sandbox
    environment: dict[str, str]
    bot: Bot
    clock: ManualClock


@dataclass(frozen=True)
class Conversation:
    """Something a person does with the bot, what they are told, and what they are told without the scope."""

    plays: Callable[[Office], Awaitable[str]]
    works: str
    without: str


async def asks_for_own_link(office: Office) -> str:
    outcome = await office.person("cara").types()
    return str(outcome["error"] or (await office.person("cara").sees()).words)


async def asks_an_admin(office: Office) -> str:
    await office.person("dan").types()
    await office.person("dan").clicks(await office.person("dan").sees("have a profile yet"), ASK_ADMIN.label)
    return (await office.person("dan").sees_times(2))[-1].words


async def asks_for_anothers_link_as_one_of_a_group(office: Office) -> str:
    await office.person("ben").types("@cara")
    return (await office.person("ben").sees()).words


async def asks_again_when_an_answer_was_lost(office: Office) -> str:
    ben, box = office.person("ben"), office.person("ben", channel=office.sandbox.slack.world.dm_of("ben"))
    office.sandbox.slack.faults.add("lost_answer", method="chat.postMessage")
    before = office.clock.now()
    await ben.types("send @cara")
    await planned(office.bot, DELIVER_INVITATION, at=before + RETRY_SLACK)
    await office.clock.advance(RETRY_SLACK)
    return (await box.sees("*Globex*")).words


async def writes_to_the_bot(office: Office) -> str:
    box = office.person("cara", channel=office.sandbox.slack.world.dm_of("cara"))
    if not (await box.post("say", text="help"))["event"]:
        return "not heard"
    return (await box.sees("connects your social accounts")).words


async def imports_somebody_by_address(office: Office) -> str:
    key = next(profile.key for profile in office.sandbox.ayrshare.profiles if profile.title == "Initech")
    file = Path(office.environment["DATA_DIR"]).parent / "people.csv"
    file.write_text(f"user,profile_key\neve@connect.example,{key}\n")
    ended = await command("mappings", "import", str(file), environment=office.environment)
    return ended.out + ended.err


async def has_a_link_mailed(office: Office) -> str:
    office.sandbox.ayrshare.max_pack = True
    await office.person("cara").types("email")
    return (await office.person("cara").sees()).words


CONVERSATIONS = (
    ("commands", Conversation(asks_for_own_link, "Globex", "not a valid command")),
    ("users:read", Conversation(asks_for_own_link, "Globex", "I lack a permission in Slack")),
    ("chat:write", Conversation(asks_an_admin, "I asked", "couldn't reach an admin")),
    ("im:write", Conversation(asks_again_when_an_answer_was_lost, "has your request", "Slack doesn't let me message")),
    (
        "im:history",
        Conversation(asks_again_when_an_answer_was_lost, "has your request", "Slack doesn't let me message"),
    ),
    ("im:history", Conversation(writes_to_the_bot, "connects your social accounts", "not heard")),
    (
        "usergroups:read",
        Conversation(asks_for_anothers_link_as_one_of_a_group, "Globex", "can connect these accounts."),
    ),
    ("users:read.email", Conversation(imports_somebody_by_address, "Initech", "add the scope users:read.email")),
    ("users:read.email", Conversation(has_a_link_mailed, "Globex", "lacks the scope users:read.email")),
)
EACH = pytest.mark.parametrize(
    ("scope", "conversation"), CONVERSATIONS, ids=[f"{scope}-{one.plays.__name__}" for scope, one in CONVERSATIONS]
)


@pytest.fixture
def office(person: Person, sandbox: Sandbox, environment: dict[str, str], bot: Bot, clock: ManualClock) -> Office:
    return Office(person, sandbox, environment, bot, clock)


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"CONNECT_ADMINS": GROUP} | MAILS


@EACH
async def test_a_scope_is_needed_by_what_a_person_does(
    office: Office, mapped: Map, sandbox: Sandbox, scope: str, conversation: Conversation
) -> None:
    await mapped("cara", "Globex")
    sandbox.slack.scopes = set(BOT_SCOPES) - {scope}
    assert conversation.without in await conversation.plays(office)


@EACH
async def test_with_the_manifests_scopes_it_works_and_no_method_needs_more(
    office: Office, mapped: Map, sandbox: Sandbox, scope: str, conversation: Conversation
) -> None:
    await mapped("cara", "Globex")
    sandbox.slack.scopes = set(BOT_SCOPES)
    assert conversation.works in await conversation.plays(office)
    calls = sandbox.slack.calls.since()
    assert not [call for call in calls if call.get("error") == "missing_scope"]
    needed = {METHODS[call["call"]].scope for call in calls if call["call"] in METHODS}
    assert needed - {""} <= set(BOT_SCOPES)


async def test_the_sandbox_grants_what_the_manifest_asks_for(sandbox: Sandbox) -> None:
    assert sandbox.slack.scopes == set(BOT_SCOPES)


def test_every_scope_has_its_conversation() -> None:
    assert {scope for scope, _ in CONVERSATIONS} == set(BOT_SCOPES)
