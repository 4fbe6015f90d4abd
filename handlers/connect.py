"""`/connect`, `/connect email`, and the clicks on a card, on the picker and on the buttons that open a card."""

from dataclasses import replace

from slack_bolt.async_app import AsyncApp

from bot.cards import mail, offer, revoke, update
from bot.cards.errors import CardGone, ProfileUnclear
from bot.cards.mail_views import mailed_link, which_profile
from bot.cards.model import CardId
from bot.cards.offer import ask_for_link
from bot.cards.scope import LinkRequest
from bot.cards.views import MODAL_TITLE, cancelled_links
from bot.core.errors import Reported
from bot.core.model import RefId, UserId
from bot.deps import Deps
from bot.people import access
from bot.profiles.choose_profile import choose_to_reconnect, named_or_all
from bot.profiles.model import STATUS_PROFILES
from bot.profiles.views import picker, status
from bot.slack.actions import (
    CANCEL_AGAIN,
    CANCEL_LINK,
    CARD_MODAL,
    CONNECT,
    CONNECT_OTHERS,
    DIGEST_LINK,
    LINK_FOR,
    NEW_LINK,
    OPEN_LINK,
    OTHER_PROFILES,
    PICK_PROFILE,
    RECONNECT,
    read_owned,
    read_target,
)
from bot.slack.blocks import showing
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged, modal_session, push
from bot.slack.mentions import split_mention
from bot.slack.model import DirectMessage, ModalRef, Surface, beside
from bot.slack.requests import Click, Command, Submission, read_click, read_submission


async def offer_link(deps: Deps, command: Command, rest: str) -> None:
    """Show a card with a link, or a picker where several profiles fit."""
    request, owner, words = _read(command, rest)
    choice = await ask_for_link(deps, request, owner=owner, words=words)
    if choice:
        question = picker(choice.profiles, owner=owner, networks=choice.networks)
        await reply(deps, command.team, command.user, command.response_url, question)


async def reconnect_link(deps: Deps, command: Command, rest: str) -> None:
    """Show a card for what needs a new sign-in; where that is in several profiles, show them with a button each."""
    request, owner, words = _read(command, rest)
    await _check(deps, request, owner)
    found = await choose_to_reconnect(deps, command.team, owner, words=words)
    if len(found) == 1 and found[0].ref_id:
        request = replace(request, networks=found[0].to_reconnect, reconnect=True)
        await offer.link_for(deps, request, owner=owner, ref_id=found[0].ref_id)
        return
    offered, left_out = deps.ayrshare.options.offered, len(found[STATUS_PROFILES:])
    message = status(found[:STATUS_PROFILES], owner=owner, offered=offered, left_out=left_out)
    await reply(deps, command.team, command.user, command.response_url, message)


async def cancel_links(deps: Deps, command: Command, rest: str) -> None:
    """Cancel the links that the person was shown: all of them, or those to the profiles that the words mean."""
    request, owner, words = _read(command, rest)
    await _check(deps, request, owner)
    profiles = await named_or_all(deps, command.team, owner, words=words)
    cancelled = await revoke.cancel_links(deps, command.team, command.user, profiles)
    await reply(
        deps, command.team, command.user, command.response_url, cancelled_links(cancelled, now=deps.clock.now())
    )


async def mail_link(deps: Deps, command: Command, rest: str) -> None:
    """Have a link mailed to the owner of a profile, and say where the mail comes from."""
    request, owner, words = _read(command, rest)
    try:
        mailed = await mail.mail_link(deps, request, owner=owner, words=words)
    except ProfileUnclear as error:
        question = which_profile(error.owner, error.titles)
        await reply(deps, command.team, command.user, command.response_url, question)
        raise Reported(error) from error
    await reply(deps, command.team, command.user, command.response_url, mailed_link(mailed))


async def open_link(deps: Deps, click: Click) -> None:
    """Note that the link was opened."""
    await offer.open_link(deps, _request(click), card_id=_card(click)[0])


async def new_link(deps: Deps, click: Click) -> None:
    """Show a new card in place of this one."""
    card_id, version = _card(click)
    await offer.renew_link(deps, _request(click), card_id=card_id, version=version)


async def connect_others(deps: Deps, click: Click) -> None:
    """Show a new card for all networks in place of this one, whose link is for some of them."""
    card_id, version = _card(click)
    request = replace(_request(click), networks=())
    await offer.renew_link(deps, request, card_id=card_id, version=version)


async def other_profiles(deps: Deps, click: Click) -> None:
    """Show a picker of the other profiles of the card's owner, beside the card."""
    choice, owner = await offer.other_profiles(deps, _request(click), card_id=_card(click)[0])
    question = picker(choice, owner=owner)
    if click.in_modal:
        await push(deps, click, showing(question, title=MODAL_TITLE))
    else:
        await reply(deps, click.team, click.user, beside(click.response_url), question)


async def cancel_link(deps: Deps, click: Click) -> None:
    """Cancel the card's link."""
    request = _request(click)
    await revoke.cancel_link(deps, click.viewer, card_id=_card(click)[0], surface=request.surface)


async def cancel_again(deps: Deps, click: Click) -> None:
    """Cancel a link that an earlier click couldn't cancel; say so below that failure, or in its modal."""
    card = await revoke.cancel_link(deps, click.viewer, card_id=CardId(click.value))
    answer = cancelled_links((card,), now=deps.clock.now())
    if click.view and click.in_modal:
        await deps.limits.count(click.team, click.user, "views")
        await deps.views.update(click.team, click.view, showing(answer, title=MODAL_TITLE))
    else:
        await reply(deps, click.team, click.user, click.response_url, answer)


