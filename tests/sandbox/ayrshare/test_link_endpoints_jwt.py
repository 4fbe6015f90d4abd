"""`POST /profiles/generateJWT`."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.sandbox.ayrshare.serving import Served, query

EMPTY_PEM = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"
EMAIL = {
    "to": "jane@acme.example",
    "contactEmail": "help@acme.example",
    "company": "Acme",
    "termsUrl": "https://acme.example/terms",
    "privacyUrl": "https://acme.example/privacy",
}


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    decoded = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert isinstance(decoded, dict)
    return decoded


def other_key() -> str:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=1_024)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


async def page_status(ayrshare: Served, url: str) -> int:
    async with ayrshare.http.get(url) as page:
        return page.status


async def test_the_url_names_the_token_first_and_then_the_domain(ayrshare: Served) -> None:
    reply = await ayrshare.generate()
    token = reply.body["token"]
    assert reply.body["status"] == "success"
    assert reply.body["title"] == "Acme: Jane"
    assert reply.body["url"] == f"{ayrshare.url}/page?jwt={token}&domain=acme"
    assert 500 < len(reply.body["url"]) < 1_100


async def test_the_token_expires_after_five_minutes_as_its_claims_say(ayrshare: Served) -> None:
    payload = claims_of((await ayrshare.generate()).body["token"])
    assert payload["exp"] - payload["iat"] == 300
    assert payload["iat"] == int(ayrshare.clock.now().timestamp())
    assert (payload["iss"], payload["aud"]) == ("acme", "https://app.ayrshare.com")
    assert set(payload["profileKey"]) == {"iv", "content"}


async def test_two_links_never_share_a_token(ayrshare: Served) -> None:
    assert await ayrshare.link() != await ayrshare.link()


async def test_redirect_and_logout_are_parameters_of_the_url(ayrshare: Served) -> None:
    parameters = query(await ayrshare.link(redirect="https://acme.example/back?a=1&b=2", logout=True))
    assert parameters["redirect"] == "https://acme.example/back?a=1&b=2"
    assert parameters["logout"] == "true"


@pytest.mark.parametrize("minutes", [0, 2_881, -5, "30", True, [30]])
async def test_a_lifetime_that_is_not_a_number_of_minutes_in_range_is_rejected(
    ayrshare: Served, minutes: object
) -> None:
    ayrshare.local.max_pack = True
    reply = await ayrshare.generate(expiresIn=minutes)
    assert (reply.status, reply.body["action"], "code" in reply.body) == (400, "JWT", False)


async def test_a_lifetime_needs_the_max_pack(ayrshare: Served) -> None:
    assert (await ayrshare.generate(expiresIn=30)).status == 400
    ayrshare.local.max_pack = True
    reply = await ayrshare.generate(expiresIn=30)
    payload = claims_of(reply.body["token"])
    assert payload["exp"] - payload["iat"] == 1_800
    assert reply.body["expiresIn"] == "30m"


async def test_networks_that_are_not_an_array_are_rejected(ayrshare: Served) -> None:
    assert (await ayrshare.generate(allowedSocial="tiktok")).status == 400


async def test_link_seconds_replaces_every_lifetime(ayrshare: Served) -> None:
    ayrshare.local.link_seconds = 7
    payload = claims_of((await ayrshare.generate()).body["token"])
    assert payload["exp"] - payload["iat"] == 7


@pytest.mark.parametrize("missing", ["domain", "privateKey", "profileKey"])
async def test_a_missing_field_is_a_400_with_code_101(ayrshare: Served, missing: str) -> None:
    reply = await ayrshare.generate(**{missing: ""})
    assert (reply.status, reply.body["action"], reply.body["code"]) == (400, "JWT", 101)


@pytest.mark.parametrize("owner", ["nobody's", "the account's"])
async def test_only_the_key_of_a_user_profile_is_accepted(ayrshare: Served, owner: str) -> None:
    key = ayrshare.local.api_key if owner == "the account's" else "AX1XGG-9JK3M5LS-GR5RX5G-LLCK8EA"
    assert (await ayrshare.generate(profileKey=key)).status == 403


@pytest.mark.parametrize("corrupt", ["not a key", EMPTY_PEM])
async def test_a_corrupt_key_is_a_200_whose_page_is_a_401(ayrshare: Served, corrupt: str) -> None:
    reply = await ayrshare.generate(privateKey=corrupt)
    assert reply.status == 200
    assert await page_status(ayrshare, reply.body["url"]) == 401


async def test_another_accounts_key_or_domain_makes_a_link_that_does_not_work(ayrshare: Served) -> None:
    for wrong in ({"privateKey": other_key()}, {"domain": "globex"}):
        assert await page_status(ayrshare, await ayrshare.link(**wrong)) == 401


async def test_verify_rejects_a_key_that_the_page_would_reject(ayrshare: Served) -> None:
    for wrong in ("not a key", other_key()):
        reply = await ayrshare.generate(privateKey=wrong, verify=True)
        assert (reply.status, reply.body["code"], reply.body["action"]) == (400, 189, "JWT")
    assert (await ayrshare.generate(verify=True)).status == 200


async def test_the_key_may_be_sent_in_base64_with_the_flag_for_it(ayrshare: Served) -> None:
    encoded = base64.b64encode(ayrshare.local.private_key_pem.encode()).decode()
    assert await page_status(ayrshare, await ayrshare.link(privateKey=encoded, base64=True)) == 200
    assert await page_status(ayrshare, await ayrshare.link(privateKey=encoded)) == 401


async def test_an_email_needs_the_max_pack_and_all_its_fields(ayrshare: Served) -> None:
    assert (await ayrshare.generate(email=EMAIL)).status == 400
    ayrshare.local.max_pack = True
    assert (await ayrshare.generate(email=EMAIL)).body["emailSent"] is True
    failed = await ayrshare.generate(email=EMAIL | {"to": "nobody"})
    assert failed.body["code"] == 333


async def test_the_newer_token_is_opaque_and_needs_neither_domain_nor_key(ayrshare: Served) -> None:
    ayrshare.local.token_style = "session"
    reply = await ayrshare.generate(domain="", privateKey="")
    token = reply.body["token"]
    assert token.startswith("ayr_ls_")
    assert reply.body["url"] == f"{ayrshare.url}/page?session={token}&domain=acme"
    await ayrshare.clock.advance(timedelta(seconds=299))
    assert await page_status(ayrshare, reply.body["url"]) == 200
    await ayrshare.clock.advance(timedelta(seconds=1))
    assert await page_status(ayrshare, reply.body["url"]) == 401
