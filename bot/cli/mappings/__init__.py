"""`mappings`: who looks after which profile. Keys go in, through standard input or a file, and never come out."""

import typer

from bot.cli.mappings import edit, exporting, importing, listing, removing

app = typer.Typer(no_args_is_help=True, help=__doc__)
app.command("set")(edit.set_mapping)
app.command("remove")(removing.remove_mapping)
app.command("list")(listing.list_mappings)
app.command("import")(importing.import_mappings)
app.command("export")(exporting.export_mappings)
