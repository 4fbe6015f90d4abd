"""Makes a link for an app. It is kept as a card that nobody sees, so that it ends like every other link."""

import secrets
from dataclasses import replace

import structlog
from pydantic import SecretStr

from bot.ayrshare.links import LinkTerms
from bot.ayrshare.model import Minted, Profile
from bot.cards.model import Card, CardId, CardState
from bot.cards.refresh import healthy_accounts
from bot.cards.revoke import revoke_links
from bot.cards.scope import Scope
from bot.cards.update import update
from bot.core.metrics import external_wait
from bot.core.model import UserId
from bot.deps import Deps
from bot.links_api.answer_store import Keep
from bot.links_api.errors import LinkTakenBack, NobodyMapped
from bot.links_api.find_profile import Lookup, profile_with_holder
from bot.links_api.model import TELL_HOLDER, ApiKey, IssuedLink, LinkOrder, ProfileTitle
from bot.people.audit import AuditRow
from bot.profiles.titles import renamed
from bot.scheduling.job import Job
from bot.storage.transaction import AddTo

log = structlog.get_logger()


async def create_link(
    deps: Deps, key: ApiKey, order: LinkOrder, ahead: Lookup | None = None, *, keep: Keep | None = None
) -> IssuedLink:
    """Make a link; `ahead` is the lookup of its profile, if that has begun, and `keep` keeps the answer.

    Raises NetworkNotOffered, UnknownProfile, NobodyMapped, LookupNotGranted, AyrshareError, SlackError.
    """
    _check_networks(deps, order.networks)
    profile, holder = await profile_with_holder(deps, key, order, ahead)
    terms = LinkTerms(order.redirect or None, order.expires_in or None)
    with external_wait():
        links = await deps.ayrshare.links(key.team)
        minted = await links.mint(profile, networks=order.networks, terms=terms)
    card = _card(deps, key, order, profile, minted, holder=holder)
    if order.notify:
        card = replace(card, notify=Job(TELL_HOLDER, card.id))
    answer = IssuedLink(
        id=card.id,
        url=minted.link.url.get_secret_value(),
        expires_at=card.link.expires_at.replace(microsecond=0),
        profile=ProfileTitle(ref_id=card.ref_id, title=card.title),
    )
    await _store(deps, key, card, also=keep and keep(answer))
    return answer


async def check_may_get_again(deps: Deps, key: ApiKey, link: IssuedLink) -> None:
    """Return if a link that was made before may be given to who asks for it again; raise LinkTakenBack."""
    card = await deps.cards.get(key.team, CardId(link.id))
    if card and card.state in {CardState.CANCELLED, CardState.REPLACED}:
        raise LinkTakenBack


def _check_networks(deps: Deps, networks: tuple[str, ...]) -> None:
    """Raise NetworkNotOffered for a network that no link may offer: an app would show it in vain."""
    offered = deps.ayrshare.options.offered
    for network in networks:
        if network not in offered.among(networks):
            raise offered.refusal(network)


def _card(deps: Deps, key: ApiKey, order: LinkOrder, profile: Profile, minted: Minted, *, holder: UserId) -> Card:
    return Card(
        id=CardId(secrets.token_urlsafe(16)),
        team=key.team,
        viewer=holder,
        owner=holder,
        ref_id=profile.ref_id,
        title=renamed(profile, minted.title),
        link=replace(minted.link, url=SecretStr("")),  # the app has it, and nobody asks here again
        made_at=deps.clock.now(),
        surface=None,
        scope=Scope(order.networks),
        issued_by=key.actor,
        shared=bool(order.profile),
    )


async def _store(deps: Deps, key: ApiKey, card: Card, *, also: AddTo | None) -> None:
    """Keep the card with its audit row and the answer; end it and raise NobodyMapped if nobody has that right any more.

    Its end is looked at if anybody hears of what was connected: by a receipt, or by an event.
    """
    row = AuditRow("link_issued", by=key.actor, owner=card.named_owner, ref_id=card.ref_id, detail=card.id)
    now, deadline = deps.clock.now(), card.link.expires_at
    jobs = {card.notify: now} if card.notify else {}
    if card.notify or deps.events:
        jobs[card.end_job] = deadline
    still_mapped, _ = await deps.cards.create(card, jobs=jobs, audit=[row], also=also)
    if jobs:
        await deps.scheduler.wake(card.team, at=now)
        deps.background.start(_keep_baseline(deps, card))
    log.info("link_issued", card=card.id, team=card.team, key=key.id, profile=card.ref_id, expires_at=str(deadline))
    if not still_mapped:
        ended = await revoke_links(deps, card.team, card.owner, card.ref_id, by=key.actor)
        if any(one.id == card.id for one in ended):
            raise NobodyMapped


async def _keep_baseline(deps: Deps, card: Card) -> None:
    """Keep what is connected now, so that what the link connects can be told."""
    await update(deps, card, Card.with_baseline, await healthy_accounts(deps, card.team, card.ref_id))
