"""`webhook`: let Ayrshare tell this bot what was connected, for all profiles that have no webhook of their own."""

from typing import Annotated

from pydantic import AfterValidator

from bot.ayrshare.webhook import WEBHOOK_PATH
from bot.cli.boundary import console, finish, settings_of
from bot.cli.doctor.ayrshare import host_of
from bot.cli.doctor.settings import is_callable
from bot.connections import ayrshare_of
from bot.core.clock import SystemClock
from bot.core.metrics import Metrics
from bot.setting_types import OneWord, WebAddress
from bot.settings import AyrshareSettings, SlackAppSettings

NOT_REGISTERED = "No webhook is registered at Ayrshare. `connectbot webhook register` does that."


def _callable_url(url: str) -> str:
    if not is_callable(url):
        raise ValueError("must begin with https://, because Ayrshare calls nothing else")
    return url.rstrip("/")


class WebhookSettings(AyrshareSettings, SlackAppSettings):
    """The account whose webhook it is, and this bot's own address."""


class RegisterSettings(AyrshareSettings):
    """The address that the webhook leads to, and the secret that signs it."""

    public_url: Annotated[WebAddress, AfterValidator(_callable_url)]
    ayrshare_webhook_secret: OneWord


def register() -> None:
    """Have Ayrshare tell PUBLIC_URL what was connected, signed with AYRSHARE_WEBHOOK_SECRET; repeat after changes."""
    finish(_register(settings_of(RegisterSettings)))


async def _register(settings: RegisterSettings) -> None:
    url = f"{settings.public_url}{WEBHOOK_PATH}"
    async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as ayrshare:
        before = (await ayrshare.webhooks()).social
        suspensions = await ayrshare.register_webhook(url, settings.ayrshare_webhook_secret)
    console.print(f"Ayrshare now tells {url} what was connected, signed with AYRSHARE_WEBHOOK_SECRET.")
    if not suspensions:
        console.print("It doesn't tell which profiles it suspends: the daily check finds those.")
    if before is not None and before != url:
        console.print(f"It told {_named(before, url)} before, and no longer does.")
    console.print("Ayrshare has one secret for all webhooks of the Primary Profile: others are signed with it too.")


def show() -> None:
    """Show whom Ayrshare tells what was connected; the secret can't be shown."""
    finish(_show(settings_of(WebhookSettings)))


async def _show(settings: WebhookSettings) -> None:
    async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as ayrshare:
        webhooks = await ayrshare.webhooks()
    for url, what in ((webhooks.social, "what was connected"), (webhooks.suspensions, "which profiles it suspends")):
        if url is not None:
            console.print(f"Ayrshare tells {_named(url, _ours(settings))} {what}.")
    if webhooks.social is None:
        console.print(NOT_REGISTERED)


def remove() -> None:
    """Let Ayrshare tell nobody what was connected: the bot then asks for itself, sparingly."""
    finish(_remove(settings_of(WebhookSettings)))


async def _remove(settings: WebhookSettings) -> None:
    async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as ayrshare:
        url = (await ayrshare.webhooks()).social
        if url is not None:
            await ayrshare.remove_webhook()
    console.print(
        NOT_REGISTERED
        if url is None
        else f"Ayrshare no longer tells {_named(url, _ours(settings))} what was connected."
    )


def _ours(settings: WebhookSettings) -> str | None:
    return f"{settings.public_url}{WEBHOOK_PATH}" if settings.public_url else None


def _named(url: str, ours: str | None) -> str:
    """Return our own URL whole, and of any other only the host, because the rest may be a secret."""
    return url if url == ours else f"another address ({host_of(url)})"
