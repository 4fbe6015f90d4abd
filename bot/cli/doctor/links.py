"""Links: whether Ayrshare makes one for a mapped profile, and whether it accepts the private key."""

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import AyrshareError, BadPrivateKey, BadRequest, MaxPackMissing, ProfileGone, UnexpectedLink
from bot.ayrshare.jwt_links import JwtLinks
from bot.ayrshare.model import Link, Profile
from bot.ayrshare.session_links import SessionLinks
from bot.cli.doctor.finding import Findings
from bot.cli.doctor.refusals import PLAN, tell_refusal
from bot.connections import links_of
from bot.settings import Settings

PRIVATE_KEY, LINKS = "ayrshare.private_key", "ayrshare.links"
MAP_SOMEBODY = "Map somebody (`python -m bot mappings set TEAM USER`) and run doctor again."


async def check_links(
    findings: Findings, settings: Settings, ayrshare: AyrshareClient, profiles: tuple[Profile, ...]
) -> None:
    """Make a link for the first of the profiles that Ayrshare knows; nobody is shown it, a session is taken back."""
    links = links_of(settings, ayrshare)
    if isinstance(links, SessionLinks):
        findings.ok(PRIVATE_KEY, "not needed with AYRSHARE_LINK_API=session")
    if not profiles:
        _nobody_mapped(findings, settings, signed=isinstance(links, JwtLinks))
        return
    for profile in profiles:
        try:
            link = await _make(links, profile)
        except ProfileGone:
            continue
        except AyrshareError as error:
            _not_made(findings, settings, error)
        else:
            _made(findings, settings, signed=isinstance(links, JwtLinks))
            await _take_back(findings, links, profile, link)
        return
    titles = ", ".join(repr(profile.title) for profile in profiles)
    hint = "Map these people anew with a key from the dashboard (`mappings set`), or take the mappings away."
    findings.wrong(LINKS, f"Ayrshare doesn't know these mapped profiles, or has suspended them: {titles}", hint)


async def _make(links: JwtLinks | SessionLinks, profile: Profile) -> Link:
    minted = await (links.mint(profile, verify=True) if isinstance(links, JwtLinks) else links.mint(profile))
    return minted.link


def _nobody_mapped(findings: Findings, settings: Settings, *, signed: bool) -> None:
    if signed:
        found = "is an RSA key; Ayrshare accepts or refuses it only with a profile, and nobody is mapped yet"
        findings.note(PRIVATE_KEY, found, MAP_SOMEBODY)
    findings.note(LINKS, "not tried: nobody is mapped yet", MAP_SOMEBODY)
    if settings.ayrshare_expires_in:
        found = "includes User Profiles; the Max Pack, which AYRSHARE_EXPIRES_IN takes, only shows with a link"
        findings.note(PLAN, found, MAP_SOMEBODY)


def _made(findings: Findings, settings: Settings, *, signed: bool) -> None:
    if signed:
        findings.ok(PRIVATE_KEY, "accepted: Ayrshare verified a token signed with it")
    findings.ok(LINKS, "one was made; nobody is shown it, and it dies by itself")
    if settings.ayrshare_expires_in:
        findings.ok(PLAN, f"includes User Profiles and links of {settings.ayrshare_expires_in} min (Max Pack)")


async def _take_back(findings: Findings, links: JwtLinks | SessionLinks, profile: Profile, link: Link) -> None:
    try:
        if await links.revoke(profile, link):
            findings.ok(LINKS, "one was made and taken back at once")
    except AyrshareError:
        findings.note(LINKS, "one was made, but Ayrshare didn't take it back", "Nobody is shown it; it dies by itself.")


def _not_made(findings: Findings, settings: Settings, error: AyrshareError) -> None:
    if isinstance(error, BadPrivateKey):
        hint = (
            "Take private.key and the domain out of the Integration Package again (dashboard, API page, on the "
            "Primary Profile). Reset there makes the key before it useless."
        )
        findings.wrong(PRIVATE_KEY, "Ayrshare can't verify what is signed with it, or the domain is another's", hint)
    elif isinstance(error, MaxPackMissing):
        hint = "Add the Max Pack to the plan, or unset AYRSHARE_EXPIRES_IN; Ayrshare's own 5 minutes need nothing."
        findings.wrong(PLAN, f"refuses a link of {settings.ayrshare_expires_in} min: that takes the Max Pack", hint)
    elif isinstance(error, BadRequest):
        hint = (
            "Check AYRSHARE_DOMAIN (as the Integration Package has it), AYRSHARE_REDIRECT and AYRSHARE_ALLOWED_SOCIAL."
        )
        findings.wrong(LINKS, "Ayrshare refuses to make one, and doesn't say why", hint)
    elif isinstance(error, UnexpectedLink):
        findings.wrong(LINKS, "what Ayrshare made leads somewhere else than to its page", "Check AYRSHARE_API_URL.")
    else:
        tell_refusal(findings, LINKS, error)
