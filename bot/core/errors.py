"""The base of all failures that people or operators are told about; each feature's errors.py has its own."""

from dataclasses import dataclass
from typing import ClassVar

from bot.core.model import Button, UserId


@dataclass(frozen=True, slots=True)
class NextStep:
    """A button that a failure offers, with its value."""

    button: Button
    value: str = ""


class ConnectbotError(Exception):
    """A known failure: `kind` names it in logs and metrics, `sentence` and `next_step` are for people.

    A class with only one sentence states it as `says`. `passes`: the same may succeed soon, and whoever
    typed it can repeat it by a button. `shuts_out`: the bot serves this person nothing, so no button leads on.
    """

    kind: ClassVar[str] = "unknown"
    says: ClassVar[str] = ""
    passes: bool = False
    shuts_out: ClassVar[bool] = False

    def __init__(self, sentence: str = "", *, next_step: NextStep | None = None) -> None:
        sentence = sentence or self.says
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step

    def seen_by(self, viewer: UserId | None) -> str:  # noqa: ARG002 - errors about a person tell them apart
        """Return the sentence as a person reads it, who may be the one that it is about."""
        return self.sentence

    def step_for(self, viewer: UserId | None) -> NextStep | None:  # noqa: ARG002 - errors about a person tell them apart
        """Return the button for a person, who may be the one that it is about."""
        return self.next_step


class Reported(Exception):
    """A failure that the person has been shown already, so that the boundary only logs and counts it."""

    def __init__(self, failure: ConnectbotError) -> None:
        super().__init__(failure.sentence)
        self.failure = failure
