"""`/connect invite`, *Make a client link* and the list of client links: an address for people who aren't in Slack."""

from dataclasses import replace
from functools import partial

from slack_bolt.async_app import AsyncApp

from bot.ayrshare.errors import NetworkNotOffered
from bot.ayrshare.networks import NETWORK_NAMES
from bot.client_links.access import profiles_to_choose
from bot.client_links.create import create_for_person
from bot.client_links.errors import OutOfRange
from bot.client_links.extend import extend
from bot.client_links.list_links import client_links_of
from bot.client_links.model import ClientLinkForm, ClientLinkOrder
from bot.client_links.revoke import revoke_for
from bot.client_links.views import (
    CLIENT,
    DAYS,
    EXTEND,
    FORM_TITLE,
    NETWORKS,
    NOTE,
    PROFILE,
    REVOKE,
    USES,
    address_shown,
    client_link_form,
    client_link_list,
    not_shown,
    read_menu,
)
from bot.core.model import Block, RefId, Viewer
from bot.deps import Deps
from bot.profiles.model import ProfileRef
from bot.profiles.titles import called
from bot.profiles.views import profile_options
from bot.slack.actions import (
    CLIENT_LINK_FORM,
    CLIENT_LINK_MENU,
    CLIENT_LINK_PROFILE,
    CLIENT_LINKS,
    EXTEND_CLIENT_LINK,
    MAKE_CLIENT_LINK,
)
from bot.slack.blocks import loading, sentence
from bot.slack.listener import acknowledged, modal_session, push
from bot.slack.mentions import split_recipients
from bot.slack.modal_redraw import redraw
from bot.slack.model import Reply
from bot.slack.requests import Click, Command, Submission, read_click
from bot.slack.submit import Result, in_time_or_later, submitted
from bot.slack.suggestions import suggested
from handlers.send import send


async def invite(deps: Deps, command: Command, rest: str) -> None:
    """Open the form for a client outside Slack; whoever is mentioned is in Slack, and gets a request."""
    if split_recipients(rest) is not None:
        await send(deps, command, rest)
        return
    async with modal_session(deps, command, title=FORM_TITLE) as view:
        form = await _form(deps, command.viewer)
        await deps.views.update(command.team, view, client_link_form(replace(form, chosen=_named(form, rest))))


async def open_client_link_form(deps: Deps, click: Click) -> None:
    """Open the form from a button or a menu, whose value names the profile."""
    async with modal_session(deps, click, title=FORM_TITLE) as view:
        form = await _form(deps, click.viewer)
        chosen = RefId(click.value.rpartition(":")[2])
        await deps.views.update(click.team, view, client_link_form(replace(form, chosen=chosen)))


async def suggest_profiles(deps: Deps, click: Click) -> list[Block]:
    """Offer the profiles whose titles contain the words typed so far."""
    profiles = await profiles_to_choose(deps, click.viewer)
    return profile_options(profiles, words=click.value)


async def submit_client_link(deps: Deps, submission: Submission) -> Reply:
    """Make the client link, and show its address in the modal."""
    order = _order(submission)
    form = await _form(deps, submission.viewer)
    work, failed = _made(deps, submission.viewer, order), partial(_form_again, replace(form, chosen=order.ref_id))
    return await in_time_or_later(deps, submission, work, meanwhile=loading(title=FORM_TITLE), failed=failed)


async def show_client_links(deps: Deps, click: Click) -> None:
    """List client links, above the form or from Home."""
    links = await client_links_of(deps, click.viewer)
    shown = client_link_list(links, now=deps.clock.now())
    if click.in_modal:
        await push(deps, click, shown)
        return
    await deps.limits.count(click.team, click.user, "views")
    await deps.views.open(click.team, click.trigger_id, shown)


async def change_client_link(deps: Deps, click: Click) -> None:
    """Extend or revoke the client link above the button, and draw the list again."""
    viewer, (what, link) = click.viewer, read_menu(click.value)
    if what == EXTEND:
        await extend(deps, viewer, link)
    elif what == REVOKE:
        await revoke_for(deps, viewer, link)
    if click.view is not None:
        links = await client_links_of(deps, viewer)
        await redraw(deps, click, click.view, client_link_list(links, now=deps.clock.now()))


def _named(form: ClientLinkForm, words: str) -> RefId | None:
    """Return the profile that was typed behind the command, if it is clear which."""
    profiles = [ProfileRef(ref_id, title, default=False) for ref_id, title in form.profiles.items()]
    found = called(profiles, words) if words else ()
    return found[0].ref_id if len(found) == 1 else None


async def _form(deps: Deps, viewer: Viewer) -> ClientLinkForm:
    profiles, links = await profiles_to_choose(deps, viewer), await client_links_of(deps, viewer)
    networks = deps.ayrshare.options.offered.restriction(()) or tuple(NETWORK_NAMES)
    return ClientLinkForm(profiles, networks, made=len(links))


async def _made(deps: Deps, viewer: Viewer, order: ClientLinkOrder) -> Result:
    return Result(address_shown(await create_for_person(deps, viewer, order)), not_shown())


def _form_again(form: ClientLinkForm, reason: str) -> Result:
    return Result(client_link_form(replace(form, warning=reason)), sentence(reason))


def _order(submission: Submission) -> ClientLinkOrder:
    entered = submission.entered
    return ClientLinkOrder(
        submission.team,
        submission.user,
        RefId(str(entered.get(PROFILE) or "")),
        client=str(entered.get(CLIENT) or ""),
        networks=tuple(entered.get(NETWORKS) or ()),
        note=str(entered.get(NOTE) or ""),
        days=_number(entered.get(DAYS)),
        uses=_number(entered.get(USES)),
    )


def _number(entered: object) -> int:
    """Return a whole number that was entered; anything else is less than any limit."""
    text = str(entered or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0  # noqa: PLR2004 - more than any limit


def _field(_submission: Submission, error: Exception) -> str:
    if isinstance(error, OutOfRange):
        return error.field
    return NETWORKS if isinstance(error, NetworkNotOffered) else PROFILE


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the form, the buttons and the list; the command comes through the table of subcommands."""
    app.action(MAKE_CLIENT_LINK.action_id)(acknowledged(deps, read_click, open_client_link_form))
    app.options(CLIENT_LINK_PROFILE)(suggested(deps, suggest_profiles))
    app.view(CLIENT_LINK_FORM)(submitted(deps, submit_client_link, field=_field))
    app.action(CLIENT_LINKS.action_id)(acknowledged(deps, read_click, show_client_links))
    for action in (EXTEND_CLIENT_LINK.action_id, CLIENT_LINK_MENU):
        app.action(action)(acknowledged(deps, read_click, change_client_link))
