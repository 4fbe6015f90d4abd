"""The command line: one module a command. Each reads only the settings that it needs."""

import typer

from bot.cli import audit, doctor, keys, mappings, run, webhook

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command("run")(run.run)
app.command("worker")(run.worker)
app.command("doctor")(doctor.doctor)
app.command("audit")(audit.audit)
app.command("manifest")(run.manifest)
app.add_typer(mappings.app, name="mappings")
app.add_typer(keys.app, name="keys")
app.add_typer(webhook.app, name="webhook")
