"""The peer `bare`: aiohttp with a signature check and nothing else, for acknowledgements only."""

import os

from aiohttp import web
from slack_sdk.signature import SignatureVerifier


def main() -> None:
    """Serve `POST /slack/events` on PORT."""
    verifier = SignatureVerifier(os.environ["SLACK_SIGNING_SECRET"])

    async def events(request: web.Request) -> web.Response:
        if not verifier.is_valid_request(await request.read(), dict(request.headers)):
            return web.Response(status=401)
        return web.Response()

    async def ready(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/slack/events", events), web.get("/readyz", ready)])
    web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None, access_log=None)


if __name__ == "__main__":
    main()
