"""A browser at the page of a client link: it looks, which changes nothing; it presses the button; it comes back.

Who made the client link, and whether somebody has the profile, is looked up again before the button makes anything.
"""

from datetime import timedelta

import structlog
from pydantic import SecretStr

from bot.ayrshare.links import LinkTerms
from bot.ayrshare.model import Account, Minted, Profile
from bot.ayrshare.transport import CallTimings
from bot.cards.errors import LinkUnderWay
from bot.cards.model import LOOKUP_TIMEOUT, Card, CardId, CardState
from bot.cards.refresh import healthy_accounts, refresh_accounts
from bot.cards.revoke import end_link
from bot.cards.update import update_if
from bot.client_links.access import may_be_used, responsible
from bot.client_links.errors import ClientLinkEnded, ClientLinkGone, FormTooOld, NobodyHasProfile, OpenedTooOften
from bot.client_links.form import fresh_stamp
from bot.client_links.model import LOOK_PAUSE, RETURN_LIFE, ClientLink, ClientLinkId, Return, card_of, new_token
from bot.client_links.revoke import revoke
from bot.core.errors import ConnectbotError
from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.people.audit import AuditRow
from bot.people.page_reader import BOT
from bot.profiles.holders import is_held
from bot.profiles.titles import renamed
from bot.storage.lock import OWNER_ENDED

LONGEST_PRESS = 3 * CallTimings().total + 2 * LOOKUP_TIMEOUT
"""People and profiles are looked up, a link is made."""
CLIENT = "client"
"""Who acts, in the audit log."""

log = structlog.get_logger()


async def check_rate(deps: Deps, address: str) -> None:
    """Count a request from an address; raise OpenedTooOften."""
    _check_wait(await deps.client_links.look(address))


async def look(deps: Deps, token: str) -> ClientLink:
    """Return the client link of a token, if it works; raise ClientLinkGone, ClientLinkEnded."""
    link = await _find(deps, token)
    _check_works(deps, link)
    return link


async def come_back(deps: Deps, token: str) -> tuple[ClientLink, tuple[Account, ...]]:
    """Return what got connected by the link whose `redirect` has this token; raise ClientLinkGone."""
    what = await deps.client_links.find_return(token)
    link = await deps.client_links.get(what.team, what.link) if what else None
    card = await deps.cards.get(what.team, CardId(what.card)) if what else None
    if link is None or link.revoked or card is None:
        raise ClientLinkGone
    if card.state.live and await deps.idempotency.claim(link.team, f"client_return:{card.id}", within=LOOK_PAUSE):
        accounts = await healthy_accounts(deps, card.team, card.ref_id)
        await refresh_accounts(deps, card, accounts, now=deps.clock.now())
        card = await deps.cards.get(card.team, card.id) or card
    return link, card.connected


async def press(deps: Deps, token: str, form: str) -> SecretStr:
    """Make a link for whoever was shown the form, and return its address; the same form makes one only.

    Raises ClientLinkGone, ClientLinkEnded, FormTooOld, OpenedTooOften, LinkUnderWay, AyrshareError, SlackError.
    """
    link, stamp = await _find(deps, token), deps.client_forms.read(form, token, now=deps.clock.now())
    if stamp is None:
        raise FormTooOld
    card_id = CardId(card_of(link.id, stamp))
    what = f"client_form:{card_id}"
    async with deps.flights.hold(link.team, what, version="", longest=LONGEST_PRESS, wait=OWNER_ENDED) as first:
        if first is None:
            raise LinkUnderWay
        card = await deps.cards.get(link.team, card_id)
        if card and card.state.live and deps.clock.now() < card.link.expires_at:
            return card.link.url
        return await _use(deps, link, CardId(card_of(link.id, fresh_stamp())) if card else card_id)


async def give_back_use(deps: Deps, team: TeamId, job_id: str) -> None:
    """Take back the count of a use that made no link, because its process died."""
    link_id, _, card_id = job_id.partition(":")
    link = await deps.client_links.get(team, ClientLinkId(link_id))
    if link and await deps.cards.get(team, CardId(card_id)) is None:
        await deps.client_links.update(link, lambda newest: newest.given_back(card_id))


