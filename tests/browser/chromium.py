"""Debian's Chromium, driven by Playwright for Python; neither is needed for the other tests."""

import importlib.util
import os
import shutil
from typing import Any

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Root needs the first; without the others Chromium calls its maker at every start."""


def missing() -> str:
    """Return what is missing for a test in a browser, empty if nothing is."""
    if importlib.util.find_spec("playwright") is None:
        return "Playwright isn't installed"
    return "" if _path() else "there is no Chromium"


async def launched(playwright: Any) -> Any:
    """Start the browser."""
    return await playwright.chromium.launch(executable_path=_path(), args=list(FLAGS))


def _path() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
