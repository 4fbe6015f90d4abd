"""Links by generateJWT, opened over HTTP."""

from datetime import timedelta

import aiohttp
import pytest

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import (
    BadPrivateKey,
    EmailFailed,
    MailNeedsMaxPack,
    MaxPackMissing,
    Unavailable,
    UnexpectedLink,
)
from bot.ayrshare.jwt_links import JwtLinks
from bot.ayrshare.model import ConnectMail, Profile
from tests.ayrshare.conftest import REPEATED_OTHERWISE, links_of
from tests.sandbox.ayrshare.serving import Served, query

MAIL = ConnectMail(
    to="jane@acme.example",
    contact_email="help@acme.example",
    company="Acme",
    terms_url="https://acme.example/terms",
    privacy_url="https://acme.example/privacy",
)


async def status_of(url: str) -> int:
    async with aiohttp.ClientSession() as browser, browser.get(url) as page:
        return page.status


async def test_a_link_opens_its_profiles_page_and_is_dead_at_its_deadline(
    ayrshare: Served, links: JwtLinks, jane: Profile
) -> None:
    minted = await links.mint(jane)
    assert minted.title == "Acme: Jane"
    assert minted.link.expires_at == ayrshare.clock.now() + timedelta(minutes=5)
    url = minted.link.url.get_secret_value()
    await ayrshare.clock.advance(minted.link.expires_at - ayrshare.clock.now() - timedelta(seconds=1))
    assert await status_of(url) == 200
    await ayrshare.clock.advance(timedelta(seconds=1))
    assert await status_of(url) == 401


async def test_links_log_out_the_person_who_used_the_browser_before(links: JwtLinks, jane: Profile) -> None:
    assert query((await links.mint(jane)).link.url.get_secret_value())["logout"] == "true"


async def test_a_call_contains_only_what_it_has_to(ayrshare: Served, links: JwtLinks, jane: Profile) -> None:
    await links.mint(jane)
    assert set(ayrshare.local.calls.since()[0]["body"]) == {
        "domain",
        "privateKey",
        "profileKey",
        "logout",
        "allowedSocial",
    }


async def test_redirect_networks_and_lifetime_are_passed_on(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    ayrshare.local.max_pack = True
    links = links_of(
        ayrshare, client, expires_in=30, redirect="https://acme.example/back", allowed_social=("tiktok", "reddit")
    )
    minted = await links.mint(jane)
    body = ayrshare.local.calls.since()[0]["body"]
    assert (body["expiresIn"], body["redirect"]) == (30, "https://acme.example/back")
    assert body["allowedSocial"] == ["tiktok", "reddit"]
    assert minted.link.expires_at == ayrshare.clock.now() + timedelta(minutes=30)


async def test_a_lifetime_without_the_max_pack_is_refused(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    with pytest.raises(MaxPackMissing):
        await links_of(ayrshare, client, expires_in=30).mint(jane)


@pytest.mark.parametrize("expires_in", [None, 30])
async def test_an_opaque_token_lives_from_the_request_for_the_minutes_asked_for(
    ayrshare: Served, client: AyrshareClient, jane: Profile, expires_in: int | None
) -> None:
    ayrshare.local.token_style, ayrshare.local.max_pack = "session", True
    minted = await links_of(ayrshare, client, expires_in=expires_in).mint(jane)
    assert minted.link.expires_at == ayrshare.clock.now() + timedelta(minutes=expires_in or 5)
    assert await status_of(minted.link.url.get_secret_value()) == 200


async def test_ayrshares_own_deadline_takes_precedence(ayrshare: Served, links: JwtLinks, jane: Profile) -> None:
    ayrshare.local.link_seconds = 7
    assert (await links.mint(jane)).link.expires_at == ayrshare.clock.now() + timedelta(seconds=7)


async def test_a_bad_key_fails_only_when_it_is_verified(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    links = links_of(ayrshare, client, key="no key")
    assert await status_of((await links.mint(jane)).link.url.get_secret_value()) == 401
    with pytest.raises(BadPrivateKey):
        await links.mint(jane, verify=True)


async def test_the_right_key_passes_the_verification(links: JwtLinks, jane: Profile) -> None:
    await links.mint(jane, verify=True)


async def test_a_link_that_leads_elsewhere_is_not_shown(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    with pytest.raises(UnexpectedLink):
        await links_of(ayrshare, client, any_host=False).mint(jane)


async def test_a_link_that_no_button_can_hold_is_not_shown(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    with pytest.raises(UnexpectedLink):
        await links_of(ayrshare, client, redirect=f"https://acme.example/{'a' * 3_000}").mint(jane)


async def test_a_mail_is_asked_for_with_all_that_it_needs(ayrshare: Served, links: JwtLinks, jane: Profile) -> None:
    ayrshare.local.max_pack = True
    await links.mint(jane, mail=MAIL)
    assert ayrshare.local.calls.since()[0]["body"]["email"] == {
        "to": "jane@acme.example",
        "contactEmail": "help@acme.example",
        "company": "Acme",
        "termsUrl": "https://acme.example/terms",
        "privacyUrl": "https://acme.example/privacy",
    }


@pytest.mark.parametrize("expires_in", [None, 30])
async def test_a_mail_without_the_max_pack_is_refused(
    client: AyrshareClient, ayrshare: Served, jane: Profile, expires_in: int | None
) -> None:
    with pytest.raises(MailNeedsMaxPack):
        await links_of(ayrshare, client, expires_in=expires_in).mint(jane, mail=MAIL)


async def test_a_mail_that_could_not_be_sent_is_a_failure(ayrshare: Served, links: JwtLinks, jane: Profile) -> None:
    ayrshare.local.max_pack = True
    nobody = ConnectMail(to="nobody", contact_email="c", company="Acme", terms_url="t", privacy_url="p")
    with pytest.raises(EmailFailed):
        await links.mint(jane, mail=nobody)


async def test_a_mail_is_never_sent_twice(ayrshare: Served, links: JwtLinks, jane: Profile) -> None:
    ayrshare.local.max_pack = True
    for number, kind in enumerate(REPEATED_OTHERWISE, start=1):
        ayrshare.local.faults.add(kind, ms=50)
        with pytest.raises(Unavailable):
            await links.mint(jane, mail=MAIL)
        assert len(ayrshare.local.calls.since()) == number, kind
