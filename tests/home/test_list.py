"""`/connect list`: everyone's profiles for admins, ten a page, each with what can be done about it."""

from datetime import timedelta

from pydantic import SecretStr

from bot.app import Bot
from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId, UserId
from bot.home.views import NEVER_SEEN, NOTHING_FITS, OVERVIEW_TITLE
from bot.slack.actions import HOME_NEXT, HOME_PREVIOUS, LINK_FOR, MAP, RECONNECT, STATUS_OF, UNMAP
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.home.home_helpers import asked, fill
from tests.modals import sees_modal
from tests.redis_probe import TEAM
from tests.signed_requests import ResponseUrlReceiver, Signer
from tests.users import Seen, Someone

BEN, CARA = "U0BEN0001", "U0CARA001"


def titles(message: Seen) -> list[str]:
    """The titles of the rows, from top to bottom."""
    sections = [block["text"]["text"] for block in message.raw["blocks"] if block["type"] == "section"]
    return [text.partition("*")[2].partition("*")[0] for text in sections]


async def lists(person: Someone, words: str, *seen: str) -> Seen:
    await person.types(f"list {words}".strip())
    message = await person.sees(OVERVIEW_TITLE, *seen)
    assert message.ephemeral
    return message


async def test_an_admin_sees_everyones_profiles_and_what_can_be_done(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("cara", "Globex")
    jane = await mapped("ben", "Acme: Jane")
    message = await lists(person("ana"), "", "Everything: 1 to 2 of 2.", f"<@{BEN}>: *Acme: Jane*", NEVER_SEEN)
    assert titles(message) == ["Acme: Jane", "Globex"]
    assert message.buttons == [MAP.label, LINK_FOR.label, STATUS_OF.label, UNMAP.label] * 2
    assert message.element(UNMAP.label)["value"] == f"{BEN}:{jane.ref_id}"
    assert message.element(LINK_FOR.label)["accessibility_label"] == f"{LINK_FOR.label}: Acme: Jane"
    assert f"<@{CARA}>: Globex: Not looked at yet." in message.text
    assert asked(sandbox) == 0


async def test_an_older_snapshot_is_shown_with_its_moment(person: Person, mapped: Map, clock: ManualClock) -> None:
    await mapped("ben", "Globex")
    await person("ben").types("status")
    await person("ben").sees("YouTube")
    seen_at = clock.now()
    now = await lists(person("ana"), "", "Linked: YouTube (Globex).")
    assert "As of" not in now.words
    await clock.advance(timedelta(hours=1))
    later = await lists(person("ana"), "globex", "Linked: YouTube (Globex).", "_As of ")
    assert int(seen_at.timestamp()) in later.moments


async def test_words_choose_the_rows(person: Person, mapped: Map, sandbox: Sandbox, bot: Bot) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Acme: Team")
    await mapped("cara", "Globex")
    await fill(bot, sandbox, {"cara": ["Bare"]}, key=sandbox.ayrshare.profiles[3].key)
    await fill(bot, sandbox, {"": ["Spare"]}, key=sandbox.ayrshare.profiles[2].key)
    await fill(bot, sandbox, {"cara": ["Lost"]}, key="GONE1234-KEY12345-AAAA1111-BBBB2222")
    for user in ("ben", "cara"):
        await person(user).types("status")
        await person(user).sees_times(1)
    for words, said, fitting in (
        ("acme", "Everything with “acme”", ["Acme: Jane", "Acme: Team"]),
        ("@ben", f"Everything of <@{BEN}>", ["Acme: Jane"]),
        ("@cara ACME", f"Everything with “ACME” of <@{CARA}>", ["Acme: Team"]),
        ("unmapped", "Unmapped", ["Initech", "Spare"]),
        ("Needs Attention", "Needs attention", ["Acme: Jane", "Acme: Team"]),
        ("nothing linked", "Nothing linked", ["Bare"]),
        ("stale", "Stale", ["Lost"]),
    ):
        count = len(fitting)
        message = await lists(person("ana"), words, f"{said}: 1 to {count} of {count}.")
        assert titles(message) == fitting


async def test_profiles_that_another_workspace_knows_are_left_out(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    other, team, *_ = sandbox.ayrshare.profiles
    elsewhere = Profile(RefId(other.ref_id), other.title, SecretStr(other.key))
    await bot.deps.profiles.save(TeamId("T0OTHER"), elsewhere)
    await bot.deps.mappings.add(TeamId("T0OTHER"), UserId(BEN), elsewhere.ref_id, by="test")
    message = await lists(person("ana"), "unmapped", f"*{team.title}*")
    assert other.title not in str(message.raw)


async def test_profiles_that_only_ayrshare_knows_are_left_out_if_it_is_slow(
    person: Person, sandbox: Sandbox, bot: Bot
) -> None:
    await fill(bot, sandbox, {"": ["Spare"]})
    sandbox.ayrshare.faults.add("timeout")
    message = await lists(person("ana"), "unmapped", "Ayrshare is taking its time.")
    assert titles(message) == ["", "Spare"]


async def test_a_list_without_a_match_says_what_can_be_typed(person: Person, mapped: Map) -> None:
    await mapped("ben", "Globex")
    await lists(person("ana"), "no such title", NOTHING_FITS, "needs attention, disconnected, stale")


async def test_two_people_at_once_are_refused(person: Person) -> None:
    await person("ana").types("list @ben @cara")
    await person("ana").sees("Mention one person at a time")


async def test_pages_replace_each_other(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"ben": [f"Many {number:02}" for number in range(25)]})
    first = await lists(person("ana"), "many", "with “many”: 1 to 10 of 25.")
    await person("ana").clicks(first, HOME_NEXT.label)
    second = await person("ana").sees("11 to 20 of 25.")
    assert titles(second) == [f"Many {number}" for number in range(10, 20)]
    await person("ana").clicks(second, HOME_NEXT.label)
    third = await person("ana").sees("21 to 25 of 25.")
    assert HOME_NEXT.label not in third.buttons
    await person("ana").clicks(third, HOME_PREVIOUS.label)
    await person("ana").sees("11 to 20 of 25.")
    assert len(await person("ana").messages()) == 1


async def test_a_page_of_5000_stays_within_a_messages_limits(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    long = "x" * 400
    await fill(bot, sandbox, {f"U5K{number:05}": [f"{number:04} {long}"] for number in range(5_000)})
    message = await lists(person("ana"), "", "1 to 10 of 5,000.")
    assert len(message.raw["blocks"]) <= 50


async def test_a_member_is_refused(person: Person, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types("list")
    refused = await person("ben").sees("Only admins can do that")
    assert "Acme" not in str(refused.raw)


async def test_an_admin_who_lost_their_rights_turns_no_more_pages(
    person: Person, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    await fill(bot, sandbox, {"ben": [f"Many {number:02}" for number in range(25)]})
    first = await lists(person("ana"), "", "1 to 10 of 25.")
    ana = sandbox.slack.world.user("ana")
    ana.is_admin = ana.is_owner = ana.is_primary_owner = False
    await clock.advance(timedelta(minutes=1))
    await person("ana").clicks(first, HOME_NEXT.label)
    await person("ana").sees("Only admins can do that")
    assert "Many 10" not in str([message.raw for message in await person("ana").messages()])


async def test_status_opens_a_modal_with_the_present_accounts(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    message = await lists(person("ana"), "", NEVER_SEEN)
    await person("ana").clicks(message, STATUS_OF.label)
    modal = await sees_modal(person("ana"), "*Acme: Jane*", "Linked: Instagram (Jane of Acme).", title=STATUS_OF.label)
    assert "Needs attention by" in modal.words
    opened = [call["call"] for call in sandbox.slack.calls.since() if call["call"].startswith("views.")]
    assert opened == ["views.open", "views.update"]
    await lists(person("ana"), "", "Linked: Instagram (Jane of Acme).")


async def test_an_admin_reconnects_what_the_status_shows_in_its_place(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    message = await lists(person("ana"), "", NEVER_SEEN)
    await person("ana").clicks(message, STATUS_OF.label)
    modal = await sees_modal(person("ana"), "Needs attention by", title=STATUS_OF.label)
    await modal.clicks(RECONNECT.label)
    await sees_modal(person("ana"), "Sign in to LinkedIn again to keep posting.", "left")
    assert sandbox.ayrshare.links.issued[-1].networks == ("linkedin",)


async def test_status_of_an_unmapped_profile_is_shown_too(person: Person, sandbox: Sandbox, bot: Bot) -> None:
    await fill(bot, sandbox, {"": ["Spare"]})
    message = await lists(person("ana"), "", "Nobody: *Spare*")
    assert message.buttons == [MAP.label, STATUS_OF.label]
    await person("ana").clicks(message, STATUS_OF.label)
    await sees_modal(person("ana"), "*Spare*", "Linked: Instagram")


async def test_status_of_a_profile_unmapped_meanwhile_says_so(person: Person, mapped: Map, bot: Bot) -> None:
    jane = await mapped("ben", "Acme: Jane")
    await mapped("ben", "Globex")
    message = await lists(person("ana"), "", "*Acme: Jane*")
    await bot.deps.mappings.remove(TEAM, UserId(BEN), jane.ref_id, by="test")
    await person("ana").clicks(message, STATUS_OF.label)
    await sees_modal(person("ana"), "no longer mapped")


async def test_a_replayed_status_button_shows_a_member_nothing(
    person: Person, mapped: Map, sandbox: Sandbox, signer: Signer, response_url: ResponseUrlReceiver
) -> None:
    jane = await mapped("cara", "Acme: Jane")
    click = {"action_id": "status_of", "value": f"{CARA}:{jane.ref_id}"}
    trigger = sandbox.slack.triggers.issue(BEN)
    await signer.click(response_url.url, user={"id": BEN}, action=click, trigger_id=trigger)
    modal = await sees_modal(person("ben"), "Only admins can do that")
    assert "Acme" not in str(modal.raw)
    assert asked(sandbox) == 0


async def test_one_admin_does_not_use_up_ayrshares_quota_with_the_list_of_all_profiles(
    ana: Someone, sandbox: Sandbox
) -> None:
    for number in range(1, 13):
        await ana.types("list unmapped")
        await ana.sees_times(number)
    await ana.sees("too many looks at unmapped profiles within a minute")
    assert len(sandbox.received("GET /profiles")) == 10
