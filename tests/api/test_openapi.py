"""The OpenAPI document at the bot's address; `make test-outside` holds it against tools of others."""

import json
import re

from bot.api.endpoints import DOCUMENT_PATH, ENDPOINTS
from tests.api.apps import App


async def test_every_call_is_described_with_models_that_are_there(app: App) -> None:
    async with app.session.get(f"{app.url}{DOCUMENT_PATH}") as answer:
        text = await answer.text()
    described = json.loads(text)
    calls = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert calls == {(one.method, one.path) for one in ENDPOINTS}
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert named == set(described["components"]["schemas"])


async def test_a_refusal_is_one_that_the_document_names(app: App) -> None:
    async with app.session.get(f"{app.url}{DOCUMENT_PATH}") as answer:
        described = await answer.json()
    for one in ENDPOINTS:
        path = one.path.removeprefix("/api/v1").replace("{ref_id}", "unknown").replace("{id}", "unknown")
        said = await app.asks(one.method, path)
        assert str(said.status) in described["paths"][one.path][one.method.lower()]["responses"]
