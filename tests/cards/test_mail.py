"""`/connect email`: who gets a link by Ayrshare's mail, what everybody is told, and that no mail is ever sent twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.app import Bot
from bot.core.model import TeamId, UserId
from bot.people.audit import AuditRow
from bot.slack.actions import ASK_ADMIN
from sandbox.server import Sandbox
from tests.canaries import Lines
from tests.cards.mail_helpers import MAILS
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.core.test_metrics import figures
from tests.eventually import eventually
from tests.mappings.removal_helpers import SESSION
from tests.modals import sees_a_window
from tests.users import Someone
from tests.webhooks import SECRET, Teller

TEAM, BEN = TeamId("T0CONNECT"), UserId("U0BEN0001")
SENDER = "connect@socialconnecthub.com (Social Connect Hub)"
HOURS = {"AYRSHARE_EXPIRES_IN": "120"}
BY_BOTH = pytest.mark.parametrize("overrides", [MAILS, MAILS | SESSION], ids=["jwt", "session"])
BY_SESSION = pytest.mark.parametrize("overrides", [MAILS | SESSION], ids=["session"])
INSTEAD = "gets a link here by typing `/connect`"

Dm = Callable[[str], Someone]


@pytest.fixture
def overrides() -> dict[str, str]:
    return MAILS


@pytest.fixture(autouse=True)
def _paid(sandbox: Sandbox) -> None:
    sandbox.ayrshare.max_pack = True


def made(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The calls that made a link, or tried to."""
    calls = sandbox.ayrshare.calls.since()
    return [call for call in calls if call["call"] in {"POST /profiles/generateJWT", "POST /profiles/link-sessions"}]


def mailed_to(sandbox: Sandbox) -> list[str]:
    """Whom Ayrshare really mailed, which only a call that it answers with a link makes it do."""
    return [str(mail["to"]) for mail in sandbox.ayrshare.emails.sent]


async def trail(bot: Bot) -> list[AuditRow]:
    rows = await bot.deps.audit.page(TEAM, after="0")
    return [row for _, row in rows if row.action != "mapping_added"]


async def counted(bot: Bot, session: aiohttp.ClientSession, outcome: str) -> None:
    line = f'connectbot_interactions_total{{interaction="mail_link",outcome="{outcome}"}} 1.0'

    async def look() -> bool:
        return line in (await figures(bot, session))[1]

    await eventually(look, f"{line} is counted")


async def unmap(bot: Bot) -> None:
    (mapping,) = await bot.deps.mappings.of(TEAM, BEN)
    await bot.deps.mappings.remove(TEAM, BEN, mapping.ref_id, by="test")


