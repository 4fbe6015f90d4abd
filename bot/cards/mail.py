"""Mails a link by Ayrshare, which takes the Max Pack; a mail is never requested twice, since each call sends one.

A mailed link is kept as a card without a surface, so that it ends with the mapping like every other link.
"""

import asyncio
import re
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import structlog
from pydantic import SecretStr

from bot.ayrshare.errors import AyrshareError, EmailFailed, MailNeedsMaxPack, ProfileGone, Unavailable, UnexpectedLink
from bot.ayrshare.model import ConnectMail, Minted, Profile
from bot.cards.errors import (
    AddressesHidden,
    MailedInVain,
    MailNotInPlan,
    MailNotSetUp,
    MailRefused,
    MailUnsure,
    NoAddress,
    OddAddress,
    ProfileUnclear,
)
from bot.cards.mail_model import MAIL_SETTLED, REPORT_MAIL, MailedLink
from bot.cards.mail_views import MAIL_SENDER, mail_announced, masked
from bot.cards.model import DRAWN_WITHIN, Card, CardId, end_links_job
from bot.cards.revoke import revoke_links
from bot.cards.scope import LinkRequest
from bot.core.background import Interrupted
from bot.core.errors import ConnectbotError
from bot.core.model import Person, RefId, TeamId, UserId
from bot.deps import Deps
from bot.people import access
from bot.people.audit import AuditRow
from bot.profiles.choose_profile import choose_for_link, profiles_of
from bot.profiles.errors import ProfileRefused
from bot.profiles.titles import renamed
from bot.scheduling.job import Job
from bot.slack.blocks import sentence
from bot.slack.delivery import deliver_once, with_progress_notice
from bot.slack.errors import SlackError
from bot.storage.errors import StoreUnavailable

SEPARATOR = ":"
REPORTED_FOR = timedelta(days=8)
"""Longer than a job is retried."""

