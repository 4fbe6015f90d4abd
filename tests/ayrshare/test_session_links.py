"""Links by link sessions: made, looked up, revoked."""

from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import EmailFailed, MailNeedsMaxPack, MaxPackMissing, ProfileGone, Unavailable
from bot.ayrshare.links import LinkOptions
from bot.ayrshare.model import Link, LinkUse, Profile
from bot.ayrshare.networks import NETWORK_NAMES, OfferedNetworks, X
from bot.ayrshare.session_links import CONNECT_REFUSED_FOR, SessionLinks
from tests.ayrshare.canned import Canned
from tests.ayrshare.conftest import QUICK, REPEATED_OTHERWISE
from tests.ayrshare.test_jwt_links import MAIL
from tests.clock import ManualClock
from tests.sandbox.ayrshare.serving import Served

ALL_BUT_X = [network for network in NETWORK_NAMES if network != X]


@pytest.fixture
def sessions(client: AyrshareClient) -> SessionLinks:
    return SessionLinks(client, options=LinkOptions(any_host=True))


async def open_page(link: Link) -> int:
    async with aiohttp.ClientSession() as browser, browser.get(link.url.get_secret_value()) as page:
        return page.status


@pytest.mark.parametrize(
    ("session_id", "path"), [("../../user", "..%2F..%2Fuser"), ("a?b#c d/e", "a%3Fb%23c%20d%2Fe"), ("..", None)]
)
async def test_an_id_of_ayrshares_never_leads_to_another_path(
    canned: Canned, session: aiohttp.ClientSession, jane: Profile, session_id: str, path: str | None
) -> None:
    client = AyrshareClient(session, api_key=SecretStr("k"), base_url=canned.url, clock=ManualClock())
    links = SessionLinks(client, options=LinkOptions(any_host=True))
    canned.answers = [web.json_response({"status": "success", "url": f"{canned.url}/p", "sessionId": session_id})]
    minted = await links.mint(jane)
    canned.answers = [web.json_response({"status": "success"})]
    assert await links.revoke(jane, minted.link) is (path is not None)
    asked = [str(request.rel_url) for request in canned.requests[1:]]
    assert asked == ([f"/profiles/link-sessions/{path}"] if path else [])


async def test_the_sessions_own_end_is_the_deadline(ayrshare: Served, sessions: SessionLinks, jane: Profile) -> None:
    ayrshare.local.link_seconds = 90
    minted = await sessions.mint(jane)
    assert minted.link.expires_at == ayrshare.clock.now() + timedelta(seconds=90)
    assert minted.title == "Acme: Jane"
    assert len(minted.link.session_id or "") == 64
    assert await open_page(minted.link) == 200


async def test_neither_key_stands_in_the_body(ayrshare: Served, sessions: SessionLinks, jane: Profile) -> None:
    await sessions.mint(jane)
    assert ayrshare.local.calls.since()[0]["body"] == {"logout": True, "allowedSocial": ALL_BUT_X}


async def test_options_and_domain_are_passed_on(ayrshare: Served, client: AyrshareClient, jane: Profile) -> None:
    ayrshare.local.max_pack = True
    options = LinkOptions(30, "https://acme.example/back", OfferedNetworks(("tiktok",)), any_host=True)
    minted = await SessionLinks(client, domain="acme", options=options).mint(jane)
    assert ayrshare.local.calls.since()[0]["body"] == {
        "logout": True,
        "redirect": "https://acme.example/back",
        "allowedSocial": ["tiktok"],
        "expiresIn": 30,
        "domain": "acme",
    }
    assert minted.link.expires_at == ayrshare.clock.now() + timedelta(minutes=30)


async def test_a_long_life_without_the_max_pack_is_refused(client: AyrshareClient, jane: Profile) -> None:
    with pytest.raises(MaxPackMissing):
        await SessionLinks(client, options=LinkOptions(30, any_host=True)).mint(jane)


