"""What can fail in storage: Redis, the embedded server, or the encryption keys."""

from pathlib import Path

from bot.core.errors import ConnectbotError


class StoreUnavailable(ConnectbotError):
    """Redis can't be reached, or refuses writes."""

    kind = "store_unavailable"
    says = "I can't reach my database. Nothing is lost. Try again in a minute."


class RecordDamaged(StoreUnavailable):
    """Redis works, but refuses a command for what a key holds."""

    kind = "record_damaged"
    says = "What I have stored for this can't be read. Tell whoever runs this bot."


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


class UnreadableKeyFile(ConnectbotError):
    """The key file in `DATA_DIR` is damaged or missing."""

    kind = "unreadable_key_file"

    def __init__(self, path: Path, reason: Exception) -> None:
        super().__init__(f"The encryption key in {path} can't be read: {reason}. Put it back from a copy of DATA_DIR.")


class KeyFileNotWritten(ConnectbotError):
    """A new encryption key could not be written; the key file is unchanged."""

    kind = "key_file_not_written"

    def __init__(self, path: Path, reason: OSError) -> None:
        super().__init__(f"No key could be written to {path}: {reason.strerror}. Its keys are as they were.")


class UnreadableSecret(ConnectbotError):
    """No encryption key opens an envelope, or the envelope was moved from the record it belongs to."""

    kind = "unreadable_secret"
    says = "I can't read the stored key of this profile. Tell whoever runs this bot."
