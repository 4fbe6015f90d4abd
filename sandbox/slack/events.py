"""Events and their retries: https://docs.slack.dev/apis/events-api/."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.slack import payloads
from sandbox.slack.api_types import Impossible, Json
from sandbox.slack.delivery import Again, Answer, Kind
from sandbox.slack.outcome import Outcome
from sandbox.slack.users import User
from sandbox.slack.workspace import Workspace

DELAYS = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))


@dataclass(frozen=True)
class Retry:
    """An event to be sent once more."""

    due: datetime
    payload: Json
    again: Again


class Events:
    """Sends events, keeps those that failed until they are due again."""

    def __init__(self, slack: Workspace) -> None:
        self._slack = slack
        self.pending: list[Retry] = []

    async def send(self, event: Json) -> Answer:
        """Send an event's first attempt, wrapped as Slack does."""
        return await self._attempt(self._wrapped(event))

    async def due_retries(self) -> int:
        """Send the retries whose moment has come; return how many."""
        due = [retry for retry in self.pending if retry.due <= self._slack.now()]
        self.pending = [retry for retry in self.pending if retry not in due]
        for retry in due:
            await self._attempt(retry.payload, again=retry.again)
        return len(due)

    async def _attempt(self, payload: Json, again: Again | None = None) -> Answer:
        answer = await self._slack.delivery.deliver(Kind.EVENT, payload, again=again)
        number = again.number if again else 0
        if answer.failure and not answer.no_retry and number < len(DELAYS):
            due = self._slack.now() + DELAYS[number]
            self.pending.append(Retry(due, payload, Again(number + 1, answer.failure)))
        return answer

    def _wrapped(self, event: Json) -> Json:
        slack = self._slack
        team_id = slack.world.team.id
        authorization = {
            "enterprise_id": None,
            "team_id": team_id,
            "user_id": slack.world.app.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": slack.verification_token,
            "team_id": team_id,
            "api_app_id": slack.world.app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev0{secrets.token_hex(5).upper()}",  # never the same, also after a restart
            "event_time": int(slack.now().timestamp()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": f"4-{team_id}",
        }


async def open_home(slack: Workspace, events: Events, *, user: User) -> Outcome:
    """Open the app's Home tab: the app learns of it by `app_home_opened`; raises Impossible."""
    dm = slack.world.dm(user.id)
    if dm is None or not user.can_sign_in:
        raise Impossible(f"{user.name} cannot open the app's Home tab")
    event: Json = {"type": "app_home_opened", "user": user.id, "channel": dm.id, "tab": "home"}
    if (home := slack.views.homes.get(user.id)) is not None:
        event["view"] = payloads.shown_view(slack, home)
    answer = await events.send(event | {"event_ts": slack.next_ts()})
    return Outcome(error=answer.failure, ack_ms=answer.ms)


async def change_person(slack: Workspace, events: Events, *, user: User, flags: Mapping[str, bool]) -> Outcome:
    """Give somebody other flags: the app learns of it by `user_change`, if it may know of people at all.

    https://docs.slack.dev/reference/events/user_change
    """
    for flag, value in flags.items():
        setattr(user, flag, value)
    if "users:read" not in slack.scopes:
        return Outcome()
    shown = user.as_json(home_team=slack.world.team.id, with_email="users:read.email" in slack.scopes)
    moment = {"cache_ts": int(slack.now().timestamp()), "event_ts": slack.next_ts()}
    answer = await events.send({"type": "user_change", "user": shown, **moment})
    return Outcome(error=answer.failure, ack_ms=answer.ms)
