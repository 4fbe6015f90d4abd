"""The main surfaces, in the order in which one demo comes to show them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.invitations.views import PERSON
from bot.slack.actions import ASK_ADMIN, DISMISS, MUTE, OPEN_LINK, SEND_ANYWHERE, STATUS_OF
from tests.eventually import eventually
from tests.modals import sees_modal
from tests.users import OPENED, Someone

MESSAGE, MODAL, HOME, WORST_ROW = ".message:last-of-type", ".modal", ".home", ":nth-match(.home .section, 2)"
"""What is cut out of somebody's Slack."""
MENU, QUESTION = ".overflow", ".confirm[open]"
"""A ⋯ menu's button, and what asks before a button does anything."""
NOTE = "We want to post on Friday. Can you connect TikTok before that?"


@dataclass(frozen=True)
class Stage:
    """The demo with everybody in it."""

    person: Callable[[str, str], Awaitable[Someone]]


@dataclass(frozen=True)
class Scene:
    """One picture: whose Slack it is, in front of which place, what is cut out, and what happens before.

    `pressed` is the selector of what is pressed in it, so that a menu or a question opens.
    """

    name: str
    seat: str
    shows: str
    happens: Callable[[Stage], Awaitable[None]]
    pressed: str = ""


async def _card(stage: Stage) -> None:
    ben = await stage.person("ben", "general")
    await ben.types("status")
    await ben.sees("LinkedIn")
    await ben.types()
    await ben.sees_a_card()


async def _countdown(stage: Stage) -> None:
    ben = await stage.person("ben", "general")
    await ben.clicks(await ben.sees_a_card(), OPEN_LINK.action_id)
    await ben.sees(OPENED)


async def _done(stage: Stage) -> None:
    ben = await stage.person("ben", "general")
    card = await ben.sees_a_card()
    async with ben.session.post(str(card.url), data={"link": "linkedin"}) as page:
        page.raise_for_status()
    await ben.sees("LinkedIn reconnected")


async def _nothing(_stage: Stage) -> None:
    """Show what the scene before has left."""


async def _broken(stage: Stage) -> None:
    cara = await stage.person("cara", "random")
    await cara.types("team")
    await cara.sees("disconnected")


async def _request(stage: Stage) -> None:
    cara = await stage.person("cara", "random")
    await cara.types(f"send @ben {NOTE}")
    await (await stage.person("ben", "app")).sees("Can you connect TikTok")
    await (await stage.person("cara", "app")).sees("has your request")


async def _refusal(stage: Stage) -> None:
    dan = await stage.person("dan", "general")
    await dan.types()
    await dan.sees("You don't have a profile yet.")


async def _asks(stage: Stage) -> None:
    dan = await stage.person("dan", "general")
    await dan.clicks(await dan.sees("You don't have a profile yet."), ASK_ADMIN.action_id)
    await (await stage.person("ana", "app")).sees("would like a profile")


async def _help(stage: Stage) -> None:
    ben = await stage.person("ben", "general")
    await ben.types("help")
    await ben.sees("See status")


async def _status(stage: Stage) -> None:
    cara = await stage.person("cara", "general")
    await cara.types("status")
    await cara.sees("Globex", "Acme: Team")


async def _home(stage: Stage) -> None:
    ana = await stage.person("ana", "general")
    async with ana.session.get(f"{ana.url}/control/home", params={"user": "ana"}) as home:
        home.raise_for_status()


async def _own_home(stage: Stage) -> None:
    cara = await stage.person("cara", "general")
    async with cara.session.get(f"{cara.url}/control/home", params={"user": "cara"}) as home:
        home.raise_for_status()


async def _dropped(stage: Stage) -> None:
    """Two accounts of Cara's get locked; she hears of both in one message when it is day where she is."""
    cara = await stage.person("cara", "app")
    async with cara.session.get(f"{cara.url}/control/clock") as clock:
        now = datetime.fromtimestamp((await clock.json())["now"], UTC)
    await _control(cara, "ayrshare", do="unlink", profile="Globex", network="youtube")
    await _control(cara, "ayrshare", do="unlink", profile="Acme: Team", network="facebook")
    await _control(cara, "clock", to=int(next_noon(now, in_zone="America/New_York").timestamp()))

    async def a_minute_later() -> bool:
        await _control(cara, "clock", seconds=61)
        return any("YouTube" in message.text and "disconnected" in message.text for message in await cara.messages())

    await eventually(a_minute_later, "Cara hears of it")


async def _control(who: Someone, call: str, **body: object) -> None:
    async with who.session.post(f"{who.url}/control/{call}", json=body) as done:
        done.raise_for_status()


def next_noon(now: datetime, *, in_zone: str) -> datetime:
    """Return the next noon in a time zone."""
    local = now.astimezone(ZoneInfo(in_zone))
    noon = local.replace(hour=12, minute=0, second=0, microsecond=0)
    return noon if noon > local else noon + timedelta(days=1)


async def _unmap(stage: Stage) -> None:
    ana = await stage.person("ana", "general")
    await ana.types("unmap @ben")
    await sees_modal(ana, "They have no other profile.")


async def _map(stage: Stage) -> None:
    ana = await stage.person("ana", "general")
    await ana.types("map @dan")
    await sees_modal(ana, "Who gets the profile?")


async def _ask(stage: Stage) -> None:
    cara = await stage.person("cara", "general")
    await cara.post("shortcut", callback_id=SEND_ANYWHERE)
    form = await sees_modal(cara, "Who should connect their accounts?")
    await form.chooses(PERSON, "ben")
    await sees_modal(cara, "This is about")


async def _profile(stage: Stage) -> None:
    """Ana opens *Status and more* of a profile with trouble from the list."""
    ana = await stage.person("ana", "random")
    await ana.types("list team")
    listed = await ana.sees("*Acme: Team*")
    await ana.clicks(listed, STATUS_OF.label)
    await sees_modal(ana, "*Acme: Team*", title="Status")


SCENES = (
    Scene("card", "ben:general", MESSAGE, _card),
    Scene("countdown", "ben:general", MESSAGE, _countdown),
    Scene("done", "ben:general", MESSAGE, _done),
    Scene("help", "ben:general", MESSAGE, _help),
    Scene("status", "cara:general", MESSAGE, _status),
    Scene("broken", "cara:random", MESSAGE, _broken),
    Scene("menu", "cara:random", MESSAGE, _nothing, pressed=MENU),
    Scene("refusal", "dan:general", MESSAGE, _refusal),
    Scene("asks", "ana:app", MESSAGE, _asks),
    Scene("home", "ana:home", HOME, _home),
    Scene("row_menu", "ana:home", WORST_ROW, _nothing, pressed=MENU),
    Scene("remind", "ana:home", QUESTION, _nothing, pressed="button:has-text('Remind everyone')"),
    Scene("own_home", "cara:home", HOME, _own_home),
    Scene("unmap", "ana:general", MODAL, _unmap),
    Scene("map", "ana:general", MODAL, _map),
    Scene("profile", "ana:random", MODAL, _profile),
    Scene("hide", "ana:random", QUESTION, _nothing, pressed=f"button:has-text('{DISMISS.label}')"),
    Scene("request", "ben:app", MESSAGE, _request),
    Scene("mute", "ben:app", QUESTION, _nothing, pressed=f"button:has-text('{MUTE.label}')"),
    Scene("receipt", "cara:app", MESSAGE, _nothing),
    Scene("dropped", "cara:app", MESSAGE, _dropped),
    Scene("ask", "cara:general", MODAL, _ask),
)
