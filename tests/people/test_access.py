"""Who may see a link: caller and owner are judged by what Slack says now, at the command and at each click."""

from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import Bot
from bot.slack.actions import ASK_ADMIN, NEW_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.home.home_helpers import opens
from tests.redis_probe import redis_of
from tests.sandbox.slack.blocks import actions, button
from tests.signed_requests import ResponseUrlReceiver, Signer
from tests.users import as_sent

MINUTE = timedelta(minutes=1)
BEN = "U0BEN0001"
REFUSED_CALLERS = [
    ("is_restricted", True, "Guests can't use this bot"),
    ("is_ultra_restricted", True, "Guests can't use this bot"),
    ("is_invited_user", True, "invitation to this workspace isn't accepted"),
    ("deleted", True, "is deactivated"),
    ("is_bot", True, "Bots get no links"),
    ("is_stranger", True, "I don't know you"),
    ("team_id", "T0PARTNER", "You belong to another workspace"),
]
REFUSED_OWNERS = [
    ("gus", "is a guest"),
    ("ida", "hasn't joined this workspace yet"),
    ("leo", "has left"),
    ("zoe", "isn't in this workspace"),
    ("robo", "is a bot"),
    ("slackbot", "is a bot"),
    ("ben", "belongs to another workspace"),
]


