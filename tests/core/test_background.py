"""What background work that fails leaves in the log."""

import pytest
from structlog.testing import capture_logs

from bot.core.background import BackgroundTasks
from bot.storage.errors import StoreUnavailable


@pytest.mark.parametrize(
    ("failure", "level", "keys"), [(StoreUnavailable(), "warning", {"kind"}), (KeyError("x"), "error", {"exc_info"})]
)
async def test_a_known_failure_is_named_and_an_unknown_one_shown_whole(
    failure: Exception, level: str, keys: set[str]
) -> None:
    async def fails() -> None:
        raise failure

    background = BackgroundTasks()
    with capture_logs() as logs:
        background.start(fails())
        await background.idle()
    (row,) = logs
    assert (row["event"], row["log_level"]) == ("background_work_failed", level)
    assert row.keys() - {"event", "log_level"} == keys