async def test_a_mail_is_asked_for_with_all_that_it_needs(
    ayrshare: Served, sessions: SessionLinks, jane: Profile
) -> None:
    ayrshare.local.max_pack = True
    minted = await sessions.mint(jane, mail=MAIL)
    assert minted.link.session_id
    assert ayrshare.local.calls.since()[0]["body"]["email"] == {
        "to": "jane@acme.example",
        "contactEmail": "help@acme.example",
        "company": "Acme",
        "termsUrl": "https://acme.example/terms",
        "privacyUrl": "https://acme.example/privacy",
    }


async def test_a_mail_without_the_max_pack_is_refused(sessions: SessionLinks, jane: Profile) -> None:
    with pytest.raises(MailNeedsMaxPack):
        await sessions.mint(jane, mail=MAIL)


async def test_a_mail_is_never_sent_twice(ayrshare: Served, sessions: SessionLinks, jane: Profile) -> None:
    ayrshare.local.max_pack = True
    for number, kind in enumerate(REPEATED_OTHERWISE, start=1):
        ayrshare.local.faults.add(kind, ms=50)
        with pytest.raises(Unavailable):
            await sessions.mint(jane, mail=MAIL)
        assert len(ayrshare.local.calls.since()) == number, kind


async def test_a_mail_that_ayrshare_did_not_send_is_a_failure(
    session: aiohttp.ClientSession, canned: Canned, ayrshare: Served, jane: Profile
) -> None:
    client = AyrshareClient(session, api_key=SecretStr("key"), base_url=canned.url, clock=ayrshare.clock, timings=QUICK)
    reply = {"status": "success", "url": "https://profile.ayrshare.com/?session=1", "emailSent": False}
    canned.answers = [web.json_response(reply) for _ in range(2)]
    with pytest.raises(EmailFailed):
        await SessionLinks(client, options=LinkOptions()).mint(jane, mail=MAIL)
    await SessionLinks(client, options=LinkOptions()).mint(jane)


async def test_a_wrong_profile_key_is_a_failure(sessions: SessionLinks, jane: Profile) -> None:
    with pytest.raises(ProfileGone):
        await sessions.mint(Profile(jane.ref_id, jane.title, SecretStr("WRONG")))


async def test_a_revoked_link_is_dead_and_may_be_revoked_again(sessions: SessionLinks, jane: Profile) -> None:
    link = (await sessions.mint(jane)).link
    assert await sessions.revoke(jane, link)
    assert await open_page(link) == 401
    assert await sessions.revoke(jane, link)


async def test_a_link_unopened_opened_revoked_and_expired_is_told_apart(
    ayrshare: Served, sessions: SessionLinks, jane: Profile
) -> None:
    link, other = (await sessions.mint(jane)).link, (await sessions.mint(jane)).link
    assert await sessions.use(jane, link) == LinkUse()
    await ayrshare.clock.advance(timedelta(seconds=10))
    opened_at = ayrshare.clock.now()
    await open_page(link)
    await ayrshare.clock.advance(timedelta(seconds=10))
    await open_page(link)
    assert await sessions.use(jane, link) == LinkUse(opened_at)
    await sessions.revoke(jane, link)
    assert await sessions.use(jane, link) == LinkUse(opened_at, revoked=True)
    await ayrshare.clock.advance(timedelta(minutes=5))
    assert await sessions.use(jane, other) == LinkUse(expired=True)
    assert await sessions.revoke(jane, other)


DEAD = [
    (410, 501, LinkUse(revoked=True)),
    (404, 502, LinkUse(revoked=True)),
    (410, 503, LinkUse(expired=True)),
    (400, 503, LinkUse(expired=True)),
]


async def test_codes_501_to_503_are_no_http_statuses_and_never_retried(
    session: aiohttp.ClientSession, canned: Canned, ayrshare: Served, jane: Profile
) -> None:
    client = AyrshareClient(session, api_key=SecretStr("key"), base_url=canned.url, clock=ayrshare.clock, timings=QUICK)
    sessions = SessionLinks(client, options=LinkOptions())
    link = Link(SecretStr("https://profile.ayrshare.com"), ayrshare.clock.now() + timedelta(minutes=5), "5e55")
    for number, (status, code, use) in enumerate(DEAD, start=1):
        dead = {"status": "error", "code": code, "message": "dead"}
        canned.answers = [web.json_response(dead, status=status) for _ in range(2)]
        assert await sessions.use(jane, link) == use
        assert await sessions.revoke(jane, link)
        assert len(canned.requests) == 2 * number, (status, code)


