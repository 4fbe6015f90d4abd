"""Ayrshare: API key and plan, then private key, links and webhook, which only a working account can tell."""

import asyncio
from urllib.parse import urlsplit

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import (
    CONNECT_REFUSED,
    AuthFailed,
    AyrshareError,
    BadPrivateKey,
    BadRequest,
    MaxPackMissing,
    NotInPlan,
    ProfileGone,
    RateLimited,
    Unavailable,
    UnexpectedLink,
)
from bot.ayrshare.jwt_links import JwtLinks
from bot.ayrshare.model import Link, Profile
from bot.ayrshare.networks import NETWORK_NAMES
from bot.ayrshare.session_links import SessionLinks
from bot.ayrshare.webhook import WEBHOOK_PATH
from bot.cli.doctor.findings import Findings
from bot.connections import ayrshare_of, links_of
from bot.core.clock import SystemClock
from bot.core.metrics import Metrics
from bot.settings import AyrshareSettings, Settings

API_KEY, PLAN = "ayrshare.api_key", "ayrshare.plan"
WEBHOOK, SUSPENSIONS = "ayrshare.webhook", "ayrshare.suspensions"
LINK_API, PRIVATE_KEY, LINKS = "ayrshare.link_api", "ayrshare.private_key", "ayrshare.links"
CHECKS = (API_KEY, PLAN, LINK_API, PRIVATE_KEY, LINKS, WEBHOOK, SUSPENSIONS)
USE_SESSIONS = (
    "With AYRSHARE_LINK_API=session, Cancel link, New link and unmapping end a link at once, copies too, and the bot "
    "knows when it was opened. It needs the API key only."
)
UNUSED_WITH_JWT = "AYRSHARE_MAX_PACK and AYRSHARE_INSTAGRAM_LINK_METHOD have no effect with generateJWT."
OTHER_PLAN = "It takes Launch, Business or Enterprise. If it is one of these, ask Ayrshare: is the account suspended?"
MAP_SOMEBODY = "Map somebody (`connectbot mappings set TEAM USER`) and run doctor again."
REGISTER = "`connectbot webhook register` makes it lead to PUBLIC_URL."
OR_DAILY = "If Ayrshare has no such webhook for the account, the daily check finds suspended profiles."

Mapped = asyncio.Future[tuple[Profile, ...] | None]
"""A few mapped profiles to make a link with, set by the check of the store; None if that failed."""


async def check_ayrshare(mapped: Mapped, findings: Findings, settings: AyrshareSettings) -> None:
    """Check the account and, if all settings can be read, webhook and links."""
    whole = settings if isinstance(settings, Settings) else None
    if whole:
        _advise_sessions(findings, whole)
    if whole and not whole.ayrshare_webhook_secret:
        _webhook_unused(findings)
    async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as ayrshare:
        if not await _account_works(findings, ayrshare) or whole is None:
            return
        if whole.ayrshare_webhook_secret:
            await _check_webhook(findings, whole, ayrshare)
        profiles = await mapped
        if profiles is not None:
            await _check_links(findings, whole, ayrshare, profiles)


def _advise_sessions(findings: Findings, settings: Settings) -> None:
    if settings.ayrshare_link_api == "session":
        findings.ok(LINK_API, "link sessions")
    else:
        ineffective = settings.ayrshare_max_pack == "yes" or settings.ayrshare_instagram_link_method
        unused = f" {UNUSED_WITH_JWT}" if ineffective else ""
        findings.note(LINK_API, "generateJWT, which Ayrshare has deprecated", USE_SESSIONS + unused)


async def _account_works(findings: Findings, ayrshare: AyrshareClient) -> bool:
    """Check API key and plan by listing the profiles, which only plans with User Profiles can do."""
    try:
        profiles = await ayrshare.profiles()
    except AyrshareError as error:
        _report_refusal(findings, API_KEY, error)
        return False
    findings.ok(API_KEY, f"accepted (User Profiles: {len(profiles)})")
    findings.ok(PLAN, "includes User Profiles; its name can't be asked for")
    return True


