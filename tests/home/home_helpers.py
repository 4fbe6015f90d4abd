"""The Home tab as someone sees it without opening it again, and many mappings at once."""

from collections.abc import Mapping
from hashlib import sha1
from typing import Any

from pydantic import SecretStr

from bot.app import Bot
from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId, UserId
from bot.mappings.imports.store import Batch, ImportStore, UserMappings
from bot.slack.menu import MENU
from sandbox.server import Sandbox
from sandbox.slack.payloads import shown_view
from tests.eventually import eventually
from tests.modals import SeenModal, opens_home
from tests.users import Seen, Someone


def home_of(sandbox: Sandbox, who: Someone) -> SeenModal | None:
    """Return what someone's Home tab shows."""
    view = sandbox.slack.views.homes.get(sandbox.slack.world.user(who.name).id)
    return SeenModal(who, shown_view(sandbox.slack, view)) if view else None


async def has_at_home(sandbox: Sandbox, who: Someone, *words: str, but: str = "\0", within: float = 5.0) -> SeenModal:
    """Wait until the Home tab shows all the words, and not `but`."""
    last: list[str] = []

    async def look() -> SeenModal | None:
        home = home_of(sandbox, who)
        last[:] = [home.words if home else "nothing"]
        return home if home and all(word in home.words for word in words) and but not in home.words else None

    return await eventually(look, f"{who.name} has {words} at home", within=within, last=lambda: last)


async def opens(sandbox: Sandbox, who: Someone, *words: str, but: str = "\0") -> SeenModal:
    """Open the Home tab once, and wait until it shows all the words."""
    await opens_home(who)
    return await has_at_home(sandbox, who, *words, but=but)


def published(sandbox: Sandbox) -> int:
    """Count the calls of `views.publish`."""
    return sum(call["call"] == "views.publish" for call in sandbox.slack.calls.since())


def asked(sandbox: Sandbox) -> int:
    """Count the calls to Ayrshare for a profile's accounts."""
    return sum("/user" in str(call) for call in sandbox.ayrshare.calls.since())


async def settled(sandbox: Sandbox, *, publishes: int) -> None:
    """Wait until `views.publish` was called so often."""

    async def look() -> bool:
        return published(sandbox) >= publishes

    await eventually(look, f"{publishes} drawings", last=lambda: published(sandbox))


async def shown(bot: Bot, *, times: int) -> None:
    """Wait until Home was shown so often, second drawings included."""
    labels = {"interaction": "open_home", "outcome": "ok"}

    async def look() -> bool:
        return bot.deps.metrics.registry.get_sample_value("connectbot_interactions_total", labels) == times

    await eventually(look, f"Home was shown {times} times")


async def fill(bot: Bot, sandbox: Sandbox, profiles: Mapping[str, list[str]], *, key: str = "") -> None:
    """Map profiles of these titles to people, by name or ID; an empty name maps them to nobody.

    Ayrshare knows them all as *Acme: Jane*, unless another `key` is given.
    """
    store = bot.deps.profiles
    people = {user.name: user.id for user in sandbox.slack.world.users.values()}
    secret = SecretStr(key or sandbox.ayrshare.profiles[0].key)
    made = {user: [Profile(_ref_id(title), title, secret) for title in titles] for user, titles in profiles.items()}
    batch = Batch(
        profiles=tuple({profile.ref_id: profile for several in made.values() for profile in several}.values()),
        people=tuple(
            UserMappings(UserId(people.get(user, user)), tuple(profile.ref_id for profile in several))
            for user, several in made.items()
            if user
        ),
    )
    await ImportStore(store.connection, store).apply(TeamId(sandbox.slack.world.team.id), batch, by="test")


def _ref_id(title: str) -> RefId:
    return RefId(sha1(title.encode(), usedforsecurity=False).hexdigest())


def titles(raw: Mapping[str, Any]) -> list[str]:
    """The titles of an overview's rows, from top to bottom."""
    return [_title(block) for block in raw["blocks"] if str(block["block_id"]).startswith("row:")]


async def uses_row(seen: Seen | SeenModal, who: Someone, title: str, label: str) -> None:
    """Choose an entry in the ⋯ menu of a profile's row, in a list or on Home."""
    block = next(one for one in seen.raw["blocks"] if one["block_id"].startswith("row:") and _title(one) == title)
    where = {"message_ts": seen.ts} if isinstance(seen, Seen) else {"view_id": seen.raw["id"]}
    result = await who.post("click", **where, action_id=MENU, block_id=block["block_id"], value=label)
    assert result["ok"], result


def row_menu(seen: Seen | SeenModal, title: str) -> list[str]:
    """What a row's ⋯ menu offers."""
    block = next(one for one in seen.raw["blocks"] if one["block_id"].startswith("row:") and _title(one) == title)
    return [option["text"]["text"] for option in block["accessory"]["options"]]


def _title(block: Mapping[str, Any]) -> str:
    return str(block["text"]["text"].partition("*")[2].partition("*")[0])
