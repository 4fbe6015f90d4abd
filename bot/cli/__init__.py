"""The command line: one module a command. Each reads only the settings that it needs."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_group

COMMANDS = {
    "run": ("run:run", "Run the bot: over Socket Mode when SLACK_APP_TOKEN is set, else over HTTP."),
    "worker": ("run:worker", "Run one more worker: it does what is due later, and hears nothing from Slack."),
    "doctor": (
        "doctor:doctor",
        "Check settings, Slack, Redis, encryption keys, Ayrshare and PUBLIC_URL; exit 1 if anything is wrong.",
    ),
    "repair": (
        "repair:repair",
        "Save what can be saved of a damaged file of the embedded server in DATA_DIR; a copy of the file is kept.",
    ),
    "status": (
        "jobs:status",
        "Show for each workspace how many jobs are planned, how late the first is, and how many are set aside.",
    ),
    "jobs list": (
        "jobs:list_jobs",
        "List the jobs that were set aside, because they failed for a day for a reason that nobody knows.",
    ),
    "jobs retry": ("jobs:retry_jobs", "Have jobs done again that were set aside: those named, or all."),
    "audit": ("audit:audit", "Show the audit trail, oldest first."),
    "texts": ("texts:texts", "Print every surface and every refusal as people see it."),
    "manifest": ("run:manifest", "Print the Slack app's manifest as JSON, for HTTP at PUBLIC_URL or for Socket Mode."),
    "mappings set": (
        "mappings.changing:set_mapping",
        "Read a profile key from standard input and map its profile to a person.",
    ),
    "mappings remove": (
        "mappings.changing:remove_mapping",
        "Unmap a profile from a person and end their links to it; they are revoked if AYRSHARE_API_KEY is set.",
    ),
    "mappings forget-profile": (
        "mappings.forgetting:forget",
        "Delete a profile that nobody has and that Ayrshare has deleted: its stored key, and what was seen of it.",
    ),
    "mappings list": ("mappings.listing:list_mappings", "List who has which profile."),
    "mappings import": (
        "mappings.importing:import_mappings",
        "Add the mappings of a CSV file: all of them, or none if anything is wrong.",
    ),
    "mappings export": (
        "mappings.listing:export_mappings",
        "Write the mappings to standard output in the columns of `import`; the column of keys is empty.",
    ),
    "keys generate": (
        "keys:generate",
        "Make a new encryption key: into DATA_DIR's key file, or printed for ENCRYPTION_KEYS where that is in use.",
    ),
    "keys rotate": (
        "keys:rotate",
        "Put every stored profile key under the newest encryption key, and tell when the older keys may go.",
    ),
    "webhook register": (
        "webhook:register",
        "Let Ayrshare tell PUBLIC_URL what got linked, signed with AYRSHARE_WEBHOOK_SECRET; again after each change.",
    ),
    "webhook show": ("webhook:show", "Show whom Ayrshare tells what got linked; the secret can't be shown."),
    "webhook remove": (
        "webhook:remove",
        "Let Ayrshare tell nobody what got linked: the bot then asks for itself, sparingly.",
    ),
}
"""Each command's function, and the first paragraph of its docstring, so that help imports no command."""

GROUPS = {
    "mappings": "`mappings`: who has which profile. Keys go in, through standard input or a file, and never come out.",
    "keys": "`keys`: new encryption keys, and what is stored put under the newest while the bot serves.",
    "jobs": "`jobs`: what was set aside after failing for a day, done again; and `status`: what is due, and how late.",
    "webhook": (
        "`webhook`: let Ayrshare tell this bot what got linked, for all profiles that have no webhook of their own."
    ),
}
"""The first words of commands, and their modules' docstrings."""


class LazyCommand(TyperCommand):
    """A command whose callback returns the real one; it is called only when the command is used."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Import the command, and have it parse its arguments."""
        return self.invoke(typer.Context(self)).make_context(*args, **extra)


def _add(group: typer.Typer, name: str, target: str, summary: str) -> None:
    @group.command(name, cls=LazyCommand, help=summary)
    def load() -> Any:
        module, _, function = target.partition(":")
        loaded = typer.Typer()
        loaded.command(name)(getattr(import_module(f"bot.cli.{module}"), function))
        return get_group(loaded).commands[name]


app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
_groups = {"": app} | {name: typer.Typer(no_args_is_help=True, help=text) for name, text in GROUPS.items()}
for _name in GROUPS:
    app.add_typer(_groups[_name], name=_name)
for _words, (_target, _summary) in COMMANDS.items():
    _group, _, _command = _words.rpartition(" ")
    _add(_groups[_group], _command, _target, _summary)
