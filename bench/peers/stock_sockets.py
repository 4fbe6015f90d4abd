"""The peer for acknowledgements over Socket Mode: Bolt's own AsyncSocketModeHandler with its defaults."""

import asyncio
import os
from typing import Any

import aiohttp
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp


async def main() -> None:
    """Acknowledge commands and post to their `response_url`s until the process is stopped."""
    app = AsyncApp(token=os.environ["SLACK_BOT_TOKEN"])
    app.client.base_url = os.environ["SLACK_API_URL"]
    session = aiohttp.ClientSession()

    @app.command("/connect")
    async def connect(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        async with session.post(body["response_url"], json={"text": "done"}):
            pass

    handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt's own

    async def ready(_request: web.Request) -> web.Response:
        return web.Response()

    served = web.Application()
    served.add_routes([web.get("/readyz", ready)])
    runner = web.AppRunner(served, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
