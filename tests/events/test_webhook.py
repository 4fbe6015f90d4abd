"""Our own webhook: what is told, how it is signed, and what happens where nobody takes it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from standardwebhooks import Webhook

from bot.app import Bot
from sandbox.server import Sandbox
from tests.api.apps import App
from tests.api.conftest import app, app_with
from tests.client_links.browser import PUBLIC_URL
from tests.clock import ManualClock
from tests.conftest import Map
from tests.events.receiver import SECRET, Receiver, listening
from tests.eventually import eventually
from tests.redis_probe import idle
from tests.users import Someone

__all__ = ["app", "app_with"]
HOOK = "a-secret-of-ayrshares"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with listening(receiver):
        yield receiver


@pytest.fixture
def overrides(receiver: Receiver) -> dict[str, str]:
    return {
        "CONNECT_EVENTS_URL": receiver.url,
        "CONNECT_EVENTS_SECRET": SECRET,
        "PUBLIC_URL": PUBLIC_URL,
        "AYRSHARE_LINK_API": "session",
        "AYRSHARE_WEBHOOK_SECRET": HOOK,
    }


async def connect(session: aiohttp.ClientSession, url: str, **form: str) -> None:
    async with session.post(url, data=form) as answer:
        assert answer.status == 200


async def test_a_link_is_told_when_it_is_made_and_opened_and_an_account_when_it_is_connected(
    receiver: Receiver, ben: Someone, mapped: Map, clock: ManualClock, session: aiohttp.ClientSession, bot: Bot
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await ben.types()
    card = await ben.sees_a_card()
    made = await receiver.hears("link.made")
    assert made[0]["data"]["profile"] == {"ref_id": profile.ref_id, "title": "Acme: Jane"}
    assert made[0]["data"]["workspace"] == "T0CONNECT"
    await ben.clicks(card, "open_link")
    Webhook(SECRET).verify(receiver.requests[0][1].decode(), receiver.requests[0][0])
    opened = await receiver.hears("link.made", "link.opened")
    assert opened[0]["data"]["link"] == opened[1]["data"]["link"]
    assert card.url
    await connect(session, card.url, link="tiktok")
    await clock.advance_seconds(400)
    heard = await receiver.hears("link.made", "link.opened", "account.connected")
    account = next(one for one in heard if one["type"] == "account.connected")["data"]["account"]
    assert account["network"] == "tiktok"
    assert account["name"]
    for _, body in receiver.requests:
        assert b"session=" not in body
        assert card.url.encode() not in body


async def test_what_an_apps_link_connects_is_told_when_it_ends(
    receiver: Receiver, app: App, mapped: Map, clock: ManualClock, bot: Bot
) -> None:
    profile = await mapped("ben", "Initech")
    link = (await app.asks_for_link(profile=profile.ref_id)).body
    await receiver.hears("link.made")
    await idle(bot)
    async with app.session.get(link["url"]) as page:
        assert page.status == 200
    await connect(app.session, link["url"], link="tiktok")
    await clock.advance_seconds(400)
    heard = await receiver.hears("link.made", "link.opened", "account.connected")
    assert {one["data"]["link"]["id"] for one in heard if "link" in one["data"]} == {link["id"]}


async def test_an_account_that_drops_and_comes_back_is_told(
    receiver: Receiver, ben: Someone, mapped: Map, bot: Bot, sandbox: Sandbox
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    network = next(iter(next(one for one in sandbox.ayrshare.profiles if one.title == "Acme: Jane").accounts))
    await ben.types("status")
    await ben.sees("Acme: Jane")
    await ben.post("ayrshare", do="unlink", profile="Acme: Jane", network=network)
    await ben.types("status")
    await receiver.hears("account.dropped")
    await ben.post("ayrshare", do="link", profile="Acme: Jane", network=network)
    await ben.types("status")
    heard = await receiver.hears("account.dropped", "account.reconnected")
    assert {one["data"]["account"]["network"] for one in heard} == {network}
    assert {one["data"]["profile"]["ref_id"] for one in heard} == {profile.ref_id}


async def test_an_account_that_was_about_to_expire_and_got_a_new_sign_in_is_told(
    receiver: Receiver, ben: Someone, mapped: Map, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types("status")
    await ben.sees("LinkedIn")
    await ben.post("ayrshare", do="link", profile="Acme: Jane", network="linkedin")
    await ben.types("status")
    (event,) = await receiver.hears("account.reconnected")
    assert event["data"]["account"]["network"] == "linkedin"


async def test_an_account_that_needs_a_new_sign_in_now_has_dropped_until_it_has_one(
    receiver: Receiver, ben: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types("status")
    await ben.sees("LinkedIn")
    sandbox.ayrshare.require_refresh("Acme: Jane", "linkedin", days=-2)
    for number in (2, 3):
        await clock.advance_seconds(60)
        await ben.types("status")
        await ben.sees_times(number)
    await receiver.hears("account.dropped")
    await ben.post("ayrshare", do="link", profile="Acme: Jane", network="linkedin")
    await ben.types("status")
    await receiver.hears("account.dropped", "account.reconnected")


async def test_a_profile_that_was_suspended_brings_no_news_of_its_accounts(
    receiver: Receiver, ben: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    for number, change in enumerate(("resume", "suspend", "resume"), start=1):
        await ben.post("ayrshare", do=change, profile="Acme: Jane")
        await ben.types("status")
        await ben.sees_times(number)
        await clock.advance_seconds(60)
    await idle(bot)
    assert receiver.events() == []


async def test_it_is_sent_again_with_the_same_id_until_it_is_taken(
    receiver: Receiver, ben: Someone, mapped: Map, clock: ManualClock, bot: Bot
) -> None:
    receiver.statuses = [500, 404]
    await mapped("ben", "Acme: Jane")
    await ben.types()
    await ben.sees_a_card()

    async def tried(times: int) -> bool:
        return len(receiver.requests) == times

    await eventually(lambda: tried(1), "the first attempt")
    await clock.advance_seconds(31)
    await eventually(lambda: tried(2), "the second attempt")
    await clock.advance_seconds(61)
    await eventually(lambda: tried(3), "the third attempt")
    ids = {headers["webhook-id"] for headers, _ in receiver.requests}
    times = [headers["webhook-timestamp"] for headers, _ in receiver.requests]
    assert len(ids) == 1
    assert len(set(times)) == 3
    assert len({body for _, body in receiver.requests}) == 1


async def test_no_redirect_is_followed(
    receiver: Receiver, ben: Someone, mapped: Map, clock: ManualClock, bot: Bot
) -> None:
    receiver.statuses = [307, 302]
    await mapped("ben", "Acme: Jane")
    await ben.types()
    await ben.sees_a_card()
    await eventually(lambda: _sent(receiver, 1), "the first attempt")
    await clock.advance_seconds(31)
    await eventually(lambda: _sent(receiver, 2), "the second attempt")
    assert receiver.elsewhere == 0


async def test_a_receiver_that_is_gone_is_left_alone(
    receiver: Receiver, ben: Someone, mapped: Map, clock: ManualClock, bot: Bot
) -> None:
    receiver.statuses = [410]
    await mapped("ben", "Acme: Jane")
    await ben.types()
    await ben.sees_a_card()
    await eventually(lambda: _sent(receiver, 1), "the first attempt")
    await clock.advance_seconds(timedelta(minutes=4).total_seconds())
    assert len(receiver.requests) == 1


async def _sent(receiver: Receiver, times: int) -> bool:
    return len(receiver.requests) >= times


@pytest.mark.parametrize("overrides", [{}])
async def test_nothing_is_planned_where_nobody_hears_of_it(ben: Someone, mapped: Map, bot: Bot) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types()
    await ben.sees_a_card()
    assert bot.deps.events is None


async def test_a_drop_that_ayrshares_webhook_tells_is_told_once(
    receiver: Receiver, ben: Someone, mapped: Map, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    network = next(iter(next(one for one in sandbox.ayrshare.profiles if one.title == "Acme: Jane").accounts))
    await ben.types("status")
    await ben.sees("Acme: Jane")
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=HOOK)
    sandbox.ayrshare.disconnect_as_system("Acme: Jane", network, "The password was changed.")
    await receiver.hears("account.dropped")
    await ben.types("status")
    await clock.advance_seconds(10)
    sandbox.ayrshare.connect_as_user("Acme: Jane", network)
    await receiver.hears("account.dropped", "account.reconnected")
    await ben.types("status")
    await clock.advance_seconds(10)
    await receiver.hears("account.dropped", "account.reconnected")
