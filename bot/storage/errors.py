"""What can fail in storage: Redis, the embedded server, or the encryption keys."""

import shlex
from pathlib import Path

from bot.core.errors import ConnectbotError

FROM_A_COPY = "If a file is damaged, DATA_DIR can also be put back from a copy (a backup of it)."


class StoreUnavailable(ConnectbotError):
    """Redis can't be reached, or refuses writes."""

    kind = "store_unavailable"
    passes = True
    says = "I can't reach my database. Nothing is lost. Try again in a minute."


class StoreTooSlow(StoreUnavailable):
    """A request has waited for Redis as long as it may."""

    kind = "store_too_slow"
    says = "My database answers too slowly. Nothing is lost. Try again in a minute."


class RecordDamaged(StoreUnavailable):
    """Redis works, but refuses a command for what a key holds."""

    kind = "record_damaged"
    passes = False
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


class NoServerHere(EmbeddedServerFailed):
    """The wheel has no server for this platform."""

    says = "There is no embedded Redis for this platform. Set REDIS_URL to use another: Redis 7.0 or newer, or Valkey."


class SocketPathTooLong(EmbeddedServerFailed):
    """A socket's path may have fewer bytes than `limit`."""

    def __init__(self, path: Path, limit: int) -> None:
        super().__init__(
            f"The embedded Redis needs a socket, and its path {path} is too long ({limit} bytes or more). "
            "Set TMPDIR to a directory with a shorter name."
        )


class DataDirOpen(EmbeddedServerFailed):
    """Other users can read `DATA_DIR`, which has this mode."""

    def __init__(self, data_dir: Path, mode: int) -> None:
        super().__init__(
            f"DATA_DIR {data_dir} is open to other users (mode {mode:04o}), and this user can't close it. "
            f"Run `sudo chmod 700 {shlex.quote(str(data_dir))}`, or set DATA_DIR to a new folder in it."
        )


class DataDirOfAnother(EmbeddedServerFailed):
    """`DATA_DIR` is in use by the user with this id, who could not read what root writes there."""

    def __init__(self, data_dir: Path, user: int) -> None:
        super().__init__(
            f"DATA_DIR {data_dir} belongs to the user with the id {user}, whose bot couldn't use what root writes. "
            f"Start the bot first, or run this as that user: `sudo -u '#{user}' …`. "
            f"If root is to keep it, run `sudo chown -R 0 {shlex.quote(str(data_dir))}`."
        )


class SocketFolderOpen(EmbeddedServerFailed):
    """Other users could read or change the folder of the socket."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The embedded Redis does not put its socket into {folder}. "
            "That has to be a directory of this user's own, closed to others (mode 0700). "
            "Remove it, or set TMPDIR to another directory."
        )


class ServerRuns(EmbeddedServerFailed):
    """Files can't be repaired under a server that is alive."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(f"The embedded Redis of DATA_DIR {data_dir} is running. Stop the bot first.")


class SocketHidden(EmbeddedServerFailed):
    """A server is alive whose socket can't be seen from here."""

    def __init__(self, data_dir: Path, path: Path) -> None:
        why = "It was removed. Restart the bot."
        if path.parent != data_dir:
            why = (
                "The bot has another temporary directory (PrivateTmp of systemd, a container), or a cleaner removed it."
                " Give DATA_DIR a shorter path, so that the socket lies in it, and restart the bot."
            )
        super().__init__(
            f"The embedded Redis of DATA_DIR {data_dir} runs, but its socket {path} can't be seen from here. {why}"
        )


class FilesDamaged(EmbeddedServerFailed):
    """The server can't read its files; `found` says which and what to do."""

    def __init__(self, found: str) -> None:
        super().__init__(f"The embedded Redis can't read its files. {found} {FROM_A_COPY}")


class NoAnswer(EmbeddedServerFailed):
    """The server died, or doesn't answer, as `what` says; `log_end` are the last lines of its log."""

    def __init__(self, data_dir: Path, what: str, log_end: str) -> None:
        super().__init__(
            f"The embedded Redis of DATA_DIR {data_dir} {what}. Its log ends with:\n{log_end}\n"
            f"{FROM_A_COPY} If the disk is full, make room. Or set REDIS_URL to use another Redis."
        )


class DataDirUnusable(EmbeddedServerFailed):
    """The operating system refuses something in `DATA_DIR`."""

    def __init__(self, data_dir: Path, reason: OSError, *, user: int) -> None:
        theirs = f" Run `sudo chown -R {user} {shlex.quote(str(data_dir))}` to make its files this user's."
        super().__init__(
            f"The embedded Redis cannot run on DATA_DIR {data_dir}: {reason}. "
            "DATA_DIR has to be a directory on a local disk that the bot may write to."
            f"{theirs if isinstance(reason, PermissionError) else ''}"
        )


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
