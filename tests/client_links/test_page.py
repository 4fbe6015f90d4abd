"""A client link's page: what it says, that looking changes nothing, and where its button leads."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.app import Bot
from bot.client_links.model import LINKS_AN_HOUR, LOOKS_A_MINUTE, ClientLink, card_of
from bot.client_links.page_views import STYLE
from bot.client_links.revoke import revoke
from bot.client_links.visit import give_back_use
from bot.core.model import UserId
from bot.mappings.unmap import unmap
from bot.scheduling.queue import job_entry, queue_key
from sandbox.server import Sandbox
from tests.client_links.browser import PUBLIC_URL, Browser
from tests.client_links.conftest import Made, Make
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.redis_probe import TEAM, redis_of
from tests.users import Someone


def minted(sandbox: Sandbox) -> list[dict[str, Any]]:
    return sandbox.received("*link-sessions*", target="ayrshare") + sandbox.received("*generateJWT*", target="ayrshare")


def token_of(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


async def test_it_says_whose_accounts_for_whom_and_for_which_networks(make: Make, browser: Browser) -> None:
    new = await make(client="Jane", networks=("instagram",), note="Before Friday, please.")
    page = await browser.opens(new.url)
    assert page.status == 200
    for words in ("Acme: Jane", "Hello Jane", "Ana Alves", "Connect Demo", "Instagram", "Before Friday, please."):
        assert words in page.words
    assert "TikTok" not in page.words
    assert "private window" in page.words
    assert page.html.count("<button") == 1


async def test_its_headers_keep_it_to_itself(make: Make, browser: Browser) -> None:
    headers = (await browser.opens((await make()).url)).headers
    assert "Set-Cookie" not in headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Strict-Transport-Security"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_it_is_small(make: Make, browser: Browser) -> None:
    page = await browser.opens((await make(note="n" * 300, client="c" * 60)).url)
    assert len(page.html.encode()) < 20_000
    assert "<script" not in page.html
    assert STYLE in page.html


async def test_what_people_wrote_is_no_markup(make: Make, browser: Browser) -> None:
    new = await make(client="<b>Jane</b>", note='"><script>alert(1)</script>')
    page = await browser.opens(new.url)
    assert "<script" not in page.html
    assert "<b>" not in page.html


async def test_its_button_leads_to_ayrshare_in_the_same_tab(make: Make, browser: Browser, sandbox: Sandbox) -> None:
    new = await make(networks=("instagram", "tiktok"))
    where = await browser.opens_and_presses(new.url)
    assert where.startswith(sandbox.url)
    async with browser.session.get(where) as answer:
        shown = await answer.text()
    assert "Instagram" in shown
    assert "LinkedIn" not in shown
    assert token_of(new.url) not in where


async def test_what_got_connected_is_said_when_ayrshare_sends_people_back(
    make: Make, browser: Browser, sandbox: Sandbox
) -> None:
    where = await browser.opens_and_presses((await make(networks=("tiktok",))).url)
    back = parse_qs(urlsplit(where).query)["redirect"][0]
    assert back.startswith(f"{PUBLIC_URL}/c/")
    assert "Nothing is connected yet" in (await browser.opens(back)).words
    async with browser.session.post(where, data={"link": "tiktok"}) as answer:
        assert answer.status == 200
    async with browser.session.post(where, data={"done": "1"}, allow_redirects=False) as answer:
        assert answer.headers["Location"] == back


@pytest.mark.parametrize("token", ["x", "A" * 22, "%3Cscript%3E", "é" * 22, "a" * 5000])
async def test_an_unknown_link_is_404(bot: Bot, browser: Browser, token: str) -> None:
    page = await browser.opens(f"{PUBLIC_URL}/c/{token}")
    assert page.status == 404
    assert "<script" not in page.html


async def test_a_revoked_link_and_an_unknown_one_are_the_same_page(bot: Bot, make: Make, browser: Browser) -> None:
    new = await make()
    assert await revoke(bot.deps, new.link, by="test")
    revoked, unknown = await browser.opens(new.url), await browser.opens(f"{PUBLIC_URL}/c/{'A' * 22}")
    assert (revoked.status, revoked.html) == (unknown.status, unknown.html) == (404, unknown.html)
    assert {one: v for one, v in revoked.headers.items() if one != "Date"} == {
        one: v for one, v in unknown.headers.items() if one != "Date"
    }


async def test_an_expired_link_says_so_and_whom_to_ask(make: Make, browser: Browser, clock: ManualClock) -> None:
    new = await make(days=1)
    clock.jump_seconds(timedelta(days=1).total_seconds())
    page = await browser.opens(new.url)
    assert page.status == 410
    assert "expired" in page.words
    assert "Ana Alves" in page.words


async def test_a_link_is_used_as_often_as_its_maker_said(make: Make, browser: Browser) -> None:
    new = await make(uses=2)
    await browser.opens_and_presses(new.url)
    form = (await browser.opens(new.url)).form
    await browser.opens_and_presses(new.url)
    page = await browser.opens(new.url)
    assert page.status == 410
    assert "Ana Alves" in page.words
    assert (await browser.presses(new.url, form)).status == 410


async def test_looking_makes_nothing_and_counts_no_use(
    bot: Bot, make: Make, browser: Browser, sandbox: Sandbox, clock: ManualClock
) -> None:
    new, before = await make(uses=1), len(minted(sandbox))
    stored = await redis_of(bot).dbsize()
    pages = [await browser.opens(new.url, method=method) for method in ("GET", "HEAD") * 20]
    assert {page.status for page in pages} == {200}
    assert len(minted(sandbox)) == before
    assert await redis_of(bot).dbsize() <= stored + 1  # the looks of this address are counted
    kept = await bot.deps.client_links.get(new.link.team, new.link.id)
    assert kept
    assert kept.uses == 0


async def test_a_form_that_is_sent_twice_makes_one_link(
    make: Make, browser: Browser, sandbox: Sandbox, clock: ManualClock
) -> None:
    new = await make(uses=1)
    form, before = (await browser.opens(new.url)).form, len(minted(sandbox))
    first = await browser.presses(new.url, form)
    second = await browser.presses(new.url, form)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(minted(sandbox)) == before + 1


async def test_a_form_pressed_again_after_its_link_has_expired_makes_another(
    make: Make, browser: Browser, clock: ManualClock
) -> None:
    new = await make()
    form = (await browser.opens(new.url)).form
    first = await browser.presses(new.url, form)
    await clock.advance_seconds(400)
    second = await browser.presses(new.url, form)
    assert second.status == 303
    assert first.headers["Location"] != second.headers["Location"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://connect.example.evil.example"},
    ],
)
async def test_another_site_cannot_press_the_button(
    make: Make, browser: Browser, sandbox: Sandbox, headers: dict[str, str]
) -> None:
    new = await make()
    form, before = (await browser.opens(new.url)).form, len(minted(sandbox))
    answer = await browser.presses(new.url, form, headers=headers)
    assert answer.status == 409
    assert len(minted(sandbox)) == before


@pytest.mark.parametrize("headers", [{"Origin": PUBLIC_URL}, {}])
async def test_browsers_that_say_less_may(make: Make, browser: Browser, headers: dict[str, str]) -> None:
    new = await make()
    assert (await browser.presses(new.url, (await browser.opens(new.url)).form, headers=headers)).status == 303


async def test_a_form_of_another_page_or_of_nobody_makes_nothing(
    make: Make, browser: Browser, clock: ManualClock
) -> None:
    one, other = await make(), await make(title="Globex", owner="cara")
    theirs = (await browser.opens(other.url)).form
    for form in (theirs, "", "v1:1:AAAA", "x" * 10_000):
        assert (await browser.presses(one.url, form)).status == 409
    own = (await browser.opens(one.url)).form
    await clock.advance_seconds(timedelta(days=1).total_seconds())
    late = await browser.presses(one.url, own)
    assert late.status == 409
    assert "Press the button again" in late.words
    assert (await browser.presses(one.url, late.form)).status == 303


async def test_a_token_makes_six_links_an_hour(make: Make, browser: Browser, clock: ManualClock) -> None:
    new = await make(uses=100)
    for _ in range(LINKS_AN_HOUR):
        await browser.opens_and_presses(new.url)
    answer = await browser.presses(new.url, (await browser.opens(new.url)).form)
    assert answer.status == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600


async def test_an_address_may_look_sixty_times_a_minute_whatever_it_says_of_itself(
    bot: Bot, make: Make, browser: Browser
) -> None:
    new = await make()
    for number in range(LOOKS_A_MINUTE):
        await browser.opens(f"{PUBLIC_URL}/c/{number:022}", headers={"X-Forwarded-For": f"10.0.0.{number}"})
    for url in (new.url, f"{PUBLIC_URL}/c/unknown"):
        page = await browser.opens(url, headers={"X-Forwarded-For": "198.51.100.1"})
        assert page.status == 429
        assert 0 < int(page.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("overrides", [{"PUBLIC_URL": PUBLIC_URL, "TRUSTED_PROXIES": "127.0.0.1, ::1"}])
async def test_behind_a_trusted_proxy_each_client_has_its_own_limit_and_none_can_leave_it(
    make: Make, browser: Browser
) -> None:
    new, patient, eager = await make(), "198.51.100.1", "198.51.100.2"
    for number in range(LOOKS_A_MINUTE):
        await browser.opens(new.url, headers={"X-Forwarded-For": f"203.0.113.{number}, {eager}"})
    for invented in ("", "203.0.113.77, ", "127.0.0.1, ", f"{patient}, "):
        assert (await browser.opens(new.url, headers={"X-Forwarded-For": f"{invented}{eager}"})).status == 429
    assert (await browser.opens(new.url, headers={"X-Forwarded-For": patient})).status == 200
    assert (await browser.opens(new.url)).status == 200


@pytest.mark.parametrize("overrides", [{}])
async def test_without_public_url_there_is_no_page(bot: Bot, browser: Browser) -> None:
    assert (await browser.opens(f"{PUBLIC_URL}/c/{'A' * 22}")).status == 404


@pytest.mark.parametrize(
    "overrides", [{"PUBLIC_URL": PUBLIC_URL}, {"PUBLIC_URL": PUBLIC_URL, "AYRSHARE_LINK_API": "session"}]
)
async def test_both_ways_to_make_a_link_work(make: Make, browser: Browser) -> None:
    where = await browser.opens_and_presses((await make()).url)
    async with browser.session.get(where) as answer:
        assert answer.status == 200


async def test_no_link_is_made_while_ayrshare_is_away_and_no_use_is_lost(
    bot: Bot, make: Make, browser: Browser, sandbox: Sandbox, ana: Someone
) -> None:
    new = await make(uses=1)
    await ana.post("fault", target="ayrshare", kind="error_500", times=9)
    answer = await browser.presses(new.url, (await browser.opens(new.url)).form)
    assert answer.status == 503
    await ana.post("fault", target="ayrshare", kind="none")
    await browser.opens_and_presses(new.url)


async def uses_of(bot: Bot, link: ClientLink) -> int:
    newest = await bot.deps.client_links.get(link.team, link.id)
    assert newest
    return newest.uses


def card_made_by(bot: Bot, made: Made, form: str, clock: ManualClock) -> str:
    return card_of(made.link.id, bot.deps.client_forms.read(form, token_of(made.url), now=clock.now()) or "")


async def test_a_use_is_given_back_once_however_often_a_kill_has_that_begun_again(
    bot: Bot, make: Make, browser: Browser, sandbox: Sandbox, clock: ManualClock
) -> None:
    new = await make(uses=2)
    await browser.opens_and_presses(new.url)
    await clock.advance_seconds(2)  # a form of another second
    sandbox.ayrshare.faults.add("error_500", times=None)
    form = (await browser.opens(new.url)).form
    assert (await browser.presses(new.url, form)).status == 503
    job = new.link.give_back_job(card_made_by(bot, new, form, clock))
    assert await redis_of(bot).zscore(queue_key(TEAM), job_entry(job)) is None
    for _ in range(2):
        await give_back_use(bot.deps, TEAM, job.id)  # its process died each time before it took the job back
    assert await uses_of(bot, new.link) == 1


async def test_a_use_that_a_killed_process_has_counted_counts_once_when_the_same_form_comes_again(
    bot: Bot, make: Make, browser: Browser, clock: ManualClock
) -> None:
    new = await make(uses=2)
    form = (await browser.opens(new.url)).form
    card = card_made_by(bot, new, form, clock)
    await bot.deps.client_links.update(new.link, lambda one: one.used(card, clock.now()))  # as far as it came
    assert (await browser.presses(new.url, form)).status == 303
    assert await uses_of(bot, new.link) == 1


async def test_a_link_whose_use_was_given_back_before_ayrshare_answered_ends(
    bot: Bot, make: Make, browser: Browser, sandbox: Sandbox, clock: ManualClock
) -> None:
    new = await make(uses=1)
    form = (await browser.opens(new.url)).form
    sandbox.ayrshare.faults.add("latency", ms=1_500)
    pressing = asyncio.create_task(browser.presses(new.url, form))
    await eventually(lambda: uses_of(bot, new.link), "the use is counted")
    await give_back_use(bot.deps, TEAM, new.link.give_back_job(card_made_by(bot, new, form, clock)).id)
    assert (await pressing).status == 404
    assert await uses_of(bot, new.link) == 0
    await browser.opens_and_presses(new.url)


@pytest.mark.parametrize("overrides", [{"PUBLIC_URL": PUBLIC_URL, "AYRSHARE_LINK_API": "session"}])
async def test_unmapping_revokes_it_with_the_links_it_made(
    bot: Bot, make: Make, browser: Browser, sandbox: Sandbox
) -> None:
    new = await make()
    where, form = await browser.opens_and_presses(new.url), (await browser.opens(new.url)).form
    ana, ben = (UserId(sandbox.slack.world.user(name).id) for name in ("ana", "ben"))
    await unmap(bot.deps, new.link.team, ben, [new.link.ref_id], by=ana)
    assert (await browser.opens(new.url)).status == 404
    assert (await browser.presses(new.url, form)).status == 404
    async with browser.session.get(where) as answer:
        assert answer.status == 401


async def test_who_may_no_longer_make_it_ends_it(bot: Bot, make: Make, browser: Browser, ana: Someone) -> None:
    new = await make()
    form = (await browser.opens(new.url)).form
    await ana.post("person", user="ana", flags={"is_admin": False, "is_owner": False, "is_primary_owner": False})
    await eventually(lambda: _gone(browser, new.url), "the page is gone")
    assert (await browser.presses(new.url, form)).status == 404


async def test_it_ends_when_its_profile_has_nobody_who_is_served(
    bot: Bot, make: Make, browser: Browser, ana: Someone
) -> None:
    new = await make()
    await ana.post("person", user="ben", flags={"deleted": True})
    await eventually(lambda: _gone(browser, new.url), "the page is gone")


async def _gone(browser: Browser, url: str) -> bool:
    return (await browser.opens(url)).status == 404
