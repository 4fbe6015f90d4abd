"""At noon, when everybody may be told, and with Ayrshare's webhook."""

import pytest

from tests.clock import ManualClock
from tests.notifications.digest_helpers import NOON
from tests.webhooks import SECRET


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET}
