"""A Redis that needs no installing: Valkey in `DATA_DIR`, shared by the bot and the commands beside it.

failures.py   what can go wrong
locks.py      who is here: lock files that a killed process lets go of
runtime.py    where the socket lies
process.py    the server's binary, start, log, and words over its socket
server.py     one user's view: join, keep alive, leave
"""

from bot.storage.embedded.failures import DataDirInUse, EmbeddedServerFailed
from bot.storage.embedded.server import embedded_server

__all__ = ["DataDirInUse", "EmbeddedServerFailed", "embedded_server"]
