"""The peer `tutorial`: a Bolt bot as tutorials write it (default runner, a session per call, `respond()`)."""

import os
from typing import Any

import aiohttp
import redis.asyncio
from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bench.peers.card import card


def main() -> None:
    """Serve Bolt's own web application on PORT."""
    app = AsyncApp(signing_secret=os.environ["SLACK_SIGNING_SECRET"], token=os.environ["SLACK_BOT_TOKEN"])
    app.client.base_url = os.environ["SLACK_API_URL"]
    store = redis.asyncio.from_url(os.environ["REDIS_URL"], decode_responses=True)

    @app.command("/connect")
    async def connect(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        await ack()
        key = await store.get(f"tutorial:{body['user_id']}")
        request = {
            "domain": os.environ["AYRSHARE_DOMAIN"],
            "privateKey": os.environ["AYRSHARE_PRIVATE_KEY"],
            "profileKey": key,
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{os.environ['AYRSHARE_API_URL']}/profiles/generateJWT",
                json=request,
                headers={"Authorization": f"Bearer {os.environ['AYRSHARE_API_KEY']}"},
            ) as reply,
        ):
            link = (await reply.json())["url"]
        await respond(text="Your link is ready.", blocks=card(link))

    async def ready(_request: web.Request) -> web.Response:
        return web.Response()

    server = app.server(port=int(os.environ["PORT"]), path="/slack/events")
    server.web_app.router.add_get("/readyz", ready)
    web.run_app(server.web_app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)


if __name__ == "__main__":
    main()