def _report_refusal(findings: Findings, check: str, error: AyrshareError) -> None:
    """Report a refusal under the API key, the plan or, for any other reason, under `check`."""
    if isinstance(error, AuthFailed):
        hint = "Copy the API key of the Primary Profile from the API page of Ayrshare's dashboard."
        findings.wrong(API_KEY, "Ayrshare doesn't accept it", hint)
    elif isinstance(error, NotInPlan):
        findings.wrong(PLAN, "doesn't include what the bot needs", OTHER_PLAN)
    elif isinstance(error, RateLimited):
        findings.note(check, "Ayrshare is asked too often just now", "Run doctor again in five minutes.")
    else:
        cause = error.cause if isinstance(error, Unavailable) else f"HTTP {error.http_status}"
        hint = (
            "Check this machine's way to the internet, HTTPS_PROXY and NO_PROXY, and AYRSHARE_API_URL if it is set; "
            "or Ayrshare is in trouble."
        )
        findings.wrong(check, f"Ayrshare can't be asked ({cause})", hint)


async def _check_links(
    findings: Findings, settings: Settings, ayrshare: AyrshareClient, profiles: tuple[Profile, ...]
) -> None:
    """Make a link for the first profile that Ayrshare knows. It is shown to no one; a session is revoked."""
    links = links_of(settings, ayrshare)
    if isinstance(links, SessionLinks):
        findings.ok(PRIVATE_KEY, "not needed with AYRSHARE_LINK_API=session")
    if not profiles:
        _no_profile_mapped(findings, settings, signed=isinstance(links, JwtLinks))
        return
    for profile in profiles:
        try:
            link = await _make_link(links, profile)
        except ProfileGone:
            continue
        except AyrshareError as error:
            _link_refused(findings, settings, error)
        else:
            _link_made(findings, settings, signed=isinstance(links, JwtLinks))
            await _revoke(findings, links, profile, link)
        return
    titles = ", ".join(repr(profile.title) for profile in profiles)
    hint = "Map these people again with a key from the dashboard (`mappings set`), or remove the mappings."
    findings.wrong(LINKS, f"Ayrshare doesn't know these mapped profiles, or has suspended them: {titles}", hint)


async def _make_link(links: JwtLinks | SessionLinks, profile: Profile) -> Link:
    if isinstance(links, JwtLinks):
        return (await links.mint(profile, verify=True)).link
    if links.options.max_pack:
        network = next(iter(links.options.offered.restriction(()) or NETWORK_NAMES))
        return (await links.mint_for_sign_in(profile, network)).link
    return (await links.mint(profile)).link


def _no_profile_mapped(findings: Findings, settings: Settings, *, signed: bool) -> None:
    if signed:
        found = "is an RSA key; Ayrshare accepts or refuses it only with a profile, and nobody is mapped yet"
        findings.note(PRIVATE_KEY, found, MAP_SOMEBODY)
    findings.note(LINKS, "not tried: nobody is mapped yet", MAP_SOMEBODY)
    if settings.ayrshare_expires_in or settings.ayrshare_max_pack == "yes":
        found = "includes User Profiles; the Max Pack, which your settings take, only shows with a link"
        findings.note(PLAN, found, MAP_SOMEBODY)


def _link_made(findings: Findings, settings: Settings, *, signed: bool) -> None:
    if signed:
        findings.ok(PRIVATE_KEY, "accepted: Ayrshare verified a token signed with it")
    findings.ok(LINKS, "one was made; nobody is shown it, and it dies by itself")
    if settings.ayrshare_expires_in:
        findings.ok(PLAN, f"includes User Profiles and links of {settings.ayrshare_expires_in} min (Max Pack)")
    elif settings.ayrshare_max_pack == "yes" and not signed:
        findings.ok(PLAN, "includes User Profiles and links straight to a network's sign-in (Max Pack)")


async def _revoke(findings: Findings, links: JwtLinks | SessionLinks, profile: Profile, link: Link) -> None:
    try:
        if await links.revoke(profile, link):
            findings.ok(LINKS, "one was made and taken back at once")
    except AyrshareError:
        findings.note(LINKS, "one was made, but Ayrshare didn't take it back", "Nobody is shown it; it dies by itself.")


