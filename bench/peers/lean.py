"""The peer `lean`: a Bolt bot that does only the job, as fast as Bolt allows.

It acknowledges before Bolt responds (`process_before_response`), works on in a task of its own, and shares one HTTP
session and one bounded Redis pool; uvloop where there is one.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import redis.asyncio
from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp

from bench.event_loop import loop_factory
from bench.peers.card import card

CONNECTIONS = 500
REDIS_CONNECTIONS = 50
REDIS_TIMEOUT = 10


class LeanBot:
    """Does the jobs in tasks that it keeps."""

    def __init__(self) -> None:
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            os.environ["REDIS_URL"], max_connections=REDIS_CONNECTIONS, timeout=REDIS_TIMEOUT, decode_responses=True
        )
        self._store = redis.asyncio.Redis(connection_pool=pool)
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """Keep the session open while the web application runs, and finish the jobs at its end."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as self._session:
            yield
            await asyncio.gather(*self._tasks)
        await self._store.aclose()

    async def connect(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Acknowledge `/connect` and start its job."""
        await ack()
        task = asyncio.create_task(self._answer(body["user_id"], body["response_url"]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, user: str, response_url: str) -> None:
        request = {
            "domain": os.environ["AYRSHARE_DOMAIN"],
            "privateKey": os.environ["AYRSHARE_PRIVATE_KEY"],
            "profileKey": await self._store.get(f"tutorial:{user}"),
        }
        headers = {"Authorization": f"Bearer {os.environ['AYRSHARE_API_KEY']}"}
        address = f"{os.environ['AYRSHARE_API_URL']}/profiles/generateJWT"
        async with self._session.post(address, json=request, headers=headers) as reply:
            link = (await reply.json())["url"]
        message = {"text": "Your link is ready.", "blocks": card(link), "response_type": "ephemeral"}
        async with self._session.post(response_url, json=message) as answered:
            answered.raise_for_status()


def main() -> None:
    """Serve Bolt's own web application on PORT."""
    app = AsyncApp(
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        token=os.environ["SLACK_BOT_TOKEN"],
        process_before_response=True,
    )
    app.client.base_url = os.environ["SLACK_API_URL"]
    loop = loop_factory()()
    asyncio.set_event_loop(loop)
    bot = LeanBot()
    app.command("/connect")(bot.connect)

    async def ready(_request: web.Request) -> web.Response:
        return web.Response()

    served = app.server(port=int(os.environ["PORT"]), path="/slack/events").web_app
    served.router.add_get("/readyz", ready)
    served.cleanup_ctx.append(bot.running)
    web.run_app(served, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None, loop=loop)


if __name__ == "__main__":
    main()