async def pick_profile(deps: Deps, click: Click) -> None:
    """Show a card in place of the picker."""
    request, (owner, ref_id, networks) = _request(click), read_target(click.value)
    if not ref_id:
        raise CardGone
    request = replace(request, networks=networks)
    await offer.pick_link(deps, request, owner=owner, ref_id=ref_id, picker=click.message)


async def connect(deps: Deps, click: Click) -> None:
    """Show a card for one of the caller's own profiles in a modal; for their default if none is named."""
    await _show_in_modal(deps, click, owner=click.user, ref_id=RefId(click.value))


async def link_for(deps: Deps, click: Click) -> None:
    """Show a card for another person's profile in a modal."""
    owner, ref_id = read_owned(click.value)
    await _show_in_modal(deps, click, owner=owner, ref_id=ref_id)


async def reconnect(deps: Deps, click: Click) -> None:
    """Show a card for what a status says is broken: beside the message, in the modal, or from Home in one."""
    owner, ref_id, networks = read_target(click.value)
    if click.at_home and ref_id:
        await _show_in_modal(deps, click, owner=owner, ref_id=ref_id, networks=networks)
        return
    surface = ModalRef(click.view) if click.view and click.in_modal else _digest_surface(click, alone=False)
    if surface is None or not ref_id:
        raise CardGone
    request = LinkRequest(click.viewer, surface, networks=networks, reconnect=True)
    picker = f"{click.view or click.message}:{ref_id}"
    await offer.pick_link(deps, request, owner=owner, ref_id=ref_id, picker=picker)


async def notification_link(deps: Deps, click: Click) -> None:
    """Offer a link in place of the digest if it is about one profile only, else beside it."""
    ref_id, alone, networks = (*click.value.split(":", 2), "", "")[:3]
    surface = _digest_surface(click, alone=bool(alone))
    if surface is None or not ref_id:
        raise CardGone
    request = LinkRequest(click.viewer, surface)
    if networks:
        request = replace(request, networks=tuple(networks.split(",")), reconnect=True)
    picker = f"{click.message}:{ref_id}"
    await offer.pick_link(deps, request, owner=click.user, ref_id=RefId(ref_id), picker=picker)


async def close_card(deps: Deps, closed: Submission) -> None:
    """Stop the countdown in a modal that was closed."""
    await update.close_card(deps, closed.team, viewer=closed.user, card_id=CardId(closed.metadata))


async def _show_in_modal(
    deps: Deps, click: Click, *, owner: UserId, ref_id: RefId, networks: tuple[str, ...] | None = None
) -> None:
    async with modal_session(deps, click, title=MODAL_TITLE) as view:
        request = LinkRequest(click.viewer, ModalRef(view))
        request = replace(request, networks=networks, reconnect=bool(networks))
        ref_id = ref_id or (await named_or_all(deps, click.team, owner, words=""))[0].ref_id
        await offer.link_for(deps, request, owner=owner, ref_id=ref_id)


def _read(command: Command, rest: str) -> tuple[LinkRequest, UserId, str]:
    """Return the request, whose profile it is for, and the words of its title; raise NotAPerson."""
    mentioned, words = split_mention(rest)
    surface = command.response_url or (ModalRef(command.view) if command.view else None)
    if surface is None:
        raise CardGone
    request = LinkRequest(command.viewer, surface)
    return request, mentioned or command.user, words


async def _check(deps: Deps, request: LinkRequest, owner: UserId) -> None:
    """Raise NotAllowed unless the caller may know of the owner's profiles."""
    await access.check_may_see_link(deps, request.viewer, owner)


def _card(click: Click) -> tuple[CardId, str]:
    """Return which card was clicked, and which drawing of it."""
    card_id, _, version = click.value.partition(":")
    return CardId(card_id), version


def _request(click: Click) -> LinkRequest:
    surface = _surface(click)
    if surface is None or not click.value:
        raise CardGone
    return LinkRequest(click.viewer, surface)


def _surface(click: Click) -> Surface | None:
    if click.view and click.in_modal:
        return ModalRef(click.view)
    return DirectMessage(click.message_ref, click.response_url) if click.message_ref else click.response_url


def _digest_surface(click: Click, *, alone: bool) -> Surface | None:
    if alone and click.message_ref:
        return DirectMessage(click.message_ref, click.response_url)
    return replace(click.response_url, replaces=False) if click.response_url else None


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the buttons of cards, the picker, and the buttons that open a card; commands.py has the commands."""
    app.action(OPEN_LINK.action_id)(acknowledged(deps, read_click, open_link, repeatable=True))
    app.action(NEW_LINK.action_id)(acknowledged(deps, read_click, new_link))
    app.action(CONNECT_OTHERS.action_id)(acknowledged(deps, read_click, connect_others))
    app.action(OTHER_PROFILES.action_id)(acknowledged(deps, read_click, other_profiles))
    app.action(CANCEL_LINK.action_id)(acknowledged(deps, read_click, cancel_link))
    app.action(CANCEL_AGAIN.action_id)(acknowledged(deps, read_click, cancel_again))
    app.action(PICK_PROFILE)(acknowledged(deps, read_click, pick_profile))
    app.action(CONNECT.action_id)(acknowledged(deps, read_click, connect))
    app.action(LINK_FOR.action_id)(acknowledged(deps, read_click, link_for))
    app.view_closed(CARD_MODAL)(acknowledged(deps, read_submission, close_card))
    app.action(RECONNECT.action_id)(acknowledged(deps, read_click, reconnect))
    app.action(DIGEST_LINK.action_id)(acknowledged(deps, read_click, notification_link))
