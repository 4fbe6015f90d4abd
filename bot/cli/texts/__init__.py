"""`texts`: every surface and every refusal as people see it, made by the real views and errors from sample values."""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import typer

import bot
from bot.cli.texts.render import rendered
from bot.cli.texts.samples import BEN, NAMES, samples_of
from bot.core.errors import ConnectbotError
from bot.core.model import Message
from bot.slack.blocks import refusal, typed_again
from bot.slack.model import Home, Modal

SHOWN = (Message, Modal, Home, str)
NO_SURFACES = ("_metadata",)
"""How the names of views end whose texts nobody reads."""


class Text(NamedTuple):
    """What people see of a view or an error, which `made_by` names.

    `unusual` is where the sample differs from the first one; `new` are the lines that no earlier sample of it has.
    """

    made_by: str
    unusual: str
    shown: Message | Modal | Home | str
    new: tuple[str, ...]


def texts() -> None:
    """Print every surface and every refusal as people see it.

    The values in them are samples. The first sample of each is whole; of the others there are the lines that differ. A
    message begins with its `text`, which phones show as a notification.
    """
    for text in all_texts():
        typer.echo(f"\n== {text.made_by}" if not text.unusual else f"-- {text.unusual}")
        typer.echo("\n".join(f"   {line}".rstrip() for line in text.new))


def all_texts() -> Iterator[Text]:
    """Yield what each public view and each error with a sentence shows; raise NoSample."""
    for view in views():
        yield from _texts(view, view)
    for error in errors():
        yield from _texts(error, lambda refused=error, **values: _refused(refused, values))


def views() -> Iterator[Callable[..., Any]]:
    """Yield the public functions of all modules of views that return something to show."""
    for module in _modules():
        for name, view in sorted(vars(module).items()) if module.__name__.endswith("views") else ():
            own = inspect.isfunction(view) and view.__module__ == module.__name__ and not name.startswith("_")
            if own and typing.get_type_hints(view)["return"] in SHOWN and not name.endswith(NO_SURFACES):
                yield view


def errors() -> Iterator[type[ConnectbotError]]:
    """Yield all known failures, by name."""
    for _ in _modules():
        pass
    found = {f"{one.__module__}.{one.__name__}": one for one in _specialised(ConnectbotError)}
    yield from (found[name] for name in sorted(found) if name.startswith("bot."))


def _texts(made_by: Callable[..., Any], show: Callable[..., Any]) -> Iterator[Text]:
    name, seen = f"{made_by.__module__.removeprefix('bot.')}.{made_by.__name__}", {""}
    for unusual, values in samples_of(made_by):
        shown = show(**values)
        lines = rendered(shown, NAMES)
        new = tuple(lines if seen == {""} else (line for line in lines if line not in seen))
        seen.update(lines)
        if any(new):
            yield Text(name, unusual, shown, new)


def _refused(error: type[ConnectbotError], values: dict[str, Any]) -> Message | str:
    made = error(**values)
    return refusal(made, BEN, again=typed_again("status")) if made.sentence else ""


def _specialised(error: type[ConnectbotError]) -> Iterator[type[ConnectbotError]]:
    for one in error.__subclasses__():
        yield one
        yield from _specialised(one)


def _modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(bot.__path__, "bot."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)
