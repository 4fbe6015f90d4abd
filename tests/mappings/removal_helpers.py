"""What the tests of unmapping and of handing over have in common."""

import pytest

from tests.users import Seen, Someone

SESSION = {"AYRSHARE_LINK_API": "session"}
BY_BOTH = pytest.mark.parametrize("overrides", [SESSION, {}], ids=["session", "jwt"])
COPIES_WORK = "Copies keep working"
NOT_YET_REVOKED = "Ayrshare hasn't revoked it yet: copies may work until"


async def card_of(who: Someone) -> Seen:
    await who.types()
    return await who.sees_a_card()


async def page_of(who: Someone, url: str | None) -> int:
    async with who.session.get(str(url)) as page:
        return page.status
