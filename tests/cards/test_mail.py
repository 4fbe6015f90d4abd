"""`/connect email`: who gets a link by Ayrshare's mail, what each person is told, and that no mail is sent twice."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import aiohttp
import pytest

from bot.app import Bot
from bot.cards.mail_model import MAIL_SETTLED, REPORT_MAIL
from bot.cards.mail_views import MAIL_SENDER
from bot.core.model import TeamId, UserId
from bot.profiles.model import REDRAWN_AFTER
from bot.slack.actions import ASK_ADMIN
from sandbox.server import Sandbox
from tests.canaries import Lines
from tests.cards.mail_helpers import MAILS
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.mappings.removal_helpers import SESSION
from tests.modals import sees_modal
from tests.redis_probe import idle, jobs, trail
from tests.users import Someone
from tests.webhooks import SECRET, WebhookSender

TEAM, ANA, BEN = TeamId("T0CONNECT"), UserId("U0ANA0001"), UserId("U0BEN0001")
ADDRESS = "ben@connect.example"
MINUTE = timedelta(minutes=1)
BY_BOTH = pytest.mark.parametrize("overrides", [MAILS, MAILS | SESSION], ids=["jwt", "session"])
BY_SESSION = pytest.mark.parametrize("overrides", [MAILS | SESSION], ids=["session"])
INSTEAD, HERE = f"Ask <@{BEN}> here instead.", "Get a link here instead."
MAYBE_SENT = "It may have been sent"

Dm = Callable[[str], Someone]


@pytest.fixture
def overrides() -> dict[str, str]:
    return MAILS


@pytest.fixture(autouse=True)
def _paid(sandbox: Sandbox) -> None:
    sandbox.ayrshare.max_pack = True


@pytest.fixture
def ana(person: Person) -> Someone:
    """An admin."""
    return person("ana")


@pytest.fixture
async def ben(person: Person, mapped: Map) -> Someone:
    """A person with a profile."""
    await mapped("ben", "Acme: Jane")
    return person("ben")


def requests(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The calls that made a link, or tried to."""
    calls = sandbox.ayrshare.calls.since()
    return [call for call in calls if call["call"] in {"POST /profiles/generateJWT", "POST /profiles/link-sessions"}]


def mailed_to(sandbox: Sandbox) -> list[str]:
    """The addresses that Ayrshare mailed to, which it does only where it answers with a link."""
    return [str(mail["to"]) for mail in sandbox.ayrshare.emails.sent]


async def counted(bot: Bot, outcome: str, *, times: int | None = 1) -> None:
    labels = {"interaction": "mail_link", "outcome": outcome}

    async def look() -> bool:
        return bot.deps.metrics.registry.get_sample_value("connectbot_interactions_total", labels) == times

    await eventually(look, f"{outcome} is counted {times} times")


async def ayrshare_is_asked(sandbox: Sandbox) -> None:
    async def look() -> bool:
        return bool(requests(sandbox))

    await eventually(look, "Ayrshare is asked")


def used(bot: Bot) -> str:
    """Return the address as the audit log tells it: nobody can try out addresses without the encryption key."""
    name, _, host = ADDRESS.partition("@")
    unkeyed = sha256(ADDRESS.encode()).hexdigest()[:8]
    keyed = bot.deps.cards.fingerprint(TEAM, ADDRESS)
    assert keyed != unkeyed
    return f"{name[0]}…@{host} {keyed}"


async def trail_of_links(bot: Bot) -> list[tuple[str, str, str | None, str]]:
    rows = [row for row in await trail(bot) if row.action != "mapping_added"]
    return [(row.action, row.by, row.owner, row.detail) for row in rows]


