"""The pages of an installation, which need neither script nor picture."""

from html import escape
from urllib.parse import urlencode

STYLE = """
:root { color-scheme: light dark }
body { margin: 0; padding: 3rem 1rem; font: 1rem/1.5 system-ui, sans-serif; color: light-dark(#1c1f26, #eceef2);
  background: light-dark(#f3f4f8, #14171d) }
main { max-width: 34rem; margin: auto; padding: 1.75rem; background: light-dark(#fff, #20242d); border-radius: 14px }
h1 { margin: 0 0 .5rem; font-size: 1.4rem }
a { display: inline-block; padding: .5rem 1rem; border-radius: 8px; text-decoration: none;
  color: light-dark(#fff, #14171d); background: light-dark(#3b42c4, #a9b0ff) }
"""
OPEN_SLACK = "https://slack.com/app_redirect"
"""Opens an app in Slack: https://docs.slack.dev/interactivity/deep-linking"""


def installed_page(name: str, *, app: str, team: str) -> str:
    """Say that the app is installed, with a way into Slack."""
    query = urlencode({key: value for key, value in (("app", app), ("team", team)) if value})
    words = "Next, an admin gives people their profiles in Slack."
    return _page(f"Installed in {name}", words, link=f"{OPEN_SLACK}?{query}", label="Open Slack")


def stopped_page(words: str, *, again: str) -> str:
    """Say why nothing was installed, with a way to start again."""
    return _page("Not installed", words, link=again, label="Start again")


def _page(title: str, words: str, *, link: str, label: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body><main>'
        f'<h1>{escape(title)}</h1><p>{escape(words)}</p><p><a href="{escape(link)}">{escape(label)}</a></p>'
        "</main></body></html>"
    )