async def test_a_caller_the_bot_does_not_serve_is_told_why(
    signer: Signer, response_url: ResponseUrlReceiver, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    ben = sandbox.slack.world.user("ben")
    for field, value, sentence in REFUSED_CALLERS:
        served = getattr(ben, field)
        setattr(ben, field, value)
        await clock.advance(MINUTE)
        for text in ("", "status", "<@U0ANA0001>"):
            response_url.messages.clear()
            await signer.command(response_url.url, user_id=BEN, text=text)
            await response_url.receives(sentence)
        setattr(ben, field, served)
    assert sandbox.ayrshare.calls.since() == []


async def test_an_owner_who_cannot_have_links_is_refused_with_its_own_sentence(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    sandbox.slack.world.user("ben").team_id = "T0PARTNER"
    for owner, sentence in REFUSED_OWNERS:
        await mapped(owner, "Acme: Jane")
        await person("ana").types(f"@{owner}")
        assert (await person("ana").sees(sentence, sandbox.slack.world.user(owner).id)).url is None, owner


@pytest.mark.parametrize("overrides", [{"CONNECT_GUESTS": "allow"}])
async def test_guests_are_served_where_the_settings_allow_it(
    person: Person, mapped: Map, overrides: dict[str, str]
) -> None:
    await mapped("gus", "Acme: Jane")
    await person("gus").types()
    await person("gus").sees_a_card()
    await person("ana").types("@gus")
    await person("ana").sees_a_card()


async def test_a_person_deactivated_a_minute_ago_is_refused_at_the_next_click(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    card = await person("ben").sees_a_card()
    sandbox.slack.world.user("ben").deleted = True
    await clock.advance(MINUTE)
    new_link = as_sent(card.element(NEW_LINK.label), NEW_LINK.label)
    await signer.click(response_url.url, user={"id": BEN, "team_id": "T0CONNECT"}, action=new_link)
    await response_url.receives("is deactivated")


async def test_an_admin_who_lost_their_rights_is_refused_at_the_next_click(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ana").types("@ben")
    card = await person("ana").sees_a_card()
    ana = sandbox.slack.world.user("ana")
    ana.is_admin = ana.is_owner = ana.is_primary_owner = False
    await clock.advance(MINUTE)
    for label in (OPEN_LINK.label, NEW_LINK.label):
        await person("ana").clicks(card, label)
        await person("ana").sees("can connect these accounts.")
    made = [call for call in sandbox.ayrshare.calls.since() if "generateJWT" in str(call)]
    assert len(made) == 1


async def test_a_click_from_a_shared_channel_is_refused_with_its_own_sentence(
    person: Person, bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    sandbox.slack.world.channel("partners").members.append(sandbox.slack.world.app.bot_user_id)
    slack = AsyncWebClient(sandbox.slack.bot_token, base_url=f"{sandbox.url}/slack/api/", session=session)
    await slack.chat_postMessage(channel="C0PARTNER", text="x", blocks=[actions(button(ASK_ADMIN.action_id))])
    yara = person("yara", channel="partners")
    await yara.clicks(await yara.sees("x"), ASK_ADMIN.action_id)
    await yara.sees("through a channel that this workspace shares")


async def test_a_click_on_an_ephemeral_that_names_only_the_other_workspace_is_refused_in_the_same_words(
    bot: Bot, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    yara = {"id": "U0YARA001", "team_id": "T0PARTNER"}
    action = {"action_id": ASK_ADMIN.action_id, "block_id": "b", "type": "button", "value": ""}
    await signer.click(response_url.url, user=yara, action=action, team={"id": "T0PARTNER", "domain": "partner"})
    await response_url.receives("through a channel that this workspace shares")
    assert [key async for key in redis_of(bot).scan_iter("*T0PARTNER*")] == []


async def test_a_member_who_clicks_in_the_other_workspaces_channel_is_answered(
    person: Person, mapped: Map, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    new_link = as_sent((await person("ben").sees_a_card()).element(NEW_LINK.label), NEW_LINK.label)
    ben = {"id": BEN, "team_id": "T0CONNECT"}
    await signer.click(response_url.url, user=ben, action=new_link, team={"id": "T0PARTNER", "domain": "partner"})
    await response_url.receives("Connect accounts")


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "S0SOCIAL1"}])
async def test_members_of_a_user_group_can_be_admins(person: Person, mapped: Map, overrides: dict[str, str]) -> None:
    await mapped("cara", "Globex")
    await person("ben").types("@cara")
    await person("ben").sees_a_card("Globex")
    await person("dan").types("@cara")
    await person("dan").sees("can connect these accounts.")


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "S0DEAD,S0SOCIAL1,U0NOBODY,U0DAN0001"}])
async def test_an_entry_that_slack_does_not_know_adds_nobody_and_the_others_count(
    person: Person, mapped: Map, overrides: dict[str, str]
) -> None:
    await mapped("cara", "Globex")
    for admin in ("ben", "dan"):
        await person(admin).types("@cara")
        await person(admin).sees_a_card("Globex")
    await person("gus").types()
    await person("gus").sees("Guests can't use this bot")
    await person("cara").types("@ben")
    await person("cara").sees("can connect these accounts.")
    await person("eve").types()
    await person("eve").clicks(await person("eve").sees("have a profile yet"), ASK_ADMIN.label)
    await person("eve").sees("I asked", "U0BEN0001", "U0DAN0001")


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "S0SOCIAL1,U0DAN0001"}])
@pytest.mark.parametrize("word", ["", "no_permission", "word_that_is_new"])
async def test_groups_that_slack_does_not_show_add_nobody_and_the_others_count(
    person: Person, mapped: Map, sandbox: Sandbox, overrides: dict[str, str], word: str
) -> None:
    await mapped("cara", "Globex")
    if word:
        sandbox.slack.faults.add(word, times=None, method="usergroups.users.list")
    else:
        sandbox.slack.scopes.discard("usergroups:read")
    await person("ben").types("@cara")
    await person("ben").sees("can connect these accounts.")
    await person("cara").types()
    await person("cara").sees_a_card("Globex")
    await opens(sandbox, person("cara"), "Globex")
    await opens(sandbox, person("eve"), "have a profile yet")
    await opens(sandbox, person("dan"), "Globex", "Unmap")


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "S0DEAD,U0NOBODY,U0DAN0001"}])
async def test_a_dead_group_takes_home_from_nobody(
    person: Person, mapped: Map, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await mapped("cara", "Globex")
    await opens(sandbox, person("cara"), "Globex")
    await opens(sandbox, person("eve"), "have a profile yet")
    await opens(sandbox, person("dan"), "Globex", "Unmap")


@pytest.mark.parametrize("overrides", [{"CONNECT_ADMINS": "S0SOCIAL1", "CONNECT_GUESTS": "allow"}])
async def test_a_guest_is_no_admin_by_a_group(
    person: Person, mapped: Map, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await mapped("cara", "Globex")
    sandbox.slack.world.usergroups["S0SOCIAL1"].users.append("U0GUS0001")
    await person("gus").types("@cara")
    await person("gus").sees("can connect these accounts.")
    await person("eve").types()
    await person("eve").clicks(await person("eve").sees("have a profile yet"), ASK_ADMIN.label)
    told = await person("eve").sees("I asked")
    assert "U0GUS0001" not in told.words


async def test_what_slack_said_is_cached_for_a_minute_at_most(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ana").types("@ben")
    await person("ana").sees_a_card()
    ana = sandbox.slack.world.user("ana")
    ana.is_admin = ana.is_owner = ana.is_primary_owner = False
    await clock.advance(timedelta(seconds=61))
    await person("ana").types("@ben")
    await person("ana").sees("can connect these accounts.")


async def test_slack_is_asked_once_a_minute_about_a_person(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")

    def asked() -> int:
        return sum("users.info" in str(call["call"]) for call in sandbox.slack.calls.since())

    for number in (1, 2, 3):
        await person("ben").types("status")
        await person("ben").sees_times(number)
    assert asked() == 1
    await clock.advance(MINUTE)
    await person("ben").types("status")
    await person("ben").sees_times(4)
    assert asked() == 2


async def test_slack_is_not_asked_again_about_a_member_who_opens_a_link_of_their_own(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    for hours in (0, 1, 24):
        await clock.advance(timedelta(hours=hours))
        await person("ben").types()
        await person("ben").sees_a_card()
        await person("ben").reloads()
    assert len(sandbox.received("users.info")) == 1


async def test_when_slack_cannot_be_asked_even_ones_own_link_is_refused(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.faults.add("internal_error", times=None)
    await person("ben").types()
    assert (await person("ben").sees("Slack isn't responding")).url is None
