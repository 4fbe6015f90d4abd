"""Whom disconnected accounts concern: the number on the button and those who are asked come from one function."""

from bot.core.model import RefId, UserId
from bot.profiles.model import DisconnectedProfiles

ANA, BEN, CARA = UserId("U0ANA0001"), UserId("U0BEN0001"), UserId("U0CARA001")
GOOD, BROKEN = RefId("good"), RefId("broken")


def test_they_are_those_who_can_reconnect_an_account_besides_whoever_asks() -> None:
    held = [(ANA, BROKEN), (BEN, GOOD), (BEN, BROKEN), (CARA, GOOD)]
    assert DisconnectedProfiles(frozenset({BROKEN})).people(held, besides=ANA) == {BEN}
