"""What axe-core, the usual checker of accessibility, finds on a page; make test-page installs it."""

from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).with_name("witness") / "node_modules" / "axe-core" / "axe.min.js"


async def check(page: Any, *, width: int) -> None:
    """Fail if axe-core finds something, or the page is wider than its window; the page's policy has to be bypassed."""
    if not AXE.exists():
        pytest.skip("axe-core isn't installed (npm ci in tests/browser/witness)")
    await page.add_script_tag(path=str(AXE))
    found = await page.evaluate("axe.run({resultTypes: ['violations']})")
    broken = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
    assert not broken, broken
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
