"""The command line: one module a command. Each reads only the settings that it needs."""

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_group

from bot import VERSION

COMMANDS = {
    "demo": (
        "demo:demo",
        "Try the bot between a local Slack and a local Ayrshare; needs no settings and no account.",
    ),
    "setup": (
        "setup:setup",
        "Set the bot up step by step: what to click at Slack and Ayrshare, each answer checked and kept in .env.",
    ),
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
        "status:status",
        "Show what is due and how late, who works, and what is down; exit 1 if anything is wrong.",
    ),
    "jobs list": (
        "jobs:list_jobs",
        "List the jobs that were set aside, because they failed for a day for a reason that nobody knows.",
    ),
    "jobs retry": ("jobs:retry_jobs", "Have jobs done again that were set aside: those named, or all."),
    "audit": ("audit:audit", "Show the audit log, oldest first."),
    "texts": ("texts:texts", "Print every surface and every refusal as people see it."),
    "manifest": ("run:manifest", "Print the Slack app's manifest as JSON, for HTTP at PUBLIC_URL or for Socket Mode."),
    "postman": (
        "postman:postman",
        "Print a Postman collection of the links API and of the calls to Ayrshare; its secrets are variables.",
    ),
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
    "api-keys create": (
        "api_keys:create",
        "Make a key with which an app may ask for links over HTTP; it is shown once, and only its hash is stored.",
    ),
    "api-keys list": ("api_keys:list_keys", "List the API keys, what they are for, and when they were last used."),
    "api-keys revoke": ("api_keys:revoke", "Revoke an API key, which works no more from then on."),
    "workspaces list": (
        "workspaces:list_workspaces",
        "List the workspaces and organizations that have installed the app.",
    ),
    "workspaces remove": (
        "workspaces:remove_workspace",
        "Uninstall the app from a workspace or organization, end its links, and delete all its data now.",
    ),
    "workspaces set": (
        "workspaces:set_workspace",
        "Read an Ayrshare API key from standard input: the workspace's own account, in place of AYRSHARE_API_KEY.",
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
        "Have Ayrshare tell PUBLIC_URL what was connected, signed with AYRSHARE_WEBHOOK_SECRET; repeat after changes.",
    ),
    "webhook show": ("webhook:show", "Show whom Ayrshare tells what was connected; the secret can't be shown."),
    "webhook remove": (
        "webhook:remove",
        "Let Ayrshare tell nobody what was connected: the bot then asks for itself, sparingly.",
    ),
}
"""Each command's function, and the first paragraph of its docstring, so that help imports no command."""

GROUPS = {
    "mappings": "Who has which profile. Keys go in through standard input or a file, and never come out.",
    "workspaces": "Workspaces that have installed the app by OAuth, where there are many.",
    "keys": "Change the encryption keys while the bot runs.",
    "api-keys": "Who may ask for links over HTTP.",
    "jobs": "Jobs that were set aside after failing for a day.",
    "webhook": "Have Ayrshare tell the bot what was connected, for all profiles without a webhook of their own.",
}
"""The first words of commands, and what they are about."""

HELP = "connectbot: people connect their social accounts to Ayrshare without leaving Slack."
EXAMPLES = {
    "": (
        "connectbot doctor",
        "connectbot mappings set T0123ABC U0456DEF < key.txt",
        "connectbot mappings list --profile acme",
        "connectbot audit --since 7d",
    ),
    "audit": ("connectbot audit --since 7d", "connectbot audit --user @ben --json", "connectbot audit | cut -f1,3,4"),
    "demo": ("connectbot demo", "connectbot demo SANDBOX_PORT=8081", "connectbot demo SCRIPT=1"),
    "doctor": ("connectbot doctor", "connectbot doctor --json | jq .ok"),
    "manifest": ("connectbot manifest --socket > manifest.json",),
    "postman": ("connectbot postman > connectbot.postman_collection.json",),
    "mappings set": (
        "connectbot mappings set T0123ABC U0456DEF < key.txt",
        "connectbot mappings set T0123ABC @ben --default < key.txt",
    ),
    "mappings remove": (
        "connectbot mappings remove T0123ABC U0456DEF",
        "connectbot mappings remove T0123ABC @ben acme",
    ),
    "mappings forget-profile": ("connectbot mappings forget-profile T0123ABC acme",),
    "mappings list": ("connectbot mappings list --profile acme", "connectbot mappings list --json | jq -r .title"),
    "mappings import": ("connectbot mappings import people.csv", "connectbot mappings import people.csv --apply"),
    "mappings export": ("connectbot mappings export > people.csv",),
    "api-keys create": (
        "connectbot api-keys create --name Bubble",
        "connectbot api-keys create --name Intranet --profiles 1f3c…,9a2b… --days 90",
    ),
    "api-keys revoke": ("connectbot api-keys revoke 5f0c1a9e",),
    "jobs retry": ("connectbot jobs list", "connectbot jobs retry"),
    "status": ("connectbot status", "connectbot status --json | jq .wrong"),
    "workspaces set": (
        "connectbot workspaces set T0123ABC < api-key.txt",
        "connectbot workspaces set T0123ABC --common",
    ),
    "keys rotate": ("connectbot keys generate", "connectbot keys rotate"),
    "webhook register": ("PUBLIC_URL=https://bot.example.com connectbot webhook register",),
}
"""What to type, by command."""


class LazyCommand(TyperCommand):
    """A command whose callback returns the real one; it is called only when the command is used."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Import the command, and have it parse its arguments."""
        return self.invoke(typer.Context(self)).make_context(*args, **extra)


def _examples(words: str) -> str | None:
    lines = "\n".join(f"  {line}" for line in EXAMPLES.get(words, ()))
    return f"\b\nExamples:\n{lines}" if lines else None


def real_command(words: str) -> Any:
    """Import a command, and return it."""
    module, _, function = COMMANDS[words][0].partition(":")
    loaded, name = _typer(), words.rpartition(" ")[2]
    loaded.command(name, epilog=_examples(words))(getattr(import_module(f"bot.cli.{module}"), function))
    return get_group(loaded).commands[name]


def _add(group: typer.Typer, words: str, summary: str) -> None:
    @group.command(words.rpartition(" ")[2], cls=LazyCommand, help=summary, short_help=summary)
    def load() -> Any:
        return real_command(words)


def _typer(**more: Any) -> typer.Typer:
    """Return a group whose help has no boxes: it is made without rich, in half the time."""
    return typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False, **more)


def _on_version(asked: bool) -> None:  # noqa: FBT001 - typer's form
    if asked:
        typer.echo(f"connectbot {VERSION}")
        raise typer.Exit


app = _typer()


@app.callback(no_args_is_help=True, help=HELP, epilog=_examples(""))
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_on_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take what stands before the command."""


_groups = {"": app} | {name: _typer(no_args_is_help=True, help=text) for name, text in GROUPS.items()}
for _name, _about in GROUPS.items():
    app.add_typer(_groups[_name], name=_name, short_help=_about)
for _words, (_, _summary) in COMMANDS.items():
    _add(_groups[_words.rpartition(" ")[0]], _words, _summary)
