"""What can fail in storage: Redis is away, or no key opens a secret."""

from pathlib import Path

from bot.core.errors import ConnectbotError


class StoreUnavailable(ConnectbotError):
    """Redis is away."""

    kind = "store_unavailable"

    def __init__(self) -> None:
        super().__init__("My memory (Redis) can't be used just now. Nothing is lost: please try again in a minute.")


class UnreadableKeyFile(ConnectbotError):
    """The generated encryption key in DATA_DIR is damaged."""

    kind = "unreadable_key_file"

    def __init__(self, path: Path, reason: Exception) -> None:
        super().__init__(f"The encryption key in {path} can't be read: {reason}. Put it back from a copy of DATA_DIR.")


class UnreadableSecret(ConnectbotError):
    """No key of the key ring opens an envelope, or it was moved from where it belongs."""

    kind = "unreadable_secret"

    def __init__(self) -> None:
        super().__init__(
            "The stored profile key can't be read with the bot's encryption keys. "
            "An operator has to check ENCRYPTION_KEYS."
        )
