"""`mappings`: who has which profile. Keys go in, through standard input or a file, and never come out."""

import typer

from bot.cli.mappings import changing, importing, listing

app = typer.Typer(no_args_is_help=True, help=__doc__)
app.command("set")(changing.set_mapping)
app.command("remove")(changing.remove_mapping)
app.command("list")(listing.list_mappings)
app.command("import")(importing.import_mappings)
app.command("export")(listing.export_mappings)