PART = r"[^@\s,;:<>()\[\]\\\"]+"
ADDRESS = re.compile(rf"{PART}(?:@{PART})?")
"""One address and no more; whether it exists is Ayrshare's to find out."""
LONGEST_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3."""

log = structlog.get_logger()


async def mail_link(deps: Deps, request: LinkRequest, *, owner: UserId, words: str) -> MailedLink:
    """Have Ayrshare mail a link to the owner of a profile, and tell them what that mail is.

    Raises NotAllowed, NotMapped, NoSuchProfile, ProfileUnclear, NetworkNotOffered, NotMailed, MailUnsure,
    AskedTooOften, AyrshareError.
    """
    team, by = request.team, request.caller
    person = await access.check_may_mail_link(deps, request.viewer, owner)
    profile, networks = await _choose(deps, team, owner, words)
    deps.ayrshare.options.offered.check(networks)
    request, mail = replace(request, networks=networks), _mail_to(deps, person, own=by == owner)
    await deps.limits.count(team, by, "links")
    report = Job(REPORT_MAIL, SEPARATOR.join((secrets.token_hex(8), by, owner, profile.ref_id)))
    await deps.scheduler.plan(team, report, at=deps.clock.now() + MAIL_SETTLED)
    try:
        minted = await _mint(deps, request, profile, mail, owner=person, report=report)
        card = await _keep(deps, request, profile, minted, owner=person, report=report)
        notified = None if by == owner else await _announce(deps, card, by=by)
    except asyncio.CancelledError:  # a restart: its usual "try again" could bring a second mail
        raise Interrupted(MailUnsure(owner, MAIL_SENDER)) from None
    return MailedLink(card, by, mail.to, notified)


async def report_mail(deps: Deps, team: TeamId, job_id: str) -> None:
    """Say in the audit log, and to who asked, that a mail may have been sent; raise SlackError."""
    _, by, owner, ref_id = job_id.split(SEPARATOR, 3)
    reported = f"mail_reported:{job_id}"
    if not await deps.idempotency.is_claimed(team, reported):
        row = AuditRow("link_maybe_mailed", by=by, owner=UserId(owner), ref_id=RefId(ref_id))
        await deps.audit.add(team, row)
        await deps.idempotency.claim(team, reported, within=REPORTED_FOR)
    unsure = MailUnsure(UserId(owner), MAIL_SENDER)
    await deliver_once(deps, team, UserId(by), sentence(unsure.sentence), mark=f"mail:{job_id}")


async def _choose(deps: Deps, team: TeamId, owner: UserId, words: str) -> tuple[Profile, tuple[str, ...]]:
    """Return the profile and the networks that the words name; raise NotMapped, NoSuchProfile, ProfileUnclear."""
    found, networks = choose_for_link(await profiles_of(deps, team, owner), owner, words=words)
    if len(found) > 1:
        raise ProfileUnclear(owner, [one.title for one in found])
    return found[0], networks or ()


def _mail_to(deps: Deps, owner: Person, *, own: bool) -> ConnectMail:
    """Return the mail to a person; raise MailNotSetUp, AddressesHidden, NoAddress, OddAddress."""
    settings = deps.settings
    company, contact = settings.ayrshare_email_company, settings.ayrshare_email_contact
    terms, privacy = settings.ayrshare_email_terms_url, settings.ayrshare_email_privacy_url
    if not (company and contact and terms and privacy):
        raise MailNotSetUp(owner.id, owner.name, own=own)
    if owner.email is None:
        raise AddressesHidden(owner.id, owner.name, own=own)
    if not owner.email:
        raise NoAddress(owner.id, owner.name, own=own)
    if len(owner.email) > LONGEST_ADDRESS or not owner.email.isprintable() or not ADDRESS.fullmatch(owner.email):
        raise OddAddress(owner.id, owner.name, own=own)
    return ConnectMail(owner.email, contact, company, terms, privacy)


async def _mint(
    deps: Deps, request: LinkRequest, profile: Profile, mail: ConnectMail, *, owner: Person, report: Job
) -> Minted:
    """Make and mail the link; raise NotMailed, AyrshareError, or MailUnsure where the mail may have been sent.

    What happened is said here, so that `report` isn't needed any more.
    """
    try:
        links = await deps.ayrshare.links(request.team)
        making = links.mint(profile, networks=request.networks or (), mail=mail)
        return await with_progress_notice(deps, request.team, request.surface, making)
    except (Unavailable, UnexpectedLink, asyncio.CancelledError) as error:
        log.warning("mail_unsure", team=request.team, by=request.caller, owner=owner.id, cause=type(error).__name__)
        used = _used(deps, request.team, mail.to)
        row = AuditRow("link_maybe_mailed", by=request.caller, owner=owner.id, ref_id=profile.ref_id, detail=used)
        with suppress(StoreUnavailable):
            await deps.audit.add(request.team, row)
            await deps.scheduler.cancel(request.team, report)
        raise error if isinstance(error, asyncio.CancelledError) else MailUnsure(owner.id, MAIL_SENDER) from None
    except AyrshareError as refusal:
        with suppress(StoreUnavailable):
            await deps.scheduler.cancel(request.team, report)
        raise _not_mailed(refusal, owner, own=request.caller == owner.id) from None


def _not_mailed(refusal: AyrshareError, owner: Person, *, own: bool) -> ConnectbotError:
    """Return what people read of a mail that Ayrshare refused."""
    if isinstance(refusal, MailNeedsMaxPack):
        return MailNotInPlan(owner.id, owner.name, own=own)
    if isinstance(refusal, EmailFailed):
        return MailRefused(owner.id, owner.name, own=own)
    return ProfileRefused(owner.id, own=own) if isinstance(refusal, ProfileGone) else refusal


async def _keep(
    deps: Deps, request: LinkRequest, profile: Profile, minted: Minted, *, owner: Person, report: Job
) -> Card:
    """Keep and return the card of a mailed link: the mail is sent, even if that fails. Raises MailedInVain."""
    by, card = request.caller, _card(deps, request.team, profile, minted, owner=owner.id)
    log.info("link_mailed", card=card.id, team=card.team, by=by, owner=owner.id, expires_at=str(card.link.expires_at))
    try:
        row = AuditRow(
            "link_mailed", by, owner.id, card.ref_id, detail=f"{card.id} {_used(deps, card.team, owner.email)}"
        )
        unmapped = end_links_job(owner.id, card.ref_id, by=by, made_before=None)  # meanwhile, and this process may die
        ends = {card.end_job: card.link.expires_at, unmapped: card.made_at + DRAWN_WITHIN}
        await deps.cards.create(card, jobs=ends, audit=[row], done=report)
        await deps.scheduler.wake(card.team, at=deps.clock.now())
        if any(mapping.ref_id == card.ref_id for mapping in await deps.mappings.of(card.team, owner.id)):
            return card
        ended = await revoke_links(deps, card.team, owner.id, card.ref_id, by=by)
    except StoreUnavailable:
        log.warning("mailed_link_not_kept", card=card.id)
        return card
    revoked = all(one.revoked for one in ended)
    raise MailedInVain(owner.id, None if revoked else card.link.expires_at)


def _used(deps: Deps, team: TeamId, address: str | None) -> str:
    """Return an address for the audit log: masked, and what tells it from another one with the same mask."""
    return f"{masked(address or '')} {deps.cards.fingerprint(team, address or '')}"


def _card(deps: Deps, team: TeamId, profile: Profile, minted: Minted, *, owner: UserId) -> Card:
    return Card(
        id=CardId(secrets.token_urlsafe(16)),
        team=team,
        viewer=owner,
        owner=owner,
        ref_id=profile.ref_id,
        title=renamed(profile, minted.title),
        link=replace(minted.link, url=SecretStr("")),  # it stands in the mail and nowhere else
        made_at=deps.clock.now(),
        surface=None,
    )


async def _announce(deps: Deps, card: Card, *, by: UserId) -> bool:
    """Tell the owner what that mail is, so that they don't take it for phishing; return whether Slack took it."""
    try:
        await deps.direct_messages.post(card.team, card.owner, mail_announced(card, by=by))
    except SlackError as error:
        log.warning("mail_not_announced", owner=card.owner, error=error.reason)
        return False
    return True