def _link_refused(findings: Findings, settings: Settings, error: AyrshareError) -> None:
    if isinstance(error, BadPrivateKey):
        hint = (
            "Take private.key and the domain out of the Integration Package again (dashboard, API page, on the "
            "Primary Profile). Reset there makes the key before it useless."
        )
        findings.wrong(PRIVATE_KEY, "Ayrshare can't verify what is signed with it, or the domain is another's", hint)
    elif isinstance(error, MaxPackMissing):
        hint = "Add the Max Pack to the plan, or unset AYRSHARE_EXPIRES_IN; Ayrshare's own 5 minutes need nothing."
        findings.wrong(PLAN, f"refuses a link of {settings.ayrshare_expires_in} min: that takes the Max Pack", hint)
    elif error.code == CONNECT_REFUSED:
        hint = "Add the Max Pack to the plan, or unset AYRSHARE_MAX_PACK: links then show a page with the one network."
        findings.wrong(PLAN, "refuses links straight to a network's sign-in: that takes the Max Pack", hint)
    elif isinstance(error, BadRequest):
        hint = (
            "Check AYRSHARE_DOMAIN (as the Integration Package has it), AYRSHARE_REDIRECT and AYRSHARE_ALLOWED_SOCIAL."
        )
        findings.wrong(LINKS, "Ayrshare refuses to make one, and doesn't say why", hint)
    elif isinstance(error, UnexpectedLink):
        findings.wrong(LINKS, "what Ayrshare made leads somewhere else than to its page", "Check AYRSHARE_API_URL.")
    else:
        _report_refusal(findings, LINKS, error)


async def _check_webhook(findings: Findings, settings: Settings, ayrshare: AyrshareClient) -> None:
    """Check that Ayrshare's webhooks lead to this bot: of accounts, and of suspended profiles."""
    try:
        registered = await ayrshare.webhooks()
    except NotInPlan:
        hint = (
            "Use a plan with webhooks, or unset AYRSHARE_WEBHOOK_SECRET: then the bot itself asks what was connected."
        )
        findings.wrong(WEBHOOK, "the plan doesn't include any", hint)
    except AyrshareError as error:
        _report_refusal(findings, WEBHOOK, error)
    else:
        if registered.social is None:
            findings.wrong(WEBHOOK, "not registered", REGISTER)
        else:
            _compare(findings, WEBHOOK, registered.social, settings.public_url)
        if registered.suspensions is None:
            findings.note(SUSPENSIONS, "Ayrshare doesn't tell which profiles it suspends", f"{REGISTER} {OR_DAILY}")
        else:
            _compare(findings, SUSPENSIONS, registered.suspensions, settings.public_url)


def _webhook_unused(findings: Findings) -> None:
    hint = "AYRSHARE_WEBHOOK_SECRET turns webhooks on."
    findings.note(WEBHOOK, "none: the bot itself asks what was connected, sparingly", hint)
    findings.note(SUSPENSIONS, "none: the daily check finds suspended profiles", hint)


def _compare(findings: Findings, check: str, registered: str, public_url: str | None) -> None:
    if public_url is None:
        findings.note(check, f"registered at {host_of(registered)}", "Set PUBLIC_URL, and doctor compares it.")
    elif elsewhere := _where_else(registered, public_url):
        findings.wrong(check, f"registered at {elsewhere}", REGISTER)
    else:
        findings.ok(check, "registered at PUBLIC_URL")


def _where_else(registered: str, public_url: str) -> str:
    """Return where a webhook leads in place of this bot, or nothing if it leads there."""
    if registered == f"{public_url}{WEBHOOK_PATH}":
        return ""
    if host_of(registered) == host_of(public_url):
        return "PUBLIC_URL's host, but at another path or port"
    return f"another address ({host_of(registered)})"


def host_of(url: str) -> str:
    """Return the host of a URL, because the rest may be a secret."""
    try:
        return f"{urlsplit(url).hostname or 'no host'!s:.80}"
    except ValueError:
        return "an unreadable address"
