"""A Redis that needs no installation: a Valkey server in `DATA_DIR`, shared by the bot and the commands.

server.py       start here: join the users of the server, keep it alive, leave; the last one stops it
append_only.py  its files: what a power cut left behind, what can be saved
manifest.py     the list of these files
process.py      the server's binary, its socket, its log, and commands over the socket
locks.py        lock files that the kernel frees when their process is killed
"""

from bot.storage.embedded.server import embedded_server, repaired

__all__ = ["embedded_server", "repaired"]
