"""Set it up in my workspace: docs/install.md as a list to tick off; what is ticked stands in the address."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.drawing.html import Html, tag
from sandbox.page.address import Address
from sandbox.page.nodes import Node


@dataclass(frozen=True)
class Task:
    """Something to do, under its heading in docs/install.md, with the commands for it."""

    heading: str
    what: str
    commands: tuple[str, ...] = ()


TASKS = (
    Task(
        "The machine",
        "Python 3.11 to 3.13, make and git, on Linux or macOS. A Redis isn't needed.",
        ("make setup",),
    ),
    Task(
        "The Slack app",
        "Paste the manifest at api.slack.com/apps: Create New App, From a manifest. Install it, and keep its bot token "
        "(xoxb-…) and an app-level token (xapp-…) with connections:write.",
        (".venv/bin/python -m bot manifest --socket",),
    ),
    Task(
        "Ayrshare",
        "A plan with User Profiles: Launch, Business or Enterprise. Copy the API key from the dashboard's page API.",
    ),
    Task(
        "The bot",
        "Set SLACK_BOT_TOKEN, SLACK_APP_TOKEN and AYRSHARE_API_KEY in .env. doctor checks everything.",
        ("cp .env.example .env", ".venv/bin/python -m bot doctor", ".venv/bin/python -m bot run"),
    ),
    Task(
        "The first profile",
        "In Slack, give yourself a profile, and ask for its link.",
        ("/connect map @yourself", "/connect"),
    ),
    Task(
        "Webhooks (optional)",
        "With a public address, Ayrshare tells the bot of changes at once.",
        (".venv/bin/python -m bot webhook register",),
    ),
)


def guide(address: Address) -> Iterator[Node]:
    """Draw the list."""
    said = "The short way, in Socket Mode. Every other way is in docs/install.md, under the same headings."
    yield Node("guide-intro", tag("p", said, id="guide-intro", class_="intro"))
    for number, task in enumerate(TASKS, start=1):
        yield _task(str(number), task, address)


def _task(number: str, task: Task, address: Address) -> Node:
    done, node_id = number in address.done, f"guide-{number}"
    after = address.done - {number} if done else address.done | {number}
    tick = tag(
        "a",
        "✓" if done else number,
        href=address.url(done=after),
        class_="mark",
        role="checkbox",
        aria_checked=str(done).lower(),
        aria_label=task.heading,
    )
    commands: tuple[Html, ...] = tuple(tag("pre", command, tabindex=0) for command in task.commands)
    body = () if done else (tag("p", task.what), *commands)
    heading = tag("h3", tick, task.heading)
    return Node(node_id, tag("section", heading, *body, id=node_id, class_=f"step {'done' if done else ''}"))
