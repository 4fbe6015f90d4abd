"""*Keep it* and *Undo* where another account than before was connected, on a card and in a direct message."""

from dataclasses import replace

from slack_bolt.async_app import AsyncApp

from bot.cards.model import CardId
from bot.cards.refresh import show_settled
from bot.cards.scope import LinkRequest
from bot.core.model import Message, RefId, UserId
from bot.deps import Deps
from bot.notifications.account_diff import record_undone
from bot.notifications.right_account.settled import plan_settled
from bot.profiles import account_changes
from bot.profiles.account_change_views import kept, undone
from bot.profiles.errors import AccountSettled
from bot.profiles.model import ChangeRef
from bot.slack.actions import KEEP_ACCOUNT, UNDO_ACCOUNT
from bot.slack.delivery import reply
from bot.slack.errors import ResponseUrlRefused
from bot.slack.listener import acknowledged
from bot.slack.model import DirectMessage, ModalRef, ResponseUrl
from bot.slack.requests import Click, read_click


async def keep_account(deps: Deps, click: Click) -> None:
    """Take what is connected for what is meant."""
    ref, card_id = _read(click)
    profile, change = await account_changes.keep(deps, click.viewer, ref)
    await plan_settled(deps, click.team, ref, by=click.user, but=None if card_id else click.user)
    await _show(deps, click, kept(change, title=profile.title))


async def undo_account(deps: Deps, click: Click) -> None:
    """Disconnect what was connected, and offer to reconnect what was there before."""
    ref, card_id = _read(click)
    profile, change = await account_changes.undo(deps, click.viewer, ref)
    await plan_settled(deps, click.team, ref, by=click.user, but=None if card_id else click.user)
    await record_undone(deps, click.team, ref.ref_id, ref.network)
    owner = await _who_reconnects(deps, click, ref.ref_id)
    message = undone(change, title=profile.title, ref_id=ref.ref_id, owner=owner)
    await _show(deps, click, message)
    if click.in_modal:  # which shows the card
        await reply(deps, click.team, click.user, None, message)


async def _who_reconnects(deps: Deps, click: Click, ref_id: RefId) -> UserId | None:
    """Return whose link the caller may open: their own or, as an admin, that of the first who has the profile."""
    holders = await deps.mappings.holders(click.team, ref_id)
    if click.user in holders:
        return click.user
    return holders[0] if holders and deps.settings.connect_for_others == "admins" else None


async def _show(deps: Deps, click: Click, message: Message) -> None:
    """Answer in place of the direct message, or under the card, which is redrawn."""
    _, card_id = _read(click)
    if not card_id:
        await _replace(deps, click, message)
        return
    if click.view and click.in_modal:
        request = LinkRequest(click.viewer, ModalRef(click.view))
        await show_settled(deps, request, card_id=card_id)
        return
    under = click.response_url and replace(click.response_url, replaces=False)
    await reply(deps, click.team, click.user, under, message)
    if click.response_url:
        left = replace(click.response_url, posts_left=click.response_url.posts_left - 1)
        surface: DirectMessage | ResponseUrl = DirectMessage(click.message_ref, left) if click.message_ref else left
        await show_settled(deps, LinkRequest(click.viewer, surface), card_id=card_id)


async def _replace(deps: Deps, click: Click, message: Message) -> None:
    try:
        if click.response_url:
            await deps.response_urls.post(click.response_url, message, replace=True)
    except ResponseUrlRefused:
        await reply(deps, click.team, click.user, None, message)


def _read(click: Click) -> tuple[ChangeRef, CardId]:
    """Return the change, and the card that the button stands on, if any; raise AccountSettled."""
    try:
        ref_id, network, change_id, card_id = click.value.split(":")
    except ValueError:
        raise AccountSettled from None
    return ChangeRef(RefId(ref_id), network, change_id), CardId(card_id)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to both buttons."""
    app.action(KEEP_ACCOUNT.action_id)(acknowledged(deps, read_click, keep_account))
    app.action(UNDO_ACCOUNT.action_id)(acknowledged(deps, read_click, undo_account))
