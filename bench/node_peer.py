"""The peer `node` is installed from its lock file into a temporary folder."""

import asyncio
import os
import shutil
from pathlib import Path

SOURCE = Path(__file__).parent / "node"
INSTALL_TIMEOUT = 90.0
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


async def installed(folder: Path) -> tuple[str, ...] | str:
    """Install the peer into `folder` (made here); return its command, or why there is none."""
    if not (shutil.which("node") and shutil.which("npm")):
        return "not measured: `node` and `npm` are not on PATH"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("node_modules"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "AYRSHARE_"))}
    npm = await asyncio.create_subprocess_exec(
        *INSTALL,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, errors = await asyncio.wait_for(npm.communicate(), INSTALL_TIMEOUT)
    except TimeoutError:
        npm.kill()
        await npm.wait()
        return f"not measured: `npm ci` took more than {INSTALL_TIMEOUT:.0f} s"
    if npm.returncode:
        lines = errors.decode(errors="replace").split("\n")
        return f"not measured: `npm ci` failed: {next((line for line in lines if line.strip()), 'no reason given')}"
    return ("node", str(folder / "app.mjs"))
