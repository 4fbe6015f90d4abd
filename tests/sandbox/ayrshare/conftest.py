from collections.abc import AsyncIterator

import pytest

from tests.sandbox.ayrshare.serving import Served, serving


@pytest.fixture
async def ayrshare() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served
