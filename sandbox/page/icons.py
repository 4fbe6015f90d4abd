"""The page's signs as drawings: a font of emoji is slow to open, and looks different everywhere."""

from sandbox.drawing.html import Html, tag

PATHS = {
    "bell": "M6 16h12l-1.5-2v-4a4.5 4.5 0 0 0-9 0v4zM10.5 19h3",
    "bolt": "M13 3 6 13.5h5L11 21l7-10.5h-5z",
    "clock": "M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0zM12 7.5V12l3 2",
    "eye": "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM14.5 12a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z",
    "home": "m4 11 8-7 8 7M6 10v9h12v-9",
    "lock": "M7 11h10v8H7zM9 11V8a3 3 0 0 1 6 0v3",
    "mail": "M4 6h16v12H4zm0 1 8 6 8-6",
    "reload": "M19 12a7 7 0 1 1-2.2-5.1M17 3v4h-4",
    "send": "M4 12 20 4l-5 16-3.5-6.5z",
}
"""In a square of 24, drawn as lines."""


def icon(name: str) -> Html:
    """Draw a sign; what it stands for is said beside it, or by a label."""
    return tag("svg", tag("use", href=f"#icon-{name}"), class_="icon", aria_hidden="true")


def icons() -> Html:
    """Return all signs, of which the page has one each."""
    symbols = (
        tag("symbol", tag("path", d=path), id=f"icon-{name}", viewBox="0 0 24 24") for name, path in PATHS.items()
    )
    return tag("svg", *symbols, class_="icons", aria_hidden="true")
