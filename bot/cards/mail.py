"""A link by Ayrshare's own mail, which takes the Max Pack. It is asked for once: a second call would be a second mail.

What was mailed is kept as a card that nobody sees, so that it ends with the profile like every other link.
"""

import asyncio
import secrets
from contextlib import suppress
from dataclasses import replace

import structlog
from pydantic import SecretStr

from bot.ayrshare.errors import EmailFailed, MailNeedsMaxPack, Unavailable, UnexpectedLink
from bot.ayrshare.model import ConnectMail, Minted, Profile
from bot.cards.errors import AddressesHidden, MailNotSetUp, MailUnsure, NoAddress, ProfileUnclear
from bot.cards.links import LinkRequest
from bot.cards.mail_views import SENDER, mail_announced
from bot.cards.model import Card, CardId, MailedLink
from bot.cards.revoke import revoke_links
from bot.core.background import Interrupted
from bot.core.model import Person, TeamId, UserId
from bot.deps import Deps
from bot.people import access
from bot.people.audit import AuditRow
from bot.profiles.choose_profile import choose
from bot.profiles.errors import NoSuchProfile
from bot.profiles.views import titles
from bot.slack.delivery import with_progress_notice
from bot.slack.errors import SlackError
from bot.slack.text import date_and_time
from bot.storage.errors import StoreUnavailable

log = structlog.get_logger()


async def mail_link(deps: Deps, asking: LinkRequest, *, owner: UserId, words: str) -> MailedLink:
    """Have Ayrshare mail a link to the owner of a profile, and tell them what that mail is."""
    team, by = asking.team, asking.caller
    owning = await access.check_may_mail_link(deps, team=team, caller=by, owner=owner, home_team=asking.home_team)
    profile = await _meant(deps, team, owner, words)
    try:
        mail = _mail_to(deps, owning)
        await deps.limits.count(team, by, "links")
        return await _sent(deps, asking, profile, mail, owner=owner)
    except (MailNotSetUp, AddressesHidden, NoAddress, MailNeedsMaxPack, EmailFailed) as refusal:
        refusal.sentence += f" <@{owner}> gets a link here by typing `{deps.settings.connect_command}`."
        raise


async def _sent(deps: Deps, asking: LinkRequest, profile: Profile, mail: ConnectMail, *, owner: UserId) -> MailedLink:
    """Send it, and where that is cut short leave the last words that fit: "try again" would be wrong."""
    try:
        return await _send(deps, asking, profile, mail, owner=owner)
    except asyncio.CancelledError:
        raise Interrupted(MailUnsure(owner, SENDER)) from None


async def _meant(deps: Deps, team: TeamId, owner: UserId, words: str) -> Profile:
    """Return the profile that the words mean; raise NotMapped, NoSuchProfile, ProfileUnclear."""
    found = await choose(deps, team, owner, words=words)
    if len(found) > 1:
        fit = f"Those words fit several profiles of <@{owner}>: {titles(found)}."
        raise ProfileUnclear(f"{fit} Type more of the title that you mean.")
    return found[0]


def _mail_to(deps: Deps, owning: Person) -> ConnectMail:
    """Put together all that a mail needs; raise MailNotSetUp, AddressesHidden, NoAddress."""
    settings = deps.settings
    company, contact = settings.ayrshare_email_company, settings.ayrshare_email_contact
    terms, privacy = settings.ayrshare_email_terms_url, settings.ayrshare_email_privacy_url
    if not (company and contact and terms and privacy):
        raise MailNotSetUp
    if owning.email is None:
        raise AddressesHidden
    if not owning.email:
        raise NoAddress(owning.id)
    return ConnectMail(owning.email, contact, company, terms, privacy)


async def _send(deps: Deps, asking: LinkRequest, profile: Profile, mail: ConnectMail, *, owner: UserId) -> MailedLink:
    minted = await _mint(deps, asking, profile, mail, owner=owner)
    card = Card(
        id=CardId(secrets.token_urlsafe(16)),
        team=asking.team,
        viewer=owner,
        owner=owner,
        ref_id=profile.ref_id,
        title=minted.title or profile.title,
        link=replace(minted.link, url=SecretStr("")),  # nobody will be shown it
        made_at=deps.clock.now(),
        surface=None,
    )
    by = asking.caller
    log.info("link_mailed", card=card.id, team=card.team, by=by, owner=owner, expires_at=str(card.link.expires_at))
    await _keep(deps, card, by=by)
    return MailedLink(card, by, mail.to, notified=None if by == owner else await _announce(deps, card, by=by))


async def _mint(deps: Deps, asking: LinkRequest, profile: Profile, mail: ConnectMail, *, owner: UserId) -> Minted:
    """Make and mail the link; raise AyrshareError, or MailUnsure where the mail may be out all the same."""
    try:
        return await with_progress_notice(deps, asking.surface, deps.links.mint(profile, mail=mail))
    except (Unavailable, UnexpectedLink, asyncio.CancelledError) as error:
        log.warning("mail_unsure", team=asking.team, by=asking.caller, owner=owner, cause=type(error).__name__)
        row = AuditRow("link_maybe_mailed", by=asking.caller, owner=owner, ref_id=profile.ref_id)
        with suppress(StoreUnavailable):
            await deps.audit.add(asking.team, row)
        if isinstance(error, asyncio.CancelledError):
            raise
        raise MailUnsure(owner, SENDER) from None


async def _keep(deps: Deps, card: Card, *, by: UserId) -> None:
    """Keep the card; the mail is out, so it is no failure if that can't be done. Raises NoSuchProfile."""
    try:
        await deps.cards.add_mailed(card, by=by)
        if any(mapping.ref_id == card.ref_id for mapping in await deps.mappings.of(card.team, card.owner)):
            return
        ended = await revoke_links(deps, card.team, card.owner, card.ref_id, by=by)
    except StoreUnavailable:
        log.warning("mailed_link_not_kept", card=card.id)
        return
    dead = all(one.revoked for one in ended)
    left = "Its link was taken back." if dead else f"Its link works until {date_and_time(card.link.expires_at)}."
    raise NoSuchProfile(f"That profile is no longer mapped to <@{card.owner}>, but the mail was sent meanwhile. {left}")


async def _announce(deps: Deps, card: Card, *, by: UserId) -> bool:
    """Tell the owner what that mail is, so that they don't take it for phishing; return whether Slack took it."""
    try:
        await deps.direct_messages.post(card.owner, mail_announced(card, by=by))
    except SlackError as error:
        log.warning("mail_not_announced", owner=card.owner, error=error.reason)
        return False
    return True
