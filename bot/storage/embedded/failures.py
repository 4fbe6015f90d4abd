"""What can go wrong with the embedded server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.core.errors import ConnectbotError


class DataDirInUse(ConnectbotError):
    """Another bot works on this `DATA_DIR`."""

    kind = "data_dir_in_use"

    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            f"Another bot is running on DATA_DIR {data_dir}. Stop it first, or give this one a DATA_DIR of its own."
        )


class EmbeddedServerFailed(ConnectbotError):
    """The embedded server cannot start, or cannot be reached."""

    kind = "embedded_server_failed"


@contextmanager
def explained(data_dir: Path) -> Iterator[None]:
    """Raise EmbeddedServerFailed for what the operating system refuses to do in `data_dir`."""
    try:
        yield
    except OSError as error:
        raise EmbeddedServerFailed(
            f"The embedded Redis cannot run on DATA_DIR {data_dir}: {error}. "
            "DATA_DIR has to be a directory on a local disk that the bot may write to."
        ) from error
