"""What all calls have in common: authorization comes first, errors are flat, extra fields of clients are ignored."""

import aiohttp
import pytest

from tests.sandbox.ayrshare.serving import Served


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic abc"}])
@pytest.mark.parametrize("path", ["/user", "/nowhere"])
async def test_a_missing_or_wrong_api_key_is_a_403_with_code_102(
    ayrshare: Served, headers: dict[str, str], path: str
) -> None:
    async with ayrshare.http.get(ayrshare.api_url + path, headers=headers) as response:
        body = await response.json()
    assert (response.status, body["status"], body["code"]) == (403, "error", 102)
    assert set(body) == {"action", "status", "code", "message"}


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/user", 405)])
async def test_unknown_paths_and_methods_are_errors_in_json(
    ayrshare: Served, method: str, path: str, status: int
) -> None:
    reply = await ayrshare.call(method, path)
    assert (reply.status, reply.body["status"]) == (status, "error")
    assert reply.headers["content-type"] == "application/json; charset=utf-8"


async def test_an_unknown_profile_key_is_a_403_without_a_code(ayrshare: Served) -> None:
    reply = await ayrshare.call("GET", "/user", key="AX1XGG-9JK3M5LS-GR5RX5G-LLCK8EA")
    assert reply.status == 403
    assert "code" not in reply.body


async def test_invalid_json_is_a_500(ayrshare: Served) -> None:
    headers = {"Authorization": f"Bearer {ayrshare.local.api_key}"}
    async with ayrshare.http.post(f"{ayrshare.api_url}/profiles", data=b"{", headers=headers) as response:
        assert response.status == 500


async def test_a_body_that_is_no_object_is_a_400(ayrshare: Served) -> None:
    assert (await ayrshare.call("POST", "/profiles", ["title"])).status == 400


async def test_the_source_that_the_official_clients_send_is_ignored(ayrshare: Served) -> None:
    assert (await ayrshare.call("GET", "/user?source=npm")).status == 200
    assert (await ayrshare.generate(source="pypi")).status == 200


async def test_one_of_the_two_x_headers_alone_is_refused(ayrshare: Served) -> None:
    alone = await ayrshare.call("GET", "/user", X_Twitter_OAuth1_Api_Key="key")
    both = await ayrshare.call("GET", "/user", X_Twitter_OAuth1_Api_Key="key", X_Twitter_OAuth1_Api_Secret="secret")
    assert (alone.status, both.status) == (400, 200)


async def test_calls_are_recorded_without_their_secrets(ayrshare: Served) -> None:
    jane = ayrshare.local.profiles[0]
    await ayrshare.generate(redirect="https://acme.example")
    await ayrshare.call("GET", f"/profiles?profileKeys[0]={jane.key}", key=jane.key)
    minted, listed = ayrshare.received()
    assert (minted["call"], minted["status"]) == ("POST /profiles/generateJWT", 200)
    assert minted["body"]["redirect"] == "https://acme.example"
    log = f"{minted} {listed}"
    for secret in (ayrshare.local.api_key, jane.key, ayrshare.local.private_key_pem.splitlines()[1]):
        assert secret not in log


async def test_keys_and_names_are_the_same_after_a_restart(ayrshare: Served) -> None:
    restarted = type(ayrshare.local)(now=ayrshare.clock.now, base_url=str)
    assert [(p.title, p.key, p.ref_id) for p in restarted.profiles] == [
        (p.title, p.key, p.ref_id) for p in ayrshare.local.profiles
    ]
    assert (restarted.api_key, restarted.domain) == (ayrshare.local.api_key, ayrshare.local.domain)


async def test_a_client_that_speaks_deflate_or_gzip_is_understood(ayrshare: Served) -> None:
    async with aiohttp.ClientSession(headers={"Accept-Encoding": "deflate, gzip, br"}) as http:
        headers = {"Authorization": f"Bearer {ayrshare.local.api_key}", "Content-Type": "application/json"}
        async with http.get(f"{ayrshare.api_url}/user?instagramQuota=true", headers=headers) as response:
            assert (await response.json())["title"] == "Primary Profile"
