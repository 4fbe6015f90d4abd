"""A profile that nobody has and that Ayrshare has deleted is forgotten, with its key: in Home, the list, the shell."""

from datetime import UTC, datetime

import pytest

from bot.app import Bot
from bot.ayrshare.model import Profile
from bot.profiles.model import Snapshot
from bot.slack.actions import FORGET_PROFILE, STATUS_OF
from sandbox.server import Sandbox
from tests.commands import command
from tests.conftest import Map
from tests.mappings.mapping_helpers import BEN
from tests.modals import SeenModal, sees_modal
from tests.redis_probe import TEAM, redis_of, trail
from tests.users import Seen, Someone

ACME = "Acme: Jane"


@pytest.fixture
async def unmapped(mapped: Map, bot: Bot) -> Profile:
    """A profile that was taken from Ben, and looked stale at the last look."""
    profile = await mapped("ben", ACME)
    await bot.deps.mappings.remove(TEAM, BEN, profile.ref_id, by="test")
    await bot.deps.snapshots.save(TEAM, profile.ref_id, Snapshot(datetime.now(UTC), stale=True))
    return profile


async def remains(bot: Bot, profile: Profile) -> bool:
    """Whether anything of the profile is stored: its key, or what was seen of it."""
    keys = [f"connectbot:{{{TEAM}}}:{name}" for name in ("profiles", "snapshots")]
    return any([await redis_of(bot).hexists(key, profile.ref_id) for key in keys])


async def status_of(ana: Someone, listed: Seen | None = None) -> SeenModal:
    """Open the status of the profile from the list."""
    if listed is None:
        await ana.types("list refused")
        listed = await ana.sees(ACME)
    await ana.clicks(listed, STATUS_OF.label)
    return await sees_modal(ana, ACME, FORGET_PROFILE.label)


async def test_in_the_status(ana: Someone, unmapped: Profile, sandbox: Sandbox, bot: Bot) -> None:
    sandbox.ayrshare.delete(ACME)
    modal = await status_of(ana)
    assert "this can't be undone" in modal.element(FORGET_PROFILE.label)["confirm"]["text"]["text"]
    await modal.clicks(FORGET_PROFILE.label)
    await sees_modal(ana, "Forgotten. I've deleted its key, too.")
    assert not await remains(bot, unmapped)
    assert [(row.by, row.ref_id) for row in await trail(bot, "profile_forgotten")] == [("U0ANA0001", unmapped.ref_id)]


async def test_one_that_ayrshare_still_has_is_kept(ana: Someone, unmapped: Profile, sandbox: Sandbox, bot: Bot) -> None:
    sandbox.ayrshare.suspend(ACME)
    await (await status_of(ana)).clicks(FORGET_PROFILE.label)
    await sees_modal(ana, "Ayrshare still has that profile")
    assert await remains(bot, unmapped)


async def test_one_that_was_mapped_meanwhile_is_kept(
    ana: Someone, unmapped: Profile, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    sandbox.ayrshare.suspend(ACME)
    modal = await status_of(ana)
    await mapped("cara", ACME)
    sandbox.ayrshare.delete(ACME)
    await modal.clicks(FORGET_PROFILE.label)
    await sees_modal(ana, "One person has that profile. Unmap it first.")
    assert await remains(bot, unmapped)


async def test_a_profile_that_somebody_has_is_kept_whatever_its_id(
    mapped: Map, bot: Bot, environment: dict[str, str]
) -> None:
    for ref_id in ("ab/cd", 'a"b', "a\\b", "é\u2028"):
        profile = await mapped("ben", ACME, ref_id=ref_id)
        assert await bot.deps.mappings.holders(TEAM, profile.ref_id) == (BEN,)
        ended = await command("mappings", "forget-profile", TEAM, ref_id, "--no-check", environment=environment)
        assert (ended.code, "One person has that profile." in ended.err) == (1, True)
        assert await remains(bot, profile)


async def test_members_cannot(ana: Someone, unmapped: Profile, sandbox: Sandbox, bot: Bot) -> None:
    sandbox.ayrshare.delete(ACME)
    modal = await status_of(ana)
    await ana.post("person", flags={"is_admin": False, "is_owner": False, "is_primary_owner": False})
    await modal.clicks(FORGET_PROFILE.label)
    await sees_modal(ana, "Only admins can do that")
    assert await remains(bot, unmapped)


async def test_on_the_bots_machine(unmapped: Profile, sandbox: Sandbox, bot: Bot, environment: dict[str, str]) -> None:
    words = ("mappings", "forget-profile", TEAM)
    kept = await command(*words, ACME, environment=environment)
    assert (kept.code, "Ayrshare still has that profile" in kept.err) == (1, True)
    sandbox.ayrshare.delete(ACME)
    forgotten = await command(*words, unmapped.ref_id, environment=environment)
    assert (forgotten.code, forgotten.out) == (0, f"'{ACME}' is forgotten, and its key with it.\n")
    assert not await remains(bot, unmapped)
    again = await command(*words, ACME, environment=environment)
    assert (again.code, "has no such profiles" in again.err) == (1, True)


async def test_without_asking_ayrshare(unmapped: Profile, bot: Bot, environment: dict[str, str]) -> None:
    ended = await command("mappings", "forget-profile", TEAM, ACME, "--no-check", environment=environment)
    assert ended.code == 0
    assert not await remains(bot, unmapped)
