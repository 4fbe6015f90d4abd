"""The page behind a link, used over plain HTTP."""

import re
from datetime import timedelta

import aiohttp
import pytest

from tests.sandbox.ayrshare.serving import Served


async def connected_accounts(ayrshare: Served, profile: int) -> list[str]:
    reply = await ayrshare.call("GET", "/user", key=ayrshare.local.profiles[profile].key)
    accounts = reply.body.get("activeSocialAccounts", [])
    assert isinstance(accounts, list)
    return accounts


async def press(ayrshare: Served, url: str, **field: str) -> tuple[int, str]:
    async with ayrshare.http.post(url, data=field, allow_redirects=False) as response:
        return response.status, await response.text()


async def test_the_page_shows_the_profile_and_a_button_for_each_network(ayrshare: Served) -> None:
    async with ayrshare.http.get(await ayrshare.link()) as page:
        text = await page.text()
    assert page.status == 200
    assert "<h1>Acme: Jane</h1>" in text
    assert 'name="unlink" value="linkedin" aria-label="Unlink LinkedIn"' in text
    assert 'name="link" value="tiktok" aria-label="Link TikTok"' in text


async def test_a_connected_account_is_in_the_api_at_once(ayrshare: Served) -> None:
    initech = ayrshare.local.profiles[3]
    status, text = await press(ayrshare, await ayrshare.link(initech), link="instagram")
    assert status == 200
    assert "Unlink Instagram" in text
    assert text.count("autofocus") == 1
    assert re.search(r"<button autofocus [^>]*Unlink Instagram", text)  # one sees what changed, far down too
    assert await connected_accounts(ayrshare, 3) == ["instagram"]


async def test_without_accounts_the_list_of_accounts_is_left_out(ayrshare: Served) -> None:
    globex = ayrshare.local.profiles[2]
    await press(ayrshare, await ayrshare.link(globex), unlink="youtube")
    assert "activeSocialAccounts" not in (await ayrshare.call("GET", "/user", key=globex.key)).body


async def test_only_allowed_networks_are_offered(ayrshare: Served) -> None:
    url = await ayrshare.link(allowedSocial=["tiktok", "myspace"])
    async with ayrshare.http.get(url) as page:
        assert (await page.text()).count("<li>") == 1
    assert (await press(ayrshare, url, link="facebook"))[0] == 400
    assert "facebook" not in await connected_accounts(ayrshare, 0)


async def test_a_network_disabled_for_the_profile_is_not_offered(ayrshare: Served) -> None:
    jane = ayrshare.local.profiles[0]
    await ayrshare.call("PATCH", "/profiles", {"disableSocial": ["tiktok"]}, key=jane.key)
    async with ayrshare.http.get(await ayrshare.link(allowedSocial=["tiktok", "youtube"])) as page:
        text = await page.text()
    assert "Link YouTube" in text
    assert "TikTok" not in text


async def test_x_is_neither_shown_nor_linked_without_the_keys_of_an_own_app(ayrshare: Served) -> None:
    url = await ayrshare.link(allowedSocial=["twitter", "tiktok"])
    async with ayrshare.http.get(url) as page:
        assert "Link X" not in await page.text()
    assert (await press(ayrshare, url, link="twitter"))[0] == 400
    own = await ayrshare.link(allowedSocial=["twitter"], twitterApiKey="key", twitterApiSecret="secret")
    assert (await press(ayrshare, own, link="twitter"))[0] == 200


async def test_a_link_works_repeatedly_until_it_expires(ayrshare: Served) -> None:
    url = await ayrshare.link()
    for _ in range(3):
        async with ayrshare.http.get(url) as page:
            assert page.status == 200
    assert len(ayrshare.local.links.issued[0].opens) == 3
    await ayrshare.clock.advance(timedelta(minutes=5))
    async with ayrshare.http.get(url) as page:
        assert page.status == 401
    assert (await press(ayrshare, url, link="tiktok"))[0] == 401
    assert "tiktok" not in await connected_accounts(ayrshare, 0)


@pytest.mark.parametrize("query", ["", "?domain=acme&jwt=garbage", "?session=ayr_ls_garbage&domain=acme"])
async def test_a_malformed_link_is_a_401(ayrshare: Served, query: str) -> None:
    async with ayrshare.http.get(f"{ayrshare.url}/page{query}") as page:
        assert page.status == 401


async def test_a_link_with_another_domain_is_a_401(ayrshare: Served) -> None:
    url = (await ayrshare.link()).replace("domain=acme", "domain=globex")
    async with ayrshare.http.get(url) as page:
        assert page.status == 401


async def test_done_redirects_or_says_that_the_page_can_be_closed(ayrshare: Served) -> None:
    assert "You can close this page" in (await press(ayrshare, await ayrshare.link(), done="1"))[1]
    url = await ayrshare.link(redirect="https://acme.example/back?a=1")
    async with ayrshare.http.post(url, data={"done": "1"}, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "https://acme.example/back?a=1")


async def test_a_browser_stays_with_the_first_profile_until_it_is_logged_out(ayrshare: Served) -> None:
    globex, initech = ayrshare.local.profiles[2:]
    await ayrshare.http.get(await ayrshare.link(globex))
    await press(ayrshare, await ayrshare.link(initech), link="tiktok")
    assert (await connected_accounts(ayrshare, 2), await connected_accounts(ayrshare, 3)) == (["youtube", "tiktok"], [])
    await press(ayrshare, await ayrshare.link(initech, logout=True), link="tiktok")
    assert await connected_accounts(ayrshare, 3) == ["tiktok"]
    await press(ayrshare, await ayrshare.link(globex), link="reddit")
    assert await connected_accounts(ayrshare, 3) == ["tiktok", "reddit"]


async def test_another_browser_is_not_affected(ayrshare: Served) -> None:
    globex, initech = ayrshare.local.profiles[2:]
    await ayrshare.http.get(await ayrshare.link(globex))
    async with aiohttp.ClientSession() as other, other.get(await ayrshare.link(initech)) as page:
        assert "<h1>Initech</h1>" in await page.text()


async def test_a_title_is_escaped_on_the_page(ayrshare: Served) -> None:
    created = await ayrshare.call("POST", "/profiles", {"title": "<script>alert(1)</script>"})
    async with ayrshare.http.get(await ayrshare.link(profileKey=created.body["profileKey"])) as page:
        assert "<script>" not in await page.text()


async def test_the_link_of_a_deleted_profile_stops_working(ayrshare: Served) -> None:
    jane = ayrshare.local.profiles[0]
    url = await ayrshare.link(jane)
    await ayrshare.call("DELETE", "/profiles", key=jane.key)
    async with ayrshare.http.get(url) as page:
        assert page.status == 401
