"""What a page looks like to a script in it."""

from typing import Any

from tests.eventually import eventually


async def becomes(page: Any, expression: str) -> None:
    """Wait until an expression is true; Playwright's own waiting evaluates text, which the pages' policy forbids."""

    async def look() -> bool:
        return bool(await page.evaluate(expression))

    await eventually(look, expression)


async def first_paint(page: Any) -> float:
    """Return the milliseconds from the page's request to its first contentful paint."""
    paints = "performance.getEntriesByName('first-contentful-paint')"
    await becomes(page, f"{paints}.length")
    paint: float = await page.evaluate(f"{paints}[0].startTime")
    return paint
