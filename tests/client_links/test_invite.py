"""People in Slack make client links, see what became of them, and end them."""

import json
import re
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.client_links.errors import OutOfRange
from bot.client_links.revoke import revoke_for
from bot.client_links.views import CLIENT, DAYS, FORM_TITLE, LIST_TITLE, NETWORKS, NOTE, PROFILE, USES
from bot.core.model import UserId, Viewer
from bot.people.errors import AskedTooOften, NotAllowed
from bot.people.limits import LIMITS
from bot.slack.actions import CLIENT_LINK_FORM, CLIENT_LINKS, MAKE_CLIENT_LINK
from bot.slack.text import date_and_time
from sandbox.server import Sandbox
from tests.client_links.browser import PUBLIC_URL, Browser
from tests.client_links.conftest import Make
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.modals import opens_home, sees_at_home, sees_modal
from tests.redis_probe import TEAM
from tests.signed_requests import Signer
from tests.users import Someone

URL = re.compile(rf"{PUBLIC_URL}/c/[\w-]{{22}}")


async def made(who: Someone, **values: object) -> str:
    """Fill in the form and return the address that is shown."""
    await who.types("invite")
    form = await sees_modal(who, "Days it works", title=FORM_TITLE)
    assert (await form.submits(**{PROFILE: "Acme: Jane", DAYS: "7", USES: "10"} | values))["ok"]
    shown = await sees_modal(who, "Copy it now", title=FORM_TITLE)
    found = URL.search(shown.words)
    assert found
    return found[0]


