"""`/connect map` with another key of a profile: links that were made with the old one end, whoever has them."""

import pytest

from bot.app import Bot
from bot.slack.actions import OPEN_LINK
from sandbox.server import Sandbox
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.mappings.mapping_helpers import form
from tests.mappings.removal_helpers import SESSION, card_of, page_of
from tests.modals import sees_modal
from tests.redis_probe import idle
from tests.users import OPENED


@pytest.mark.parametrize("overrides", [SESSION])
@pytest.mark.parametrize("key", ["NEWKEY12-KEY12345-AAAA1111-BBBB2222", ""], ids=["another", "the same"])
async def test_another_key_ends_everybodys_links_and_the_same_key_only_those_of_whoever_it_is_mapped_to(
    bot: Bot, person: Person, mapped: Map, sandbox: Sandbox, overrides: dict[str, str], key: str
) -> None:
    await mapped("ben", "Acme: Jane")
    ana, ben = person("ana"), person("ben", channel="random")
    card = await card_of(ben)
    await ben.clicks(card, OPEN_LINK.label)
    await ben.sees(OPENED)
    profile = next(one for one in sandbox.ayrshare.profiles if one.title == "Acme: Jane")
    profile.key = key or profile.key
    await (await form(ana, "key")).submits(key=profile.key)
    await (await sees_modal(ana, "Acme: Jane", "gets it")).submits()
    await sees_modal(ana, "has *Acme: Jane*")
    await idle(bot)
    if not key:
        assert await page_of(ben, card.url) == 200
        return
    await ben.sees("This link is cancelled.")

    async def dead() -> bool:
        return await page_of(ben, card.url) == 401

    await eventually(dead, "the link is revoked")
