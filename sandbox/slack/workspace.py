"""The state of one workspace with one installed app."""

import secrets
from collections.abc import Callable, Collection
from datetime import datetime

from sandbox.calls import CallLog
from sandbox.faults import Faults
from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.conversations import Channel, Message
from sandbox.slack.crawler import Crawler
from sandbox.slack.delivery import Delivery
from sandbox.slack.fault_injection import KINDS
from sandbox.slack.http_delivery import HttpDelivery
from sandbox.slack.rate_limiter import MethodRateLimiter
from sandbox.slack.response_urls import ResponseUrl, ResponseUrls
from sandbox.slack.seed import seeded_world
from sandbox.slack.socket_delivery import SocketDelivery
from sandbox.slack.triggers import TriggerIds
from sandbox.slack.views import Views


class Workspace:
    """The state of the workspace, and the settings of the workspace and the app.

    - `commands`: the app's slash commands (None: any)
    - `shortcuts`: `global` or `message` by callback ID (None: any callback ID is both)
    - `manifest`: the app's manifest, as far as it is known
    - `should_escape`: the manifest's flag of that name
    - `scopes`, `app_scopes`: what is granted to the bot token and to the app-level token
    - `token_error`: the error for which every token is rejected, if there is one
    - `ack_deadline`: in seconds of real time
    - `command_urls_replace`: whether a command's `response_url` replaces what was posted through it, as one reading of
      Slack's guide says and as Slack doesn't do
    """

    def __init__(self, *, now: Callable[[], datetime], base_url: Callable[[], str]) -> None:
        self.now = now
        self.base_url = base_url
        self.world = seeded_world()
        self.bot_url = ""
        self.bot_token = f"xoxb-{secrets.randbelow(10**12):012d}-{secrets.token_hex(12)}"
        self.app_token = f"xapp-1-{self.world.app.app_id}-{secrets.randbelow(10**13):013d}-{secrets.token_hex(32)}"
        self.signing_secret = secrets.token_hex(16)
        self.verification_token = secrets.token_hex(12)
        self.token_error = ""
        self.scopes = {
            "commands",
            "chat:write",
            "im:history",
            "im:write",
            "users:read",
            "usergroups:read",
            "users:read.email",
        }
        self.app_scopes = {"connections:write"}
        self.commands: set[str] | None = None
        self.shortcuts: dict[str, str] | None = None
        self.manifest: Json = {}
        self.should_escape = True
        self.command_urls_replace = False
        self.ack_deadline = 3.0
        self.faults = Faults(KINDS)
        self.calls = CallLog(now)
        self.deliveries = CallLog(now)
        self.rate_limiter = MethodRateLimiter(now)
        self.triggers = TriggerIds(now)
        self.response_urls = ResponseUrls(now, team_id=self.world.team.id)
        self.views = Views(now)
        self.http = HttpDelivery(self)
        self.sockets = SocketDelivery(self)
        self.delivery: Delivery = self.http
        self.crawler = Crawler(CallLog(now), session=lambda: self.http.session)
        self._last_ts = 0

    @property
    def socket_mode(self) -> bool:
        """Whether payloads are delivered over Socket Mode, not over HTTP."""
        return self.delivery is self.sockets

    @socket_mode.setter
    def socket_mode(self, enabled: bool) -> None:
        self.delivery = self.sockets if enabled else self.http

    @property
    def org_wide(self) -> bool:
        """Whether the app is installed in the whole organization of the workspace."""
        return False

    @property
    def rate_limits(self) -> bool:
        """Whether rate limits are enforced."""
        return self.rate_limiter.enabled

    @rate_limits.setter
    def rate_limits(self, enabled: bool) -> None:
        self.rate_limiter.enabled = enabled

    @property
    def crawled(self) -> list[str]:
        """What was fetched for link previews, each as `GET` and the host."""
        return [str(row["call"]) for row in self.crawler.calls.since()]

    def install(self, manifest: Json) -> None:
        """Take over an app's manifest: its commands and shortcuts are all that it has from now on."""
        self.manifest, features = manifest, manifest["features"]
        self.commands = {command["command"] for command in features.get("slash_commands", ())}
        self.shortcuts = {shortcut["callback_id"]: shortcut["type"] for shortcut in features.get("shortcuts", ())}

    def address(self, url: ResponseUrl) -> str:
        """Return the public address of a `response_url`."""
        return f"{self.base_url()}/{url.path}"

    def next_ts(self) -> str:
        """Return a new, unique `ts`: seconds and microseconds."""
        self._last_ts = max(round(self.now().timestamp() * 10**6), self._last_ts + 1)
        return f"{self._last_ts // 10**6}.{self._last_ts % 10**6:06d}"

    def require_scope(self, scope: str, *, granted: Collection[str] | None = None) -> None:
        """Raise ErrorResponse unless the scope is among the granted ones, by default those of the bot token."""
        granted = self.scopes if granted is None else granted
        if scope and scope not in granted:
            provided = ",".join(sorted(granted))
            raise ErrorResponse("missing_scope", details={"needed": scope, "provided": provided})

    def reload(self, user_id: str) -> None:
        """Reload a user's client: their ephemeral messages are gone."""
        for channel in self.world.channels.values():
            channel.messages = [m for m in channel.messages if m.visible_to != user_id]

    def say(self, channel: Channel, *, user_id: str, text: str, thread_ts: str = "") -> Message:
        """Post a user's own message, in a thread if its `ts` is given."""
        message = Message(
            ts=self.next_ts(),
            channel_id=channel.id,
            user_id=user_id,
            text=text,
            team_id=self.world.team.id,
            thread_ts=thread_ts,
        )
        channel.messages.append(message)
        return message

    def visible_channel(self, channel_id: str) -> Channel:
        """Return a channel that the app can see; raises ErrorResponse."""
        channel = self.world.find_channel(channel_id)
        if channel is None or (channel.is_private and self.world.app.bot_user_id not in channel.members):
            raise ErrorResponse("channel_not_found")
        return channel