@pytest.mark.parametrize("overrides", [MAILS])
async def test_a_mailed_link_is_for_the_network_that_is_named(
    ben: Someone, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await ben.types("email x")
    await ben.sees("X can't be connected")
    assert mailed_to(sandbox) == []
    await ben.types("email instagram")
    await ben.sees("*Acme: Jane*", "mailed you a link")
    assert sandbox.ayrshare.links.issued[-1].networks == ("instagram",)


@pytest.mark.parametrize("overrides", [MAILS])
async def test_a_mail_goes_to_the_address_that_a_person_has_now(
    ben: Someone, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await ben.types("status")
    await ben.sees("Acme: Jane")
    sandbox.slack.world.user("ben").email = "ben@new.example"
    await ben.types("email")
    await ben.sees("*Acme: Jane*", "mailed you a link")
    assert mailed_to(sandbox) == ["ben@new.example"]


@pytest.mark.parametrize(
    ("overrides", "typed"), [(MAILS, "email"), (MAILS | SESSION, "email @ben")], ids=["jwt", "session, by mention"]
)
async def test_a_person_has_a_link_mailed_to_themselves(
    ben: Someone, dm: Dm, sandbox: Sandbox, clock: ManualClock, overrides: dict[str, str], typed: str
) -> None:
    await ben.types(typed)
    answer = await ben.sees("*Acme: Jane*", f"mailed you a link to {ADDRESS}, the address in your Slack profile")
    (request,) = requests(sandbox)
    assert request["body"]["email"] == {
        "to": ADDRESS,
        "contactEmail": "help@acme.example",
        "company": "Acme Social",
        "termsUrl": "https://acme.example/terms",
        "privacyUrl": "https://acme.example/privacy",
    }
    assert mailed_to(sandbox) == [ADDRESS]
    assert f"{MAIL_SENDER}, not from Slack" in answer.words
    assert answer.moments == [int((clock.now() + 5 * MINUTE).timestamp())]
    assert (answer.ephemeral, answer.buttons, answer.url) == (True, [], None)
    assert ("UTC" in answer.text, "<!date" in answer.text) == (True, False)
    assert "to the address" in answer.text
    assert await dm("ben").messages() == []


@BY_BOTH
async def test_an_admin_has_a_link_mailed_to_its_owner_who_is_told_what_that_mail_is(
    ana: Someone,
    ben: Someone,
    dm: Dm,
    sandbox: Sandbox,
    bot: Bot,
    clock: ManualClock,
    log_lines: Lines,
    overrides: dict[str, str],
) -> None:
    await ana.types("email @ben")
    answer = await ana.sees(f"emailed <@{BEN}>", " to b…@connect.example, the address in their Slack", MAIL_SENDER)
    assert "I told them that it's genuine" in answer.words
    told = await dm("ben").sees(
        "*Acme: Jane*", f"<@{ANA}> had Ayrshare email you a link", MAIL_SENDER, "isn't phishing"
    )
    assert mailed_to(sandbox) == [ADDRESS]
    assert (answer.ephemeral, told.url, "<!date" in told.text) == (True, None, False)
    assert told.moments == answer.moments == [int((clock.now() + 5 * MINUTE).timestamp())]
    (mapping,) = await bot.deps.mappings.of(TEAM, BEN)
    (card,) = await bot.deps.cards.live(TEAM, mapping.ref_id)
    assert (card.link.url.get_secret_value(), card.surface) == ("", None)
    (row,) = await trail(bot, "link_mailed")
    assert (row.by, row.owner, row.ref_id) == (ANA, BEN, mapping.ref_id)
    assert row.detail.endswith(f" {used(bot)}")
    logged = "".join(log_lines.lines)
    assert '"link_mailed"' in logged
    assert all(ADDRESS not in said for said in (logged, answer.words, answer.text, told.words, told.text))
    assert all("connect.example" not in said for said in (answer.text, told.words, told.text))


@pytest.mark.parametrize("overrides", [MAILS | {"AYRSHARE_EXPIRES_IN": "120"}])
async def test_the_life_of_the_link_stands_beside_the_mail_in_the_request(
    ben: Someone, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await ben.types("email")
    await ben.sees("mailed you a link")
    (request,) = requests(sandbox)
    assert request["body"]["expiresIn"] == 120
    assert "expiresIn" not in request["body"]["email"]


@pytest.mark.parametrize("overrides", [MAILS | {"CONNECT_FOR_OTHERS": "nobody"}])
async def test_an_admin_who_may_see_nobodys_link_may_have_one_mailed_unless_two_people_are_named(
    ana: Someone, ben: Someone, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await ana.types("email @ben @cara")
    await ana.sees("Mention one person at a time")
    assert requests(sandbox) == []
    await ana.types("email @ben")
    await ana.sees("I told them that it's genuine")
    assert mailed_to(sandbox) == [ADDRESS]


async def test_an_owner_who_could_not_be_told_is_named_and_the_mail_counts(
    ana: Someone, ben: Someone, sandbox: Sandbox, bot: Bot
) -> None:
    sandbox.slack.scopes.remove("chat:write")
    await ana.types("email @ben")
    await ana.sees(f"mailed <@{BEN}>", "I couldn't tell them.", "phishing")
    await counted(bot, "ok")


async def test_words_choose_the_profile_and_without_any_it_is_the_default(
    ana: Someone, person: Person, mapped: Map, sandbox: Sandbox, bot: Bot
) -> None:
    for title in ("Acme: Team", "Acme: Jane"):
        await mapped("cara", title)
    await mapped("cara", "Globex", default=True)
    await person("cara").types("email")
    await person("cara").sees("*Globex*")
    await ana.types("EMAIL @cara TEAM")
    await ana.sees("*Acme: Team*")
    await ana.types("email @cara acme")
    await ana.sees("*Acme: Jane*", "*Acme: Team*", "Which one?")
    assert [link.profile.title for link in sandbox.ayrshare.links.issued] == ["Globex", "Acme: Team"]
    await counted(bot, "profile_unclear")


async def test_without_a_profile_that_fits_nothing_is_mailed(
    ana: Someone, ben: Someone, person: Person, sandbox: Sandbox
) -> None:
    await ben.types("email nowhere")
    await ben.sees("No profile matches")
    await ana.types("email @dan")
    await ana.sees("<@U0DAN0001> doesn't have a profile yet")
    await person("dan").types("email")
    await person("dan").sees("have a profile yet", ASK_ADMIN.label)
    assert requests(sandbox) == []


async def test_a_member_is_refused_for_others_and_that_is_in_the_audit_log(
    ben: Someone, person: Person, dm: Dm, sandbox: Sandbox, bot: Bot
) -> None:
    await person("dan").types("email @ben")
    await person("dan").sees("Only admins can have a link mailed to someone else", INSTEAD)
    assert requests(sandbox) == []
    assert await dm("ben").messages() == []
    assert await trail_of_links(bot) == [("refused", "U0DAN0001", BEN, "not_admin")]
    await counted(bot, "not_allowed")


async def test_nobody_is_mailed_whom_the_bot_does_not_serve(
    ana: Someone, ben: Someone, person: Person, mapped: Map, sandbox: Sandbox
) -> None:
    sandbox.slack.world.user("ben").team_id = "T0PARTNER"
    refusals = {
        "gus": "is a guest",
        "leo": "has left. Who takes over?",
        "zoe": "isn't in this workspace",
        "robo": "is a bot",
        "ben": "belongs to another workspace",
    }
    for owner, words in refusals.items():
        await mapped(owner, "Acme: Jane")
        await ana.types(f"email @{owner}")
        await ana.sees(words)
    await person("gus").types("email")
    await person("gus").sees("Guests can't use this bot")
    assert requests(sandbox) == []


@pytest.mark.parametrize("overrides", [{}], ids=["nothing set"])
async def test_missing_settings_are_said_with_who_can_set_them_and_what_works_instead(
    ben: Someone, sandbox: Sandbox, bot: Bot, overrides: dict[str, str]
) -> None:
    await ben.types("email")
    await ben.sees("aren't set up. Whoever runs this bot can do that.", HERE)
    assert requests(sandbox) == []
    await counted(bot, "mail_not_set_up")


async def test_an_address_that_is_missing_or_hidden_is_told_apart_with_what_works_instead(
    ana: Someone, ben: Someone, sandbox: Sandbox, bot: Bot, clock: ManualClock
) -> None:
    sandbox.slack.world.user("ben").email = ""
    await ana.types("email @ben")
    said = await ana.sees(f"no email address in <@{BEN}>'s Slack profile", INSTEAD)
    assert "users:read.email" not in said.words
    await counted(bot, "no_address")
    sandbox.slack.scopes.remove("users:read.email")
    await clock.advance(MINUTE)
    await ana.types("email @ben")
    await ana.sees("this bot lacks the scope users:read.email", INSTEAD)
    await counted(bot, "addresses_hidden")
    assert requests(sandbox) == []


@BY_BOTH
async def test_a_mail_that_ayrshare_refuses_is_said_with_what_works_instead(
    ana: Someone, ben: Someone, dm: Dm, sandbox: Sandbox, bot: Bot, clock: ManualClock, overrides: dict[str, str]
) -> None:
    sandbox.ayrshare.max_pack = False
    await ana.types("email @ben")
    await ana.sees("refused to email a link: that takes its Max Pack", INSTEAD)
    await counted(bot, "mail_max_pack")
    sandbox.ayrshare.max_pack = True
    sandbox.slack.world.user("ben").email = "nobody-at-all"
    await clock.advance(MINUTE)
    await ana.types("email @ben")
    await ana.sees("Ayrshare couldn't send the email.", INSTEAD)
    await counted(bot, "email_failed")
    assert len(requests(sandbox)) == 2
    assert await dm("ben").messages() == []
    assert await trail_of_links(bot) == []


async def test_an_address_that_changed_in_slack_is_used_within_a_minute(
    ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    await ben.types("email")
    await ben.sees_times(1)
    sandbox.slack.world.user("ben").email = "new@connect.example"
    await clock.advance(MINUTE)
    await ben.types("email")
    await ben.sees_times(2)
    assert mailed_to(sandbox) == [ADDRESS, "new@connect.example"]


@BY_BOTH
async def test_where_the_answer_is_lost_the_mail_may_be_sent_and_is_not_requested_again(
    ana: Someone, ben: Someone, dm: Dm, sandbox: Sandbox, bot: Bot, overrides: dict[str, str]
) -> None:
    faults = ("timeout", "drop_connection", "error_500", "error_503", "truncated", "empty")
    for number, fault in enumerate(faults, start=1):
        sandbox.ayrshare.faults.add(fault, ms=50 if fault == "timeout" else 0)
        await ana.types("email @ben")
        said = (await ana.sees_times(number))[-1]
        for words in (MAYBE_SENT, f"<@{BEN}>'s inbox before you try again", MAIL_SENDER):
            assert words in said.words, fault
        assert "Try again" not in said.words, fault
        assert len(requests(sandbox)) == number, fault
        assert len(mailed_to(sandbox)) == max(0, number - 4), fault  # Ayrshare had answered the last two
    assert await dm("ben").messages() == []
    assert await trail_of_links(bot) == [("link_maybe_mailed", ANA, BEN, used(bot))] * len(faults)
    (mapping,) = await bot.deps.mappings.of(TEAM, BEN)
    assert {row.ref_id for row in await trail(bot, "link_maybe_mailed")} == {mapping.ref_id}
    await counted(bot, "mail_unsure", times=len(faults))


async def test_a_mail_cut_short_by_a_restart_may_be_sent_and_is_not_done_again(
    ben: Someone, sandbox: Sandbox, bot: Bot
) -> None:
    sandbox.ayrshare.faults.add("timeout", ms=3_000)
    await ben.types("email")
    await ayrshare_is_asked(sandbox)
    await bot.deps.background.drain(within=timedelta(0))
    said = await ben.sees(MAYBE_SENT)
    assert "Try again" not in said.words
    assert await trail_of_links(bot) == [("link_maybe_mailed", BEN, BEN, used(bot))]
    await counted(bot, "mail_unsure", times=None)  # the task was cancelled, and so has no outcome


@pytest.mark.parametrize("overrides", [MAILS | {"AYRSHARE_REDIRECT": f"https://acme.example/{'a' * 3_000}"}])
async def test_a_mailed_link_that_looks_odd_leaves_it_open_whether_the_mail_is_sent(
    ben: Someone, sandbox: Sandbox, overrides: dict[str, str]
) -> None:
    await ben.types("email")
    await ben.sees(MAYBE_SENT)
    assert len(requests(sandbox)) == 1


async def test_other_refusals_of_ayrshare_are_said_in_their_own_words_and_nothing_is_mailed(
    ana: Someone, ben: Someone, dm: Dm, sandbox: Sandbox, bot: Bot
) -> None:
    kinds = {"bad_api_key": "auth", "profile_gone": "profile_gone", "plan": "payment", "bad_key": "bad_key"}
    for number, (fault, kind) in enumerate(kinds.items(), start=1):
        sandbox.ayrshare.faults.add(fault)
        await ana.types("email @ben")
        said = (await ana.sees_times(number))[-1]
        assert MAYBE_SENT not in said.text, fault
        await counted(bot, kind)
    sandbox.ayrshare.faults.add("rate_limited", ms=1_000)
    await ana.types("email @ben")
    await ana.sees("Try again in 1 s")
    assert len(requests(sandbox)) == len(kinds) + 1
    assert mailed_to(sandbox) == []
    assert await dm("ben").messages() == []
    assert await trail_of_links(bot) == []


async def test_a_slow_ayrshare_is_said_to_be_slow_and_gets_no_second_call(
    ben: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.ayrshare.faults.add("latency", ms=1_000)
    await ben.types("email")
    await ayrshare_is_asked(sandbox)
    clock.jump(timedelta(seconds=3))
    await ben.sees("Ayrshare is taking its time")
    await ben.sees("mailed you")
    assert len(requests(sandbox)) == 1


async def test_mails_and_links_share_a_minutes_limit(ben: Someone, sandbox: Sandbox, bot: Bot) -> None:
    for number in range(1, 6):
        await ben.types("email")
        await ben.sees_times(2 * number - 1)
        await ben.types()
        await ben.sees_times(2 * number)
    await ben.types("email")
    await ben.sees("too many links within a minute")
    assert len([request for request in requests(sandbox) if "email" in request["body"]]) == 5
    await counted(bot, "asked_too_often")


async def test_a_mailed_link_and_the_cards_of_its_owner_do_not_replace_each_other(
    ben: Someone, bot: Bot, clock: ManualClock
) -> None:
    await ben.types()
    await ben.sees_a_card()
    await ben.types("email")
    await ben.sees("mailed you")
    await ben.types()
    await ben.sees_times(3)
    await clock.advance(REDRAWN_AFTER)
    (mapping,) = await bot.deps.mappings.of(TEAM, BEN)

    async def only_the_first_card_is_replaced() -> bool:
        cards = await bot.deps.cards.live(TEAM, mapping.ref_id)
        mailed = [card.state for card in cards if card.surface is None]
        return mailed == ["ready"] and sorted(card.state for card in cards) == ["ready", "ready", "replaced"]

    await eventually(only_the_first_card_is_replaced, "only the first card is replaced")


@BY_SESSION
async def test_unmapping_revokes_a_mailed_link(
    ana: Someone, ben: Someone, sandbox: Sandbox, bot: Bot, overrides: dict[str, str]
) -> None:
    await ana.types("email @ben")
    await ana.sees("I told them that it's genuine")
    await ana.types("unmap @ben")
    modal = await sees_modal(ana, "This also cancels the link they have now")
    await modal.submits()
    await sees_modal(ana, "One of their links ended.")
    (link,) = sandbox.ayrshare.links.issued
    assert link.revoked
    assert [what for what, *_ in await trail_of_links(bot)] == ["link_mailed", "mapping_removed", "link_taken_back"]


async def test_with_jwt_unmapping_tells_until_when_a_mailed_link_works(ana: Someone, ben: Someone) -> None:
    await ana.types("email @ben")
    await ana.sees("I told them that it's genuine")
    await ana.types("unmap @ben")
    await sees_modal(ana, "This also cancels the link they have now", "Copies keep working until")


@BY_BOTH
async def test_a_profile_unmapped_while_its_link_is_mailed_is_said_and_the_link_ends_where_it_can(
    ana: Someone, ben: Someone, dm: Dm, sandbox: Sandbox, bot: Bot, overrides: dict[str, str]
) -> None:
    sandbox.ayrshare.faults.add("latency", ms=500)
    await ana.types("email @ben")
    await ayrshare_is_asked(sandbox)
    (mapping,) = await bot.deps.mappings.of(TEAM, BEN)
    await bot.deps.mappings.remove(TEAM, BEN, mapping.ref_id, by="test")
    said = await ana.sees("no longer has that profile", "the email was already sent")
    by_session = overrides == MAILS | SESSION
    assert ("I've revoked its link" in said.words, "works until" in said.words) == (by_session, not by_session)
    assert sandbox.ayrshare.links.issued[0].revoked == by_session
    assert await dm("ben").messages() == []


@pytest.mark.parametrize("overrides", [MAILS | SESSION | {"AYRSHARE_WEBHOOK_SECRET": SECRET}], ids=["session"])
async def test_nobody_is_told_what_is_connected_with_a_mailed_link_or_that_it_expired(
    ben: Someone,
    dm: Dm,
    sandbox: Sandbox,
    bot: Bot,
    clock: ManualClock,
    session: aiohttp.ClientSession,
    overrides: dict[str, str],
) -> None:
    await ben.types("email")
    await ben.sees("mailed you")
    (mapping,) = await bot.deps.mappings.of(TEAM, BEN)
    assert await WebhookSender(session, sandbox, clock).sends_event(platform="tiktok") == 200

    async def refreshed() -> bool:
        (card,) = await bot.deps.cards.live(TEAM, mapping.ref_id)
        return card.checked_at is not None and card.state.live

    await eventually(refreshed, "what was connected is looked up")
    await clock.advance(5 * MINUTE)
    assert await bot.deps.cards.live(TEAM, mapping.ref_id) == ()
    assert len(await ben.messages()) == 1
    assert await dm("ben").messages() == []


async def test_a_mail_whose_request_left_no_record_is_reported_to_who_asked(
    ana: Someone, ben: Someone, dm: Dm, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.ayrshare.faults.add("latency", ms=4_000)  # as if the process died before it has the answer
    await ana.types("email @ben")

    async def asked() -> bool:
        return bool(requests(sandbox))

    await eventually(asked, "Ayrshare is asked")
    assert len(await jobs(bot, REPORT_MAIL)) == 1
    clock.jump(MAIL_SETTLED)
    await dm("ana").sees(MAYBE_SENT, "before you try again")
    assert await trail_of_links(bot) == [("link_maybe_mailed", ANA, BEN, "")]
    assert len(requests(sandbox)) == 1


@pytest.mark.parametrize("fault", ["", "error_503", "bad_api_key"])
async def test_what_became_of_a_mail_is_reported_once(
    ana: Someone, ben: Someone, dm: Dm, bot: Bot, sandbox: Sandbox, clock: ManualClock, fault: str
) -> None:
    if fault:
        sandbox.ayrshare.faults.add(fault)
    await ana.types("email @ben")
    await ana.sees("")
    await idle(bot)
    assert await jobs(bot, REPORT_MAIL) == []


@pytest.mark.parametrize("overrides", [MAILS])
@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\nBcc: eve@evil.example",
        "a@b.example,c@d.example",
        "x" * 3000 + "@b.example",
        "a@b@c",
        "a@b.example\x00",
        "a\u200b@b.example",
        "\u202ea@b.example",
    ],
)
async def test_what_is_no_address_gets_no_mail(
    ben: Someone, sandbox: Sandbox, overrides: dict[str, str], address: str
) -> None:
    sandbox.slack.world.user("ben").email = address
    await ben.types("email")
    await ben.sees("isn't one for email")
    assert mailed_to(sandbox) == []
