"""The Dockerfile as a list of instructions: as much of its language as ours uses.

https://docs.docker.com/reference/dockerfile/
"""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    """One instruction; `flags` are its `--name=value`."""

    name: str
    rest: str
    flags: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """What is behind the name: an exec form in JSON, or words as a shell splits them."""
        return list(json.loads(self.rest)) if self.rest.startswith("[") else shlex.split(self.rest)


@dataclass(frozen=True)
class Stage:
    """A stage: the image that it begins with, its own name, and what is done in it."""

    base: str
    name: str
    instructions: list[Instruction]

    def last(self, name: str) -> Instruction:
        return [instruction for instruction in self.instructions if instruction.name == name][-1]


def read_dockerfile(path: Path) -> list[Stage]:
    """Return the stages, in their order."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    text = re.sub(r"\\\n", " ", "\n".join(lines))
    stages: list[Stage] = []
    for instruction in map(_instruction, filter(str.strip, text.splitlines())):
        if instruction.name == "FROM":
            base, _, name = instruction.rest.partition(" AS ")
            stages.append(Stage(base, name, []))
        else:
            stages[-1].instructions.append(instruction)
    return stages


def _instruction(line: str) -> Instruction:
    name, _, rest = line.strip().partition(" ")
    flags = {}
    while match := re.match(r"--([\w-]+)=(\S+)\s+", rest := rest.strip()):
        flags[match[1]] = match[2]
        rest = rest[match.end() :]
    return Instruction(name, rest, flags)
