"""Whom disconnected accounts concern: the number on the button and those who are asked come from one function."""

from bot.core.model import RefId, UserId
from bot.profiles.model import ProfileHealth, with_disconnected

ANA, BEN, CARA = UserId("U0ANA0001"), UserId("U0BEN0001"), UserId("U0CARA001")
GOOD, BROKEN, UNSEEN = RefId("good"), RefId("broken"), RefId("unseen")


def test_they_are_those_with_a_disconnected_account_besides_whoever_asks() -> None:
    health = {GOOD: ProfileHealth.CONNECTED, BROKEN: ProfileHealth.DISCONNECTED}
    held = [(ANA, BROKEN), (BEN, GOOD), (BEN, BROKEN), (CARA, GOOD), (CARA, UNSEEN)]
    assert with_disconnected(held, health, besides=ANA) == {BEN}
