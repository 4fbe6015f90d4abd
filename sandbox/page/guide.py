"""Set it up in my workspace: the steps of `connectbot setup`, to tick off; what is ticked stands in the address."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.drawing.html import Html, tag
from sandbox.page.address import Address
from sandbox.page.nodes import Node


@dataclass(frozen=True)
class Task:
    """Something to do, under its heading in `connectbot setup`, with the commands for it."""

    heading: str
    what: str
    commands: tuple[str, ...] = ()


TASKS = (
    Task(
        "Install the bot",
        "Python 3.11 to 3.13, on Linux or macOS. A Redis isn't needed. From a clone: make setup, and "
        ".venv/bin/connectbot in place of connectbot. The rest of this list is what setup walks you through.",
        ("connectbot setup",),
    ),
    Task(
        "How Slack reaches the bot",
        "Choose Socket Mode, which needs no public address. Over HTTP, the bot's address and a signing secret take the "
        "place of the second token.",
    ),
    Task(
        "Create the Slack app",
        "setup opens Slack's page with the manifest filled in. Pick your workspace, press Next, then Create.",
    ),
    Task(
        "Install it in your workspace",
        "OAuth & Permissions, Install to your workspace, Allow. Copy the Bot User OAuth Token (xoxb-…).",
    ),
    Task(
        "A token for Socket Mode",
        "Basic Information, App-Level Tokens, Generate Token and Scopes, Add Scope, connections:write, Generate. Copy "
        "the token (xapp-…).",
    ),
    Task(
        "Your Ayrshare account",
        "A plan with User Profiles: Launch, Business or Enterprise. Copy the key on the page API Key of the Primary "
        "Profile.",
    ),
    Task(
        "The first profile: yours",
        "A new one, or one that exists: switch to it under User Profiles, and copy the key on its page Profile Key. "
        "setup ends with a check of everything.",
        ("connectbot run", "/connect"),
    ),
)


def guide(address: Address) -> Iterator[Node]:
    """Draw the list."""
    said = "The short way, in Socket Mode. Every other way is in docs/install.md."
    yield Node("guide-intro", tag("p", said, id="guide-intro", class_="intro"))
    for number, task in enumerate(TASKS, start=1):
        yield _task(str(number), task, address)


def _task(number: str, task: Task, address: Address) -> Node:
    done, node_id = number in address.done, f"guide-{number}"
    after = address.done - {number} if done else address.done | {number}
    does = tag("span", f"{'Untick' if done else 'Tick off'}: {task.heading}", class_="sr")
    mark = tag("span", "✓" if done else number, aria_hidden="true")
    tick = tag("a", mark, does, href=address.url(done=after), class_="mark")
    commands: tuple[Html, ...] = tuple(tag("pre", command, tabindex=0) for command in task.commands)
    body = () if done else (tag("p", task.what), *commands)
    heading = tag("h3", tick, task.heading)
    return Node(node_id, tag("section", heading, *body, id=node_id, class_=f"step {'done' if done else ''}"))
