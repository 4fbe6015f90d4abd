"""A step that asks for one secret: it is checked the moment it is pasted, and asked for again until it is accepted."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import SecretStr

from bot.cli.boundary import stop
from bot.cli.setup import terminal
from bot.cli.setup.answers import save, without_name
from bot.settings import CommandSettings, SettingsError

S = TypeVar("S", bound=CommandSettings)

KINDS = {
    "xoxb-": "a bot token",
    "xapp-": "an app-level token",
    "xoxp-": "a user token",
    "xoxe": "a token for configuring or refreshing",
}


class Refused(Exception):
    """An answer isn't taken, with the sentence that says why."""


@dataclass(frozen=True)
class SecretStep(Generic[S]):
    """`check` returns what was found of an accepted secret, and raises Refused; `wanted` describes the secret."""

    variable: str
    wanted: str
    clicks: tuple[str, ...]
    settings: type[S]
    check: Callable[[S], Coroutine[Any, Any, str]]

    def take(self) -> None:
        """Return once an accepted secret is in `.env` or in the environment."""
        if self._is_there():
            return
        terminal.clicks(*self.clicks)
        while True:
            typed = terminal.ask_secret(f"Paste {self.wanted}")
            try:
                answer = self._read(typed)
                with terminal.unseen():
                    found = asyncio.run(self.check(answer))
            except Refused as refused:
                terminal.wrong(str(refused))
                continue
            save(self.variable, self._value(answer))
            terminal.done(found)
            return

    def _is_there(self) -> bool:
        """Return whether a secret that was given before is accepted; say so if it isn't."""
        try:
            answer = self.settings()
        except SettingsError as error:
            given = [one for one in error.problems if not one.endswith(": required")]
            if any(one.startswith(f"{self.variable}_FILE") for one in given):
                stop(*given, code=2)  # what is pasted would stand beside the file
            for one in given:
                terminal.wrong(one)
            return False
        try:
            terminal.done(asyncio.run(self.check(answer)))
        except Refused as refused:
            terminal.wrong(f"{self.variable} is set already, but: {refused}")
            return False
        return True

    def _read(self, typed: str) -> S:
        """Read a secret as the bot reads it from the environment; raise Refused."""
        if not typed:
            raise Refused("Nothing was pasted.")
        typed = without_name(typed)
        try:
            read: Callable[..., S] = self.settings
            return read(**{self.variable.lower(): typed})
        except SettingsError as error:
            problem = next(iter(error.problems)).partition(": ")[2]
            kind = next(
                (kind for prefix, kind in KINDS.items() if prefix not in self.wanted and typed.startswith(prefix)), ""
            )
            raise Refused(f"That's {kind}. Paste {self.wanted}." if kind else f"That {problem}.") from None

    def _value(self, answer: S) -> str:
        secret = getattr(answer, self.variable.lower())
        return secret.get_secret_value() if isinstance(secret, SecretStr) else str(secret)