async def test_an_admin_invites_a_client_who_connects_an_account(
    ana: Someone, mapped: Map, browser: Browser, person: Person, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    url = await made(ana, **{CLIENT: "Jane", NETWORKS: ["TikTok"], NOTE: "Before Friday, please."})
    assert "Before Friday, please." in (await browser.opens(url)).words
    where = await browser.opens_and_presses(url)
    her_dm = person("ana", channel=sandbox.slack.world.dm_of("ana"))
    await her_dm.sees("Acme: Jane", "Jane opened your client link.")
    async with browser.session.post(where, data={"link": "tiktok"}) as answer:
        assert answer.status == 200
    await clock.advance_seconds(400)
    seen = await her_dm.sees("Jane connected TikTok")
    assert seen.raw["edited"]


async def test_the_command_names_the_profile(ana: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    await ana.types("invite globex")
    form = await sees_modal(ana, "Days it works", title=FORM_TITLE)
    assert form.entered[PROFILE]["selected_option"]["text"]["text"] == "Globex"


async def test_whoever_is_mentioned_is_asked_in_slack(ana: Someone, mapped: Map, dm: Person) -> None:
    await mapped("ben", "Acme: Jane")
    await ana.types("invite @ben")
    await dm("ben").sees("asks you")


@pytest.mark.parametrize("overrides", [{}])
async def test_without_public_url_the_form_says_what_to_do(ana: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await ana.types("invite")
    await sees_modal(ana, "PUBLIC_URL", title=FORM_TITLE)


async def test_a_member_is_refused(ben: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types("invite")
    await sees_modal(ben, "Only admins", title=FORM_TITLE)


@pytest.mark.parametrize("overrides", [{"PUBLIC_URL": PUBLIC_URL, "CONNECT_CLIENT_LINKS": "owners"}])
async def test_owners_may_invite_to_what_they_have(ben: Someone, mapped: Map, browser: Browser) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    assert (await browser.opens(await made(ben))).status == 200
    await ben.types("invite")
    form = await sees_modal(ben, "Days it works", title=FORM_TITLE)
    assert form.options(PROFILE) == ["Acme: Jane"]


@pytest.mark.parametrize("overrides", [{"PUBLIC_URL": PUBLIC_URL, "CONNECT_CLIENT_LINKS": "nobody"}])
async def test_nobody_may_where_it_is_off(ana: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await ana.types("invite")
    await sees_modal(ana, "turned off", title=FORM_TITLE)


@pytest.mark.parametrize(("field", "value"), [(DAYS, "0"), (DAYS, "31"), (USES, "0"), (USES, "101"), (DAYS, "1.5")])
async def test_limits_are_said_under_their_field(ana: Someone, mapped: Map, field: str, value: str) -> None:
    await mapped("ben", "Acme: Jane")
    await ana.types("invite")
    form = await sees_modal(ana, "Days it works", title=FORM_TITLE)
    answer = await form.submits(**{PROFILE: "Acme: Jane", DAYS: "7", USES: "10"} | {field: value})
    assert not answer["ok"] or field in answer["errors"]


@pytest.mark.parametrize(("field", "value", "words"), [(DAYS, "31", "from 1 to 30."), (USES, "1e2", "from 1 to 100.")])
async def test_a_submit_past_slacks_own_limits_is_answered_under_its_field(
    mapped: Map, signer: Signer, field: str, value: str, words: str
) -> None:
    jane = await mapped("ben", "Acme: Jane")
    entered = {PROFILE: jane.ref_id, DAYS: "7", USES: "10"} | {field: value}
    values = {block: {block: {"value": one}} for block, one in entered.items()}
    view = {"id": "V1", "type": "modal", "callback_id": CLIENT_LINK_FORM, "state": {"values": values}}
    payload = {"type": "view_submission", "team": {"id": TEAM}, "user": {"id": "U0ANA0001"}, "view": view}
    assert await signer.form({"payload": json.dumps(payload | {"trigger_id": "1"})}) == 200
    answer = json.loads(signer.acknowledgement)
    assert answer == {"response_action": "errors", "errors": {field: f"Enter a number {words}"}}


@pytest.mark.parametrize(("field", "value"), [("days", 0), ("days", 31), ("uses", 0), ("uses", 101)])
async def test_no_caller_makes_one_beyond_the_limits(make: Make, bot: Bot, field: str, value: int) -> None:
    for _ in range(LIMITS["client_links"].per_person + 1):
        with pytest.raises(OutOfRange, match="Enter a number from 1 to"):
            await make(**{field: value})
    assert await bot.deps.client_links.of_team(next(iter(await bot.deps.mappings.teams()))) == ()


async def test_client_links_dont_count_as_requests_to_colleagues(make: Make, ana: Someone, dm: Person) -> None:
    for _ in range(LIMITS["client_links"].per_person):
        await make()
    with pytest.raises(AskedTooOften, match="client links"):
        await make()
    await ana.types("send @ben")
    await dm("ben").sees("asks you")


async def test_the_list_extends_and_revokes(
    ana: Someone, mapped: Map, browser: Browser, clock: ManualClock, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    url = await made(ana, **{CLIENT: "Jane", DAYS: "1"})
    clock.jump_seconds(86_400)
    assert (await browser.opens(url)).status == 410
    await ana.types("invite")
    form = await sees_modal(ana, "Days it works", title=FORM_TITLE)
    await form.clicks(CLIENT_LINKS.label)
    rows = await sees_modal(ana, "expired", title=LIST_TITLE)
    await rows.clicks("Extend by a week")
    rows = await sees_modal(ana, "works until", title=LIST_TITLE)
    assert (await browser.opens(url)).status == 200
    await rows.clicks("Revoke this link")
    await sees_modal(ana, "no client links", title=LIST_TITLE)
    assert (await browser.opens(url)).status == 404


@pytest.mark.parametrize(("days", "longer"), [("7", 14), ("28", 30), ("30", 30)])
async def test_extending_adds_to_what_there_is_up_to_the_limit(
    ana: Someone, mapped: Map, bot: Bot, days: str, longer: int
) -> None:
    await mapped("ben", "Acme: Jane")
    await made(ana, **{DAYS: days, USES: "5"})
    await ana.types("invite")
    form = await sees_modal(ana, "Days it works", title=FORM_TITLE)
    await form.clicks(CLIENT_LINKS.label)
    rows = await sees_modal(ana, "Used 0 of 5", title=LIST_TITLE)
    await rows.clicks("Extend by a week")
    rows = await sees_modal(ana, "Used 0 of 15", title=LIST_TITLE)
    (link,) = await bot.deps.client_links.of_team(next(iter(await bot.deps.mappings.teams())))
    assert link.expires_at - link.made_at == timedelta(days=longer)
    assert date_and_time(link.expires_at) in rows.words


async def test_a_crafted_click_ends_nobody_elses_link(
    ana: Someone, ben: Someone, mapped: Map, browser: Browser, bot: Bot, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    url = await made(ana)
    link = (await bot.deps.client_links.of_team(next(iter(await bot.deps.mappings.teams()))))[0]
    await mapped("ben", "Globex")
    with pytest.raises(NotAllowed):
        await revoke_for(bot.deps, Viewer(link.team, UserId(sandbox.slack.world.user("ben").id)), link.id)
    assert (await browser.opens(url)).status == 200


async def test_the_audit_log_tells_of_making_using_and_revoking(
    ana: Someone, mapped: Map, browser: Browser, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    await browser.opens_and_presses(await made(ana))
    team = next(iter(await bot.deps.mappings.teams()))

    async def actions() -> bool:
        found = {row.action for row in await bot.deps.audit.latest(team, 20)}
        return {"client_link_made", "client_link_used"} <= found

    await eventually(actions, "both rows are there")


async def test_without_a_profile_an_admin_is_led_to_one(ana: Someone, bot: Bot) -> None:
    await ana.types("invite")
    await sees_modal(ana, "There are no profiles yet.", "Map a profile", title=FORM_TITLE)


async def test_home_invites_to_a_profile_and_lists_client_links(ana: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    await opens_home(ana)
    home = await sees_at_home(ana, "Globex", CLIENT_LINKS.label)
    await home.clicks(MAKE_CLIENT_LINK.label)
    form = await sees_modal(ana, "Days it works", title=FORM_TITLE)
    first = form.entered[PROFILE]["selected_option"]["text"]["text"]
    assert (await form.submits(**{DAYS: "7", USES: "10"}))["ok"]
    await sees_modal(ana, "Copy it now", title=FORM_TITLE)
    await home.clicks(CLIENT_LINKS.label)
    await sees_modal(ana, first, "Used 0 of 10", title=LIST_TITLE)


@pytest.mark.parametrize("overrides", [{"PUBLIC_URL": PUBLIC_URL, "CONNECT_CLIENT_LINKS": "owners"}])
async def test_owners_invite_from_their_home(ben: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await opens_home(ben)
    home = await sees_at_home(ben, "Acme: Jane")
    await home.clicks(MAKE_CLIENT_LINK.label)
    await sees_modal(ben, "Days it works", title=FORM_TITLE)


async def test_a_members_home_has_none_of_it(ben: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await opens_home(ben)
    assert CLIENT_LINKS.label not in (await sees_at_home(ben, "Acme: Jane")).words