@BY_BOTH
async def test_ayrshare_gets_the_owners_address_and_all_four_settings(
    person: Person, mapped: Map, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types("email")
    await person("ben").sees("Ayrshare has mailed you a link")
    (call,) = made(sandbox)
    assert call["body"]["email"] == {
        "to": "ben@connect.example",
        "contactEmail": "help@acme.example",
        "company": "Acme Social",
        "termsUrl": "https://acme.example/terms",
        "privacyUrl": "https://acme.example/privacy",
    }


async def test_the_answer_tells_where_the_mail_goes_who_sends_it_and_the_deadline_and_shows_no_link(
    person: Person, dm: Dm, mapped: Map, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types("email")
    answer = await person("ben").sees("*Acme: Jane*", "address in your Slack profile", f"{SENDER}, not from Slack")
    assert answer.ephemeral
    assert answer.moments == [int((clock.now() + timedelta(minutes=5)).timestamp())]
    assert "(5 min)" in answer.words
    assert (answer.buttons, answer.url) == ([], None)
    assert "UTC" in answer.text
    assert "<!date" not in answer.text
    assert "to ben@connect.example, the address" in answer.words
    assert "to the address" in answer.text
    assert await dm("ben").messages() == []


@pytest.mark.parametrize("overrides", [MAILS | HOURS])
async def test_the_link_lives_as_long_as_the_settings_say_which_stands_beside_the_mail_not_in_it(
    person: Person, mapped: Map, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types("email")
    await person("ben").sees("(120 min, 2 h)")
    (call,) = made(sandbox)
    assert call["body"]["expiresIn"] == 120
    assert "expiresIn" not in call["body"]["email"]


async def test_an_admin_has_one_mailed_to_somebody_who_is_told_what_that_mail_is(
    person: Person, dm: Dm, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ana").types("email @ben")
    answer = await person("ana").sees(f"mailed <@{BEN}>", "in their Slack profile", SENDER, "I've told them")
    assert answer.ephemeral
    told = await dm("ben").sees("<@U0ANA0001> had Ayrshare mail you a link for *Acme: Jane*", SENDER, "no phishing")
    assert told.moments == answer.moments == [int((clock.now() + timedelta(minutes=5)).timestamp())]
    assert told.url is None
    assert "<!date" not in told.text
    assert mailed_to(sandbox) == ["ben@connect.example"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ben@connect.example", "b…@connect.example"),
        ("bo@connect.example", "…@connect.example"),
        ("b&n.o@connect.example", "b…@connect.example"),
        ("ben@a&b.example", "b…@a&amp;b.example"),
    ],
)
async def test_an_admin_is_shown_no_more_of_the_address_than_it_takes_to_recognise_it(
    person: Person, dm: Dm, mapped: Map, sandbox: Sandbox, address: str, shown: str
) -> None:
    sandbox.slack.world.user("ben").email = address
    await mapped("ben", "Acme: Jane")
    await person("ana").types("email @ben")
    answer = await person("ana").sees("to ", ", the address in their Slack profile")
    assert f" to {shown}, the address" in answer.words
    told = await dm("ben").sees("no phishing")
    for words in (answer.words, answer.text, told.words, told.text):
        assert address not in words
    for words in (answer.text, told.words, told.text):
        assert address.rpartition("@")[2] not in words
    assert mailed_to(sandbox) == [address]


@pytest.mark.parametrize("overrides", [MAILS | {"CONNECT_FOR_OTHERS": "nobody"}])
async def test_an_admin_who_may_see_nobodys_link_may_still_have_one_mailed(
    person: Person, mapped: Map, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ana").types("email @ben")
    await person("ana").sees("I've told them")
    assert mailed_to(sandbox) == ["ben@connect.example"]


async def test_a_direct_message_that_fails_is_said_and_the_mail_counts_all_the_same(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, session: aiohttp.ClientSession
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.scopes.remove("chat:write")
    await person("ana").types("email @ben")
    await person("ana").sees(f"mailed <@{BEN}>", "I couldn't send them a message", "phishing")
    await counted(bot, session, "ok")


async def test_part_of_a_title_chooses_the_profile_and_no_words_mean_the_default(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("cara", "Acme: Team")
    await mapped("cara", "Globex", default=True)
    cara = person("cara")
    await cara.types("email")
    await cara.sees("*Globex*")
    await person("ana").types("EMAIL @cara TEAM")
    await person("ana").sees("*Acme: Team*")
    assert [link.profile.title for link in sandbox.ayrshare.links.issued] == ["Globex", "Acme: Team"]


async def test_words_that_fit_several_titles_are_answered_with_them_and_nothing_is_mailed(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, session: aiohttp.ClientSession
) -> None:
    await mapped("cara", "Acme: Jane")
    await mapped("cara", "Acme: Team")
    await person("ana").types("email @cara acme")
    await person("ana").sees("*Acme: Jane*, *Acme: Team*", "more of the title")
    assert made(sandbox) == []
    await counted(bot, session, "profile_unclear")


async def test_words_that_fit_no_title_and_somebody_without_a_profile_are_told(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types("email nowhere")
    await person("ben").sees("None of the profiles", "/connect email [@someone] [part of a title]")
    await person("ana").types("email @dan")
    await person("ana").sees("No Ayrshare profile is mapped to <@U0DAN0001>")
    await person("dan").types("email")
    await person("dan").sees("No Ayrshare profile", ASK_ADMIN.label)
    assert made(sandbox) == []


async def test_whoever_is_no_admin_is_refused_for_others_and_that_stands_in_the_trail(
    person: Person, dm: Dm, mapped: Map, sandbox: Sandbox, bot: Bot, session: aiohttp.ClientSession
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("dan").types("email @ben")
    await person("dan").sees("Only admins can have a link mailed to somebody else", "/connect")
    assert made(sandbox) == []
    assert await dm("ben").messages() == []
    (row,) = await trail(bot)
    assert (row.action, row.by, row.owner, row.detail) == ("refused", "U0DAN0001", BEN, "not_admin")
    await counted(bot, session, "not_allowed")


async def test_a_mention_of_oneself_needs_no_admin(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types("email @ben")
    await person("ben").sees("mailed you")
    assert mailed_to(sandbox) == ["ben@connect.example"]


@pytest.mark.parametrize(
    ("owner", "words"),
    [("gus", "is a guest"), ("leo", "deactivated"), ("zoe", "a stranger"), ("robo", "is a bot")],
)
async def test_nobody_is_mailed_whom_the_bot_does_not_serve(
    person: Person, mapped: Map, sandbox: Sandbox, owner: str, words: str
) -> None:
    await mapped(owner, "Acme: Jane")
    await person("ana").types(f"email @{owner}")
    await person("ana").sees(words)
    assert made(sandbox) == []


async def test_nobody_is_mailed_who_belongs_to_another_organization(
    person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.slack.world.user("ben").team_id = "T0PARTNER"
    await person("ana").types("email @ben")
    await person("ana").sees("belongs to another organization")
    assert made(sandbox) == []


async def test_a_guest_gets_no_mail_either(person: Person, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("gus", "Acme: Jane")
    await person("gus").types("email")
    await person("gus").sees("Guests can't use this bot")
    assert made(sandbox) == []


@pytest.mark.parametrize("overrides", [{}], ids=["nothing set"])
async def test_without_the_settings_the_answer_names_them_and_what_works_instead(
    person: Person,
    mapped: Map,
    sandbox: Sandbox,
    bot: Bot,
    session: aiohttp.ClientSession,
    overrides: dict[str, str],
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types("email")
    await person("ben").sees("aren't set up", *MAILS, INSTEAD)
    assert made(sandbox) == []
    await counted(bot, session, "mail_not_set_up")


@BY_BOTH
async def test_without_the_max_pack_it_is_named(
    person: Person,
    dm: Dm,
    mapped: Map,
    sandbox: Sandbox,
    bot: Bot,
    session: aiohttp.ClientSession,
    overrides: dict[str, str],
) -> None:
    sandbox.ayrshare.max_pack = False
    await mapped("ben", "Acme: Jane")
    await person("ana").types("email @ben")
    await person("ana").sees("refused to mail a link; that takes its Max Pack", f"<@{BEN}> {INSTEAD}")
    assert len(made(sandbox)) == 1
    assert await dm("ben").messages() == []
    assert await trail(bot) == []
    await counted(bot, session, "mail_max_pack")


@BY_BOTH
async def test_a_mail_that_ayrshare_could_not_send_is_said_with_what_works_instead(
    person: Person,
    dm: Dm,
    mapped: Map,
    sandbox: Sandbox,
    bot: Bot,
    session: aiohttp.ClientSession,
    overrides: dict[str, str],
) -> None:
    sandbox.slack.world.user("ben").email = "nobody-at-all"
    await mapped("ben", "Acme: Jane")
    await person("ana").types("email @ben")
    await person("ana").sees("Ayrshare couldn't send the mail.", INSTEAD)
    assert len(made(sandbox)) == 1
    assert await dm("ben").messages() == []
    assert await trail(bot) == []
    await counted(bot, session, "email_failed")


async def test_without_the_scope_it_is_named_and_what_works_instead(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, session: aiohttp.ClientSession
) -> None:
    sandbox.slack.scopes.remove("users:read.email")
    await mapped("ben", "Acme: Jane")
    await person("ana").types("email @ben")
    await person("ana").sees("this bot lacks the scope users:read.email", INSTEAD)
    assert made(sandbox) == []
    await counted(bot, session, "addresses_hidden")


async def test_somebody_without_an_address_in_slack_gets_no_mail_and_no_scope_is_blamed(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, session: aiohttp.ClientSession
) -> None:
    sandbox.slack.world.user("ben").email = ""
    await mapped("ben", "Acme: Jane")
    await person("ana").types("email @ben")
    said = await person("ana").sees(f"no e-mail address in the Slack profile of <@{BEN}>", INSTEAD)
    assert "users:read.email" not in said.words
    assert made(sandbox) == []
    await counted(bot, session, "no_address")


async def test_an_address_that_changed_in_slack_is_used_within_a_minute(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types("email")
    await person("ben").sees_times(1)
    sandbox.slack.world.user("ben").email = "new@connect.example"
    clock.advance(timedelta(minutes=1))
    await person("ben").types("email")
    await person("ben").sees_times(2)
    assert mailed_to(sandbox) == ["ben@connect.example", "new@connect.example"]


@BY_BOTH
@pytest.mark.parametrize("fault", ["timeout", "drop_connection", "error_500", "error_503", "truncated", "empty"])
async def test_where_the_answer_is_lost_the_mail_may_be_out_and_is_not_sent_again(
    person: Person,
    dm: Dm,
    mapped: Map,
    sandbox: Sandbox,
    bot: Bot,
    session: aiohttp.ClientSession,
    overrides: dict[str, str],
    fault: str,
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.faults.add(fault, ms=50 if fault == "timeout" else 0)
    await person("ana").types("email @ben")
    said = await person("ana").sees("It may have been sent", f"<@{BEN}>'s mailbox before you try again", SENDER)
    assert "Please try again" not in said.words
    assert len(made(sandbox)) == 1
    assert len(mailed_to(sandbox)) == (fault in {"truncated", "empty"})
    assert await dm("ben").messages() == []
    (row,) = await trail(bot)
    assert (row.action, row.by, row.owner, row.ref_id) == ("link_maybe_mailed", "U0ANA0001", BEN, profile.ref_id)
    await counted(bot, session, "mail_unsure")


@pytest.mark.parametrize("overrides", [MAILS | {"AYRSHARE_REDIRECT": f"https://acme.example/{'a' * 3_000}"}])
async def test_a_mailed_link_that_looks_odd_leaves_it_open_whether_the_mail_is_out(
    person: Person, mapped: Map, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types("email")
    await person("ben").sees("It may have been sent")
    assert len(made(sandbox)) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("bad_api_key", "auth"), ("profile_gone", "profile_gone"), ("plan", "plan"), ("bad_key", "bad_key")],
)
async def test_what_else_ayrshare_refuses_is_said_in_its_own_words_and_nothing_is_mailed(
    person: Person,
    dm: Dm,
    mapped: Map,
    sandbox: Sandbox,
    bot: Bot,
    session: aiohttp.ClientSession,
    fault: str,
    kind: str,
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.faults.add(fault)
    await person("ana").types("email @ben")
    (said,) = await person("ana").sees_times(1)
    assert "It may have been sent" not in said.text
    assert len(made(sandbox)) == 1
    assert mailed_to(sandbox) == []
    assert await dm("ben").messages() == []
    assert await trail(bot) == []
    await counted(bot, session, kind)


async def test_a_limit_of_ayrshares_is_waited_for_by_people_only(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.faults.add("rate_limited", ms=1_000)
    await person("ben").types("email")
    await person("ben").sees("Please try again in 1 s")
    assert len(made(sandbox)) == 1
    assert await trail(bot) == []


async def test_a_slow_ayrshare_is_said_to_be_slow_and_gets_no_second_call(
    person: Person, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.faults.add("latency", ms=1_000)
    await person("ben").types("email")

    async def asked() -> bool:
        return bool(made(sandbox))

    await eventually(asked, "Ayrshare is asked")
    clock.advance(timedelta(seconds=3))
    await person("ben").sees("Ayrshare is taking its time")
    await person("ben").sees("mailed you")
    assert len(made(sandbox)) == 1


@BY_BOTH
async def test_a_mailed_link_stands_in_the_trail_and_its_address_nowhere(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, log_lines: Lines, overrides: dict[str, str]
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await person("ana").types("email @ben")
    await person("ana").sees("I've told them")
    (row,) = await trail(bot)
    assert (row.action, row.by, row.owner, row.ref_id) == ("link_mailed", "U0ANA0001", BEN, profile.ref_id)
    (card,) = await bot.deps.cards.live(TEAM, profile.ref_id)
    assert (card.link.url.get_secret_value(), card.surface) == ("", None)
    logged = "".join(log_lines.lines)
    assert '"link_mailed"' in logged
    assert "ben@connect.example" not in logged


async def test_mails_and_links_share_a_minutes_limit(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, session: aiohttp.ClientSession
) -> None:
    await mapped("ben", "Acme: Jane")
    for number in range(1, 6):
        await person("ben").types("email")
        await person("ben").sees_times(2 * number - 1)
        await person("ben").types()
        await person("ben").sees_times(2 * number)
    await person("ben").types("email")
    await person("ben").sees("too many links within a minute")
    assert len([call for call in made(sandbox) if "email" in call["body"]]) == 5
    await counted(bot, session, "asked_too_often")


async def test_a_mailed_link_leaves_the_cards_alone_and_they_leave_it(
    person: Person, mapped: Map, bot: Bot, sandbox: Sandbox
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await person("ben").types()
    await person("ben").sees_a_card()
    await person("ben").types("email")
    await person("ben").sees("mailed you")
    await person("ben").types()
    await person("ben").sees_times(3)

    async def states() -> bool:
        cards = await bot.deps.cards.live(TEAM, profile.ref_id)
        mailed = [card.state for card in cards if card.surface is None]
        return mailed == ["ready"] and sorted(card.state for card in cards) == ["ready", "ready", "replaced"]

    await eventually(states, "only the first card is replaced")


@BY_SESSION
async def test_unmapping_kills_the_link_of_a_mail(
    ana: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, bot: Bot, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    await ana.types("email @ben")
    await ana.sees("I've told them")
    (link,) = sandbox.ayrshare.links.issued
    await ana.types("unmap @ben")
    window = await sees_a_window(ana, "One of their links works now and ends with it.")
    await window.submits()
    await sees_a_window(ana, "One of their links ended with it.")
    assert link.revoked
    assert [row.action for row in await trail(bot)] == ["link_mailed", "mapping_removed", "link_taken_back"]


async def test_with_jwt_unmapping_tells_until_when_a_mailed_link_works(ana: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await ana.types("email @ben")
    await ana.sees("I've told them")
    await ana.types("unmap @ben")
    await sees_a_window(ana, "One of their links works now and ends with it.", "can't be taken back")


@BY_BOTH
async def test_unmapped_while_ayrshare_mails_the_link_is_said_and_the_link_ends_where_it_can(
    person: Person, dm: Dm, mapped: Map, sandbox: Sandbox, bot: Bot, overrides: dict[str, str]
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.faults.add("latency", ms=500)
    await person("ana").types("email @ben")

    async def asked() -> bool:
        return bool(made(sandbox))

    await eventually(asked, "Ayrshare is asked")
    await unmap(bot)
    said = await person("ana").sees("no longer mapped", "the mail was sent meanwhile")
    by_session = overrides == MAILS | SESSION
    assert ("was taken back" in said.words, "works until" in said.words) == (by_session, not by_session)
    assert sandbox.ayrshare.links.issued[0].revoked == by_session
    assert await dm("ben").messages() == []


@pytest.mark.parametrize("overrides", [MAILS | SESSION | {"AYRSHARE_WEBHOOK_SECRET": SECRET}], ids=["session"])
async def test_what_gets_linked_with_a_mailed_link_and_its_end_disturb_nobody(
    person: Person,
    dm: Dm,
    mapped: Map,
    sandbox: Sandbox,
    bot: Bot,
    clock: ManualClock,
    session: aiohttp.ClientSession,
    overrides: dict[str, str],
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    await person("ben").types("email")
    await person("ben").sees("mailed you")
    assert await Teller(session, sandbox, clock).tells(platform="tiktok") == 200

    async def looked() -> bool:
        (card,) = await bot.deps.cards.live(TEAM, profile.ref_id)
        return card.checked_at is not None and card.state.live

    await eventually(looked, "what got linked is looked at")
    clock.advance(timedelta(minutes=5))
    assert await bot.deps.cards.live(TEAM, profile.ref_id) == ()
    assert len(await person("ben").messages()) == 1
    assert await dm("ben").messages() == []


async def test_more_than_one_mention_is_explained(person: Person, sandbox: Sandbox) -> None:
    await person("ana").types("email @ben @cara")
    await person("ana").sees("One person at a time")
    assert made(sandbox) == []