async def test_a_gateways_502_is_retried_and_is_no_dead_link(
    session: aiohttp.ClientSession, canned: Canned, ayrshare: Served, jane: Profile
) -> None:
    client = AyrshareClient(session, api_key=SecretStr("key"), base_url=canned.url, clock=ayrshare.clock, timings=QUICK)
    link = Link(SecretStr("https://profile.ayrshare.com"), ayrshare.clock.now() + timedelta(minutes=5), "5e55")
    canned.answers = [web.Response(status=502, text="<html>") for _ in range(3)]
    with pytest.raises(Unavailable):
        await SessionLinks(client, options=LinkOptions()).revoke(jane, link)
    assert len(canned.requests) == 3


def options(*, max_pack: bool = False, own_x_app: bool = False, allowed: tuple[str, ...] = ()) -> LinkOptions:
    offered = OfferedNetworks(allowed, own_x_app)
    return LinkOptions(offered=offered, any_host=True, instagram_method="facebook", max_pack=max_pack)


async def test_a_link_for_one_network_shows_just_that(ayrshare: Served, client: AyrshareClient, jane: Profile) -> None:
    links = SessionLinks(client, options=options(allowed=("tiktok", "reddit")))
    await links.mint(jane, networks=("tiktok", "youtube"))
    assert ayrshare.local.calls.since()[0]["body"] == {"logout": True, "allowedSocial": ["tiktok"]}


async def test_how_instagram_signs_in_is_said_where_it_is_shown(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    links = SessionLinks(client, options=options())
    for networks in ((), ("instagram",), ("tiktok",)):
        await links.mint(jane, networks=networks)
    methods = [call["body"].get("instagramLinkMethod") for call in ayrshare.local.calls.since()]
    assert methods == ["facebook", "facebook", None]


async def test_with_the_max_pack_a_link_for_one_network_leads_straight_to_its_sign_in(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    ayrshare.local.max_pack = True
    links = SessionLinks(client, options=options(max_pack=True))
    await links.mint(jane, networks=("instagram",))
    await links.mint(jane, networks=("instagram", "tiktok"))
    one, two = (call["body"] for call in ayrshare.local.calls.since())
    assert one == {"logout": True, "mode": "connect", "network": "instagram", "instagramLinkMethod": "facebook"}
    assert ("mode" in two, two["allowedSocial"]) == (False, ["instagram", "tiktok"])


async def test_without_the_max_pack_the_page_takes_its_place_which_is_logged_once(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    links = SessionLinks(client, options=options(max_pack=True))
    with capture_logs() as logs:
        for _ in range(2):
            assert await open_page((await links.mint(jane, networks=("instagram",))).link) == 200
    assert [call["status"] for call in ayrshare.local.calls.since() if "status" in call][:3] == [403, 200, 200]
    assert [entry["event"] for entry in logs].count("connect_mode_refused") == 1


async def test_a_plan_that_gets_the_max_pack_is_noticed_within_an_hour(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    links = SessionLinks(client, options=options(max_pack=True))
    await links.mint(jane, networks=("instagram",))
    ayrshare.local.max_pack = True
    ayrshare.clock.jump(CONNECT_REFUSED_FOR)
    await links.mint(jane, networks=("instagram",))
    assert ayrshare.local.calls.since()[-1]["body"]["mode"] == "connect"


async def test_x_is_offered_with_the_keys_of_an_own_app_only(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    await SessionLinks(client, options=options(own_x_app=True)).mint(jane)
    await SessionLinks(client, options=options()).mint(jane)
    with_keys, without = (call["body"] for call in ayrshare.local.calls.since())
    assert "allowedSocial" not in with_keys
    assert without["allowedSocial"] == ALL_BUT_X
