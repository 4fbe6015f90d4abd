"""The sender's receipt: one direct message, edited in place, on what came of an invitation."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.cards.model import Card
from bot.cards.revoke import revoke_links
from bot.core.model import UserId
from bot.invitations.model import DELIVER_INVITATION, DRAW_RECEIPT, Postponement
from bot.invitations.views import POSTPONE_LABELS
from bot.job_runner import RETRY_SLACK
from bot.scheduling.job import Job
from bot.slack.actions import GET_LINK, MUTE, OPEN_LINK, POSTPONE
from bot.slack.delivery import SPACING
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map
from tests.eventually import eventually
from tests.invitations.invitation_helpers import ASKS, ON_ITS_WAY, Dm, has_settled, invitation_of, invited, runs_until
from tests.redis_probe import TEAM
from tests.time_travel import planned
from tests.users import Seen, Someone
from tests.webhooks import SECRET

MINUTE, HOUR, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=7)
BEN = UserId("U0BEN0001")


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET}


@pytest.fixture
async def ben(dm: Dm, mapped: Map) -> Someone:
    await mapped("ben", "Acme: Team")
    return dm("ben")


@pytest.fixture
def box(dm: Dm) -> Someone:
    """Ana in front of the bot's direct message with her."""
    return dm("ana")


async def test_it_is_one_message_from_delivered_to_expired(
    ana: Someone, ben: Someone, box: Someone, clock: ManualClock, sandbox: Sandbox
) -> None:
    asked = await invited(ana, ben, "please")
    delivered = await box.sees("<@U0BEN0001> has your request", "*Acme: Team*", "Delivered")
    await ben.clicks(asked, GET_LINK.action_id)
    card = await ben.sees_a_card()
    fetched = await box.sees("opened the request")
    await clock.advance(5 * MINUTE)
    await ben.sees("expired")
    ended = await box.sees("Their link expired")
    assert delivered.ts == fetched.ts == ended.ts
    assert len(await box.messages()) == 1
    assert card.url is not None
    assert card.url not in str([seen.raw for seen in await box.messages()])
    assert "please" not in ended.words


async def test_it_tells_of_the_end_of_a_link_whose_message_was_deleted(
    ana: Someone, ben: Someone, box: Someone, clock: ManualClock, sandbox: Sandbox
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, GET_LINK.action_id)
    await ben.sees_a_card()
    await box.sees("opened the request")
    sandbox.slack.world.channels[ben.channel].messages.clear()
    await clock.advance(MINUTE)  # a tick finds that the message is gone
    await clock.advance(4 * MINUTE)
    await box.sees("Their link expired")


@pytest.mark.parametrize("kind", ["word_that_is_new", "error_500", "ratelimited", "cut_answer"])
async def test_it_tells_of_the_end_of_a_link_although_slack_changed_no_message_until_then(
    ana: Someone, ben: Someone, box: Someone, clock: ManualClock, sandbox: Sandbox, kind: str
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, GET_LINK.action_id)
    await ben.sees_a_card()
    await box.sees("opened the request")
    sandbox.slack.faults.add(kind, times=None, method="chat.update")
    for _ in range(5):
        await clock.advance(MINUTE)
    sandbox.slack.faults.clear()
    await runs_until(clock, box, "Their link expired", step=60)
    assert len(await box.messages()) == 1


async def test_accounts_connected_with_the_link_are_told(
    ana: Someone, ben: Someone, box: Someone, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, GET_LINK.action_id)
    card = await ben.sees_a_card()
    await ben.clicks(card, OPEN_LINK.label)
    await box.sees("They're connecting now")

    async def remembered() -> bool:
        stored = await bot.deps.cards.newest_notifying(TEAM, Job(DRAW_RECEIPT, invitation_of(asked)))
        return stored is not None and stored.connected_before is not None

    await eventually(remembered, "what was linked before is known")
    sandbox.ayrshare.connect_as_user("Acme: Team", "youtube")
    await runs_until(clock, box, "connected YouTube", step=15)
    assert len(await box.messages()) == 1


async def test_accounts_connected_otherwise_are_told_too(
    ana: Someone, ben: Someone, box: Someone, sandbox: Sandbox
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await invited(ana, ben)
    await box.sees("Delivered")
    sandbox.ayrshare.connect_as_user("Acme: Team", "youtube")
    receipt = await box.sees("connected YouTube")
    assert "fetched" not in receipt.words
    assert len(await box.messages()) == 1


async def test_postponed_and_then_delivered_again(
    ana: Someone, ben: Someone, box: Someone, bot: Bot, clock: ManualClock
) -> None:
    asked = await invited(ana, ben)
    first = await box.sees("Delivered")
    await ben.clicks(asked, POSTPONE, value=POSTPONE_LABELS[Postponement.HOUR])
    await box.sees("wants a reminder")
    await clock.advance(HOUR)
    again = await box.sees("Delivered again")
    assert again.ts == first.ts
    assert "reminded" not in again.words


async def test_stopped(ana: Someone, ben: Someone, box: Someone) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, MUTE.label)
    await box.sees("has muted these requests")


