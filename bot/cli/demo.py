"""`demo`: the local Slack and the local Ayrshare of the package `sandbox`, with the real bot between them."""

import os
import re
import sys
from typing import Annotated

import typer

from bot.cli.boundary import stop


def demo(
    variables: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="SANDBOX_PORT, DATA_DIR, SCRIPT, RECORD, …")
    ] = None,
) -> None:
    """Try the bot between a local Slack and a local Ayrshare; needs no settings and no account.

    It prints the address of a page. SANDBOX_PORT (8080) and DATA_DIR (.demo) move it, SCRIPT=1 plays one conversation,
    RECORD=file keeps what happens for the page to play, SOCKET=1 is Socket Mode, LINK_API=jwt makes links by
    generateJWT, MAX_PACK=1 and X_APP=1 give the account what costs extra. They may also be in the environment.
    """
    if wrong := [word for word in variables or () if not re.match(r"[A-Z_]+=", word)]:
        stop(f"Not NAME=VALUE: {' '.join(wrong)}. An example: connectbot demo SANDBOX_PORT=8081", code=2)
    chosen = dict(word.split("=", 1) for word in variables or ())
    # The bot knows nothing of the sandbox. -P: a folder of that name in the current one isn't it.
    os.execve(sys.executable, [sys.executable, "-P", "-m", "sandbox"], os.environ | chosen)  # noqa: S606 - our own