async def _find(deps: Deps, token: str) -> ClientLink:
    link = await deps.client_links.find(token)
    if link is None or not await deps.slack.serves(link.team):
        raise ClientLinkGone
    return link


def _check_works(deps: Deps, link: ClientLink) -> None:
    if ending := link.ending(deps.clock.now()):
        raise ClientLinkEnded(link, ending)


async def _use(deps: Deps, link: ClientLink, card_id: CardId) -> SecretStr:
    """Count a use and make a link, which is kept on a card that nobody sees."""
    _check_works(deps, link)
    profiles = await deps.profiles.get(link.team, link.ref_id)
    if not profiles or not await may_be_used(deps, link):
        await revoke(deps, link, by=BOT)
        raise ClientLinkGone
    _check_wait(await deps.client_links.press(link))
    back, now = link.give_back_job(card_id), deps.clock.now()
    late = now + LONGEST_PRESS
    used = await deps.client_links.update(link, lambda newest: newest.used(card_id, now), jobs={back: late})
    if used is None:
        _check_works(deps, await deps.client_links.get(link.team, link.id) or link)
        raise ClientLinkGone
    await deps.scheduler.wake(link.team, at=late)
    try:
        return await _make(deps, used, profiles[0], card_id)
    except ConnectbotError:
        await deps.client_links.update(used, lambda newest: newest.given_back(card_id), done=back)
        raise


async def _make(deps: Deps, link: ClientLink, profile: Profile, card_id: CardId) -> SecretStr:
    try:
        owner = await responsible(deps, link.team, link.ref_id, first=link.made_by)
    except NobodyHasProfile:
        raise ClientLinkGone from None
    deps.ayrshare.options.offered.check(link.networks)
    back = new_token()
    terms = LinkTerms(redirect=f"{deps.settings.public_url}/c/{back}")
    links = await deps.ayrshare.links(link.team)
    minted = await links.mint(profile, networks=link.networks, terms=terms)
    card = _card(deps, link, profile, minted, owner=owner, card_id=card_id)
    now, deadline = deps.clock.now(), minted.link.expires_at
    await deps.client_links.keep_return(back, Return(link.team, link.id, card.id), life=deadline - now + RETURN_LIFE)
    row = AuditRow("client_link_used", by=CLIENT, ref_id=link.ref_id, detail=f"{link.id} {card.id}")
    jobs = {card.end_job: deadline, link.receipt_job(card.id): now}
    still_mapped, _ = await deps.cards.create(card, jobs=jobs, audit=[row], done=link.give_back_job(card.id))
    await deps.scheduler.wake(link.team, at=now)
    log.info("client_link_used", team=link.team, link=link.id, card=card.id, expires_at=str(deadline))
    newest = await deps.client_links.get(link.team, link.id)
    held = still_mapped or await is_held(deps, link.team, link.ref_id)
    if not held or newest is None or newest.revoked or card_id not in newest.newest_uses:
        await end_link(deps.cards, deps.profiles, links, deps.audit, card, by=BOT)
        raise ClientLinkGone
    deps.background.start(_note_baseline(deps, card))
    return minted.link.url


def _card(deps: Deps, link: ClientLink, profile: Profile, minted: Minted, *, owner: UserId, card_id: CardId) -> Card:
    now = deps.clock.now()
    return Card(
        id=card_id,
        team=link.team,
        viewer=owner,
        owner=owner,
        ref_id=link.ref_id,
        title=renamed(profile, minted.title),
        link=minted.link,
        made_at=now,
        surface=None,
        asked_by=link.maker,
        notify=link.receipt_job(card_id),
        issued_by=link.actor,
        shared=True,
        state=CardState.OPENED,
        opened_at=now,
        checked_at=now,
    )


async def _note_baseline(deps: Deps, card: Card) -> None:
    """Keep what was connected before, so that what gets connected can be told."""
    accounts = await healthy_accounts(deps, card.team, card.ref_id)
    await update_if(deps, card, Card.with_baseline, accounts)


def _check_wait(wait: timedelta) -> None:
    if wait > timedelta(0):
        raise OpenedTooOften(max(1, round(wait.total_seconds())))
