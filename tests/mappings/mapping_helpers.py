"""What the tests of `/connect map` have in common."""

from bot.app import Bot
from bot.core.model import UserId
from sandbox.server import Sandbox
from tests.modals import SeenModal, modal_of, sees_modal
from tests.redis_probe import TEAM
from tests.users import Someone

ANA = UserId("U0ANA0001")
BEN = UserId("U0BEN0001")
CARA = UserId("U0CARA001")
DAN = UserId("U0DAN0001")
LABEL = {"create": "Title", "key": "Profile key", "known": "Choose a profile"}


async def form(who: Someone, how: str = "create", text: str = "map @dan") -> SeenModal:
    """Open the form, in place of what is open, and choose a way to a profile."""
    if (earlier := await modal_of(who)) is not None:
        await earlier.closes()
    assert (await who.types(text))["ok"]
    modal = await sees_modal(who, "Who gets the profile?")
    await modal.chooses("how", how)
    return await sees_modal(who, LABEL[how])


def key_of(sandbox: Sandbox, title: str) -> str:
    return next(profile.key for profile in sandbox.ayrshare.profiles if profile.title == title)


def asked(sandbox: Sandbox, call: str) -> int:
    """How often the bot asked Ayrshare for that."""
    return sum(str(one["call"]) == call for one in sandbox.ayrshare.calls.since())


def asked_for_nothing(sandbox: Sandbox) -> bool:
    """Whether the bot asked Ayrshare for nothing but how many profiles there are, which the form says."""
    return {str(one["call"]) for one in sandbox.ayrshare.calls.since()} <= {"GET /profiles"}


async def held_by(bot: Bot, user: UserId) -> list[str]:
    """The titles of the profiles mapped to a person, the default first."""
    titles = await bot.deps.profiles.all_titles(TEAM)
    return [titles[mapping.ref_id] for mapping in await bot.deps.mappings.of(TEAM, user)]


def no_longer_admin(sandbox: Sandbox, name: str) -> None:
    user = sandbox.slack.world.user(name)
    user.is_admin = user.is_owner = user.is_primary_owner = False
