"""News is told by day, so it is noon; and Ayrshare's webhook is on."""

import pytest

from tests.clock import NOON, ManualClock
from tests.webhooks import SECRET


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET}
