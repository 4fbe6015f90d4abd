"""Bodies that nobody signs, the API's and the forms of clients' pages: the same limits as for signed ones."""

import gzip
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.http import signed_body
from bot.http.signed_body import MAX_BODY_BYTES
from tests.api.apps import new_key
from tests.client_links.browser import PUBLIC_URL
from tests.http.test_connection import counted, head, status, wire

API, PAGE = "/api/v1/links", "/c/" + "t" * 22
FORM = {"Content_Type": "application/x-www-form-urlencoded"}
ENDLESS = {"Transfer_Encoding": "chunked"}


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"PUBLIC_URL": PUBLIC_URL}


@pytest.fixture
async def key(bot: Bot, environment: dict[str, str]) -> dict[str, str]:
    """The headers of an app that has one."""
    return {"Authorization": f"Bearer {await new_key(environment)}", "Content_Type": "application/json"}


async def answer(bot: Bot, sent: bytes) -> tuple[int, str]:
    """Return the status and all else, which ends with the connection."""
    async with wire(bot, sent) as (reader, _):
        return await status(reader), (await reader.read()).decode()


def begun(route: str, *, length: int | None, **headers: str) -> bytes:
    if length is not None:
        return head(route, length=length, **headers)
    return head(route, length=0, **headers, **ENDLESS).replace(b"Content-Length: 0\r\n", b"")


@pytest.mark.parametrize("length", [1000, 900_000, None])
async def test_a_body_of_an_app_that_does_not_come_has_a_deadline(
    bot: Bot, key: dict[str, str], monkeypatch: pytest.MonkeyPatch, length: int | None
) -> None:
    monkeypatch.setattr(signed_body, "BODY_TIMEOUT", timedelta(seconds=0.2))
    code, rest = await answer(bot, begun(API, length=length, **key))
    assert (code, "urn:problem-type:connectbot:request_timeout" in rest) == (408, True)
    await counted(bot, "too_slow", 1)


async def test_the_form_of_a_page_that_does_not_come_has_a_deadline(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_body, "BODY_TIMEOUT", timedelta(seconds=0.2))
    code, _ = await answer(bot, begun(PAGE, length=1000, **FORM) + b"form=")
    assert code == 408
    await counted(bot, "too_slow", 1)


async def test_what_an_app_sends_beyond_the_limits_is_refused(bot: Bot, key: dict[str, str]) -> None:
    chunk = b"%x\r\n" % (MAX_BODY_BYTES + 1) + b" " * (MAX_BODY_BYTES + 1) + b"\r\n0\r\n\r\n"
    for sent in (begun(API, length=MAX_BODY_BYTES + 1, **key), begun(API, length=None, **key) + chunk):
        code, rest = await answer(bot, sent)
        assert (code, "application/problem+json" in rest) == (413, True)
    await counted(bot, "too_large", 2)
    bomb = gzip.compress(b" " * MAX_BODY_BYTES)
    code, _ = await answer(bot, begun(API, length=len(bomb), Content_Encoding="gzip", **key) + bomb)
    assert code == 415
    assert (await answer(bot, begun(API, length=None, **key) + b"zz\r\n"))[0] == 400
    await counted(bot, "malformed_http", 1)


async def test_without_a_key_or_beyond_a_forms_size_no_body_is_waited_for(bot: Bot) -> None:
    for sent, refused in (
        (begun(API, length=900_000), 401),
        (begun(API, length=None), 401),
        (begun(API, length=900_000, Authorization="Basic YTpi"), 401),
        (begun(PAGE, length=900_000, **FORM), 404),
        (begun(PAGE, length=None, **FORM), 404),
        (begun("/healthz", length=900_000), 405),
        (begun("/api/v1/nothing", length=900_000), 404),
    ):
        async with wire(bot, sent) as (reader, _):
            assert await status(reader) == refused
