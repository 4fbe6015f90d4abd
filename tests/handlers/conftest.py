"""People whom the tests of the windows have in common."""

from collections.abc import Callable

import pytest

from sandbox.server import Sandbox
from tests.conftest import Person
from tests.office import Someone


@pytest.fixture
def ana(person: Person) -> Someone:
    return person("ana")


@pytest.fixture
def ben(person: Person) -> Someone:
    return person("ben", channel="random")


@pytest.fixture
def dm(person: Person, sandbox: Sandbox) -> Callable[[str], Someone]:
    """Somebody in front of the bot's direct message with them."""
    return lambda name: person(name, channel=sandbox.slack.world.dm_of(name))
