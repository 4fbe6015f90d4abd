"""Ayrshare: API key and plan, and then what only an account that works can tell."""

import asyncio

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import AyrshareError
from bot.ayrshare.model import Profile
from bot.cli.doctor.finding import Findings
from bot.cli.doctor.links import LINKS, PRIVATE_KEY, check_links
from bot.cli.doctor.refusals import API_KEY, PLAN, tell_refusal
from bot.cli.doctor.webhook import WEBHOOK, check_webhook, tell_unused
from bot.connections import ayrshare_of
from bot.core.clock import SystemClock
from bot.core.metrics import Metrics
from bot.settings import AyrshareSettings, Settings

CHECKS = (API_KEY, PLAN, PRIVATE_KEY, LINKS, WEBHOOK)

Mapped = asyncio.Future[tuple[Profile, ...] | None]
"""A few mapped profiles to make a link with, as soon as the store has told; None if it could not."""


async def check_ayrshare(mapped: Mapped, findings: Findings, settings: AyrshareSettings) -> None:
    """Check what Ayrshare tells, as far as the settings allow to ask."""
    whole = settings if isinstance(settings, Settings) else None
    if whole and not whole.ayrshare_webhook_secret:
        tell_unused(findings)
    async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as ayrshare:
        if not await _account_works(findings, ayrshare) or whole is None:
            return
        if whole.ayrshare_webhook_secret:
            await check_webhook(findings, whole, ayrshare)
        profiles = await mapped
        if profiles is not None:
            await check_links(findings, whole, ayrshare, profiles)


async def _account_works(findings: Findings, ayrshare: AyrshareClient) -> bool:
    """Check key and plan by the list of profiles, which only plans with User Profiles have."""
    try:
        profiles = await ayrshare.profiles()
    except AyrshareError as error:
        tell_refusal(findings, API_KEY, error)
        return False
    findings.ok(API_KEY, f"accepted (User Profiles: {len(profiles)})")
    findings.ok(PLAN, "includes User Profiles; its name can't be asked for")
    return True