async def test_unanswered_for_a_week(ana: Someone, ben: Someone, box: Someone, bot: Bot, clock: ManualClock) -> None:
    asked = await invited(ana, ben)
    await has_settled(bot, invitation_of(asked))
    await clock.advance(WEEK)
    await box.sees("didn't answer within a week")


@pytest.mark.parametrize(
    ("word", "words"),
    [("user_disabled", "has left this workspace"), ("cannot_dm_bot", "Slack doesn't let me message <@U0BEN0001>")],
)
async def test_a_recipient_who_can_not_be_messaged(
    ana: Someone, ben: Someone, box: Someone, bot: Bot, clock: ManualClock, sandbox: Sandbox, word: str, words: str
) -> None:
    sandbox.slack.faults.add("ratelimited", ms=1000, method="chat.postMessage")
    before = clock.now()
    await ana.types("send @ben")
    await planned(bot, DELIVER_INVITATION, at=before + timedelta(seconds=1))
    ben_there = sandbox.slack.world.user("ben")
    ben_there.deleted, ben_there.is_bot = word == "user_disabled", word == "cannot_dm_bot"
    await clock.advance_seconds(1)
    said: Seen = await box.sees("<@U0BEN0001>", words)
    assert len(await box.messages()) == 1
    assert said.buttons == []


async def test_a_mute_cancels_a_reminder_and_is_told(
    ana: Someone, ben: Someone, box: Someone, bot: Bot, clock: ManualClock
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, POSTPONE, value=POSTPONE_LABELS[Postponement.HOUR])
    await box.sees("wants a reminder")
    await bot.deps.preferences.mute(TEAM, BEN)
    await clock.advance(HOUR)
    await box.sees("has muted these requests")
    assert len([seen for seen in await ben.messages() if not seen.ephemeral]) == 1


async def test_a_profile_that_is_no_longer_mapped_cancels_a_reminder(
    ana: Someone, ben: Someone, box: Someone, bot: Bot, clock: ManualClock
) -> None:
    asked = await invited(ana, ben)
    await ben.clicks(asked, POSTPONE, value=POSTPONE_LABELS[Postponement.HOUR])
    await box.sees("wants a reminder")
    [mapping] = await bot.deps.mappings.of(TEAM, BEN)
    await bot.deps.mappings.remove(TEAM, BEN, mapping.ref_id, by="test")
    await clock.advance(HOUR)
    await box.sees("doesn't have a profile yet")


async def test_a_receipt_whose_answer_is_lost_is_found_and_updated(
    ana: Someone, ben: Someone, box: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.slack.faults.add("lost_answer", times=2, method="chat.postMessage")
    before = clock.now()
    await ana.types("send @ben")
    asked = await ben.sees(ASKS)
    await planned(bot, DELIVER_INVITATION, at=before + RETRY_SLACK)
    await clock.advance(RETRY_SLACK)
    await box.sees("Delivered")
    await planned(bot, DRAW_RECEIPT, at=clock.now() + RETRY_SLACK)
    await clock.advance(RETRY_SLACK)
    await ben.clicks(asked, MUTE.label)
    await box.sees("has muted these requests")
    assert len(await box.messages()) == 1


async def test_receipts_of_one_sender_are_spaced_so_that_slack_refuses_none(
    ana: Someone, dm: Dm, mapped: Map, clock: ManualClock, sandbox: Sandbox
) -> None:
    names = ("ben", "cara", "dan", "eve")
    for name in names:
        await mapped(name, "Acme: Jane")
        await ana.types(f"send @{name}")
        await ana.sees(ON_ITS_WAY, sandbox.slack.world.user(name).id)

    async def all_told() -> bool:
        clock.jump(SPACING)
        return len(await dm("ana").messages()) == len(names)

    await eventually(all_told, "each invitation has its receipt", within=30)
    assert [call["call"] for call in sandbox.slack.calls.since() if call.get("status") == 429] == []


async def test_a_link_taken_back_from_an_unmapped_person_is_told_at_once(
    ana: Someone, ben: Someone, box: Someone, bot: Bot
) -> None:
    await ben.clicks(await invited(ana, ben), GET_LINK.action_id)
    await ben.sees_a_card()
    await box.sees("opened the request")
    (mapping,) = await bot.deps.mappings.of(TEAM, BEN)
    await bot.deps.mappings.remove(TEAM, BEN, mapping.ref_id, by="test")
    await revoke_links(bot.deps, TEAM, BEN, mapping.ref_id, by="shell")
    await box.sees("Their link was cancelled", within=3)


async def test_one_of_two_processes_that_make_the_same_change_tells_it(
    ana: Someone, ben: Someone, box: Someone, bot: Bot
) -> None:
    await ben.clicks(await invited(ana, ben), GET_LINK.action_id)
    await ben.sees_a_card()
    await box.sees("opened the request")
    (mapping,) = await bot.deps.mappings.of(TEAM, BEN)
    (card,) = await bot.deps.cards.live(TEAM, mapping.ref_id)
    planned_by = [(await bot.deps.cards.update(card, Card.cancelled, revoked=False))[1] for _ in range(2)]
    assert planned_by == [True, False]
