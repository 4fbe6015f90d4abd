"""One rule for all calls: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and a proxy's refusal by its name."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from pydantic import SecretStr
from yarl import URL

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.client import open_session as open_ayrshare_session
from bot.ayrshare.errors import Unavailable
from bot.connections import events_of
from bot.core.clock import SystemClock
from bot.core.proxy import cause_of, proxy_for
from bot.events.model import EventNotTaken
from bot.settings import Settings
from bot.slack.client import open_session, web_client
from sandbox.server import Sandbox
from tests.cli.examined import examined


@dataclass
class Proxy:
    """A proxy that refuses, and keeps what it was asked for."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.partition("\r\n")[0])
        self.credentials += [line for line in head.splitlines() if line.lower().startswith("proxy-authorization")]
        writer.write(b"HTTP/1.1 407 Authenticate\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()


@pytest.fixture(autouse=True)
def environment_read_anew() -> Iterator[None]:
    proxy_for.cache_clear()
    yield
    proxy_for.cache_clear()


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    proxy = Proxy()
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://someone:word@127.0.0.1:{proxy.port}")
    yield proxy
    server.close()


async def ask_ayrshare(url: str) -> str:
    async with open_ayrshare_session(1) as session:
        client = AyrshareClient(session, api_key=SecretStr("k"), base_url=url, clock=SystemClock())
        with pytest.raises(Unavailable) as failure:
            await client.primary()
    return failure.value.cause


async def ask_slack(url: str) -> str:
    async with open_session() as session:
        client = web_client(session, token=SecretStr("xoxb-1"), api_url=url)
        try:
            await client.auth_test()
        except Exception as error:  # noqa: BLE001 - of the SDK or aiohttp
            return cause_of(error)
    return ""


async def test_slack_ayrshare_and_sockets_go_the_same_way(proxy: Proxy) -> None:
    assert await ask_ayrshare("https://ayrshare.invalid/api") == "the proxy refuses with HTTP 407"
    assert await ask_slack("https://slack.invalid/api/") == "the proxy refuses with HTTP 407"
    async with open_session() as session:
        with pytest.raises(aiohttp.ClientHttpProxyError):
            await session.ws_connect("wss://socket.invalid/link")
    hosts = {line.split()[1] for line in proxy.asked}
    assert hosts == {"ayrshare.invalid:443", "slack.invalid:443", "socket.invalid:443"}
    assert len(proxy.credentials) == len(proxy.asked)


async def test_events_go_the_same_way_and_say_that_the_proxy_refuses(proxy: Proxy) -> None:
    settings = Settings.model_construct(
        connect_events_url="https://events.invalid/hook", connect_events_secret=SecretStr("a-secret")
    )
    async with events_of(settings, clock=SystemClock()) as events:
        assert events is not None
        with pytest.raises(EventNotTaken, match="the proxy refuses with HTTP 407"):
            await events.send("evt_1", b"{}")
    assert [line.split()[1] for line in proxy.asked] == ["events.invalid:443"]


async def test_a_proxy_that_refuses_an_unencrypted_call_is_named_too(proxy: Proxy) -> None:
    assert await ask_ayrshare("http://ayrshare.invalid/api") == "the proxy refuses with HTTP 407"


async def test_hosts_of_no_proxy_are_called_without_it(
    proxy: Proxy, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1, .example.com")
    async with open_session() as session:
        client = web_client(session, token=SecretStr(sandbox.slack.bot_token), api_url=f"{sandbox.url}/slack/api/")
        assert (await client.auth_test())["ok"]
    assert proxy.asked == []


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("10.0.0.0/8", "https://10.1.2.3"),
        ("fd00::/8, [::1]", "https://[::1]:8443"),
        ("*.example.com", "https://api.example.com"),
        ("localhost 127.0.0.1", "http://127.0.0.1:1"),
        ("'EXAMPLE.com'", "wss://api.example.com"),
        ("*", "https://slack.com"),
    ],
)
def test_no_proxy_is_read_as_people_write_it(monkeypatch: pytest.MonkeyPatch, no_proxy: str, url: str) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    assert proxy_for(URL("https://10x.invalid"))[0]
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert proxy_for(URL(url)) == (None, None)
    assert no_proxy == "*" or proxy_for(URL("https://notexample.com"))[0]


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("around", ["{}", "'{}'", '"{}"', " {}\r\n"])
def test_a_proxy_is_named_as_environments_have_it(monkeypatch: pytest.MonkeyPatch, name: str, around: str) -> None:
    monkeypatch.setenv(name, around.format("http://someone:w%C3%B6rd@proxy.example:3128/"))
    proxy, credentials = proxy_for(URL("wss://slack.invalid"))
    assert str(proxy) == "http://proxy.example:3128/"
    assert credentials is not None
    assert (credentials.login, credentials.password, credentials.encoding) == ("someone", "wörd", "utf-8")


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("socks5://127.0.0.1:1", "SOCKS proxies aren't supported"),
        ("SOCKS5H://someone:word@127.0.0.1:1", "SOCKS proxies aren't supported"),
        ("http://", "isn't an HTTP proxy's address"),
        ("http://proxy:99999", "isn't an HTTP proxy's address"),
        ("http://127.0.0.1:1", "the proxy can't be reached"),
    ],
)
async def test_a_proxy_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch, address: str, cause: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    assert cause in await ask_ayrshare("https://ayrshare.invalid/api")
    assert cause in await ask_slack("https://slack.invalid/api/")


async def test_doctor_goes_through_the_proxy_and_names_it(proxy: Proxy, environment: dict[str, str]) -> None:
    addresses = {"SLACK_API_URL": "https://slack.invalid/api/", "AYRSHARE_API_URL": "https://ayrshare.invalid/api"}
    report = await examined(environment, **addresses, HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}")
    for check in ("slack.token", "ayrshare.api_key"):
        assert "the proxy refuses with HTTP 407" in report.told(check)
        assert "HTTPS_PROXY" in report.told(check)
