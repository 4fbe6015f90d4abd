"""Events and their retries: https://docs.slack.dev/apis/events-api/."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.slack import payloads
from sandbox.slack.api_types import ActionUnavailable, Json
from sandbox.slack.delivery import Acknowledgement, ActionResult, DeliveryKind, RetryAttempt
from sandbox.slack.users import User, UserGroup
from sandbox.slack.workspace import Workspace

RETRY_DELAYS = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))


@dataclass(frozen=True)
class PendingRetry:
    """An event that will be sent again."""

    due: datetime
    payload: Json
    attempt: RetryAttempt


class EventDelivery:
    """Sends events and retries those that failed."""

    def __init__(self, slack: Workspace) -> None:
        self._slack = slack
        self.pending: list[PendingRetry] = []

    async def send(self, event: Json, *, org_wide: bool | None = None, **named: None) -> Acknowledgement:
        """Send an event for the first time; one about an installation says where that is, and may name no `team_id`."""
        wide = self._slack.org_wide if org_wide is None else org_wide
        return await self._attempt(self._wrap(event, wide) | named)

    async def send_due_retries(self) -> int:
        """Send the retries that are due and return their number."""
        due = [retry for retry in self.pending if retry.due <= self._slack.now()]
        self.pending = [retry for retry in self.pending if retry not in due]
        for retry in due:
            await self._attempt(retry.payload, retry=retry.attempt)
        return len(due)

    async def _attempt(self, payload: Json, retry: RetryAttempt | None = None) -> Acknowledgement:
        acknowledgement = await self._slack.delivery.deliver(DeliveryKind.EVENT, payload, retry=retry)
        number = retry.number if retry else 0
        if acknowledgement.failure and not acknowledgement.no_retry and number < len(RETRY_DELAYS):
            due = self._slack.now() + RETRY_DELAYS[number]
            self.pending.append(PendingRetry(due, payload, RetryAttempt(number + 1, acknowledgement.failure)))
        return acknowledgement

    def _wrap(self, event: Json, org_wide: bool = False) -> Json:  # noqa: FBT001, FBT002  # a private helper
        slack = self._slack
        team_id, organization = slack.world.team.id, slack.world.team.organization
        authorization = {
            "enterprise_id": organization.id if organization else None,
            "team_id": None if org_wide else team_id,
            "user_id": slack.world.app.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": org_wide,
        }
        return {
            "token": slack.verification_token,
            "team_id": team_id,
            **({"enterprise_id": organization.id} if organization else {}),
            "api_app_id": slack.world.app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev0{secrets.token_hex(5).upper()}",  # unique, also after a restart
            "event_time": int(slack.now().timestamp()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": f"4-{team_id}",
        }


async def open_home(slack: Workspace, events: EventDelivery, *, user: User) -> ActionResult:
    """Open the app's Home tab, which sends `app_home_opened`; raises ActionUnavailable."""
    dm = slack.world.dm(user.id)
    if dm is None or not user.can_sign_in:
        raise ActionUnavailable(f"{user.name} cannot open the app's Home tab")
    event: Json = {"type": "app_home_opened", "user": user.id, "channel": dm.id, "tab": "home"}
    if (home := slack.views.homes.get(user.id)) is not None:
        event["view"] = payloads.shown_view(slack, home)
    acknowledgement = await events.send(event | {"event_ts": slack.next_ts()})
    return ActionResult(error=acknowledgement.failure, ack_ms=acknowledgement.ms)


async def change_user(
    slack: Workspace, events: EventDelivery, *, user: User, flags: Mapping[str, bool]
) -> ActionResult:
    """Change a user's flags, which sends `user_change` if the app has the scope `users:read`.

    https://docs.slack.dev/reference/events/user_change
    """
    for flag, value in flags.items():
        setattr(user, flag, value)
    if "users:read" not in slack.scopes:
        return ActionResult()
    user_json = user.as_json(home_team=slack.world.team.id, with_email="users:read.email" in slack.scopes)
    times = {"cache_ts": int(slack.now().timestamp()), "event_ts": slack.next_ts()}
    acknowledgement = await events.send({"type": "user_change", "user": user_json, **times})
    return ActionResult(error=acknowledgement.failure, ack_ms=acknowledgement.ms)


async def change_group(
    slack: Workspace, events: EventDelivery, *, group: UserGroup, users: Sequence[str], is_disabled: bool
) -> ActionResult:
    """Change a user group, which sends two events if the app has the scope `usergroups:read`.

    https://docs.slack.dev/reference/events/subteam_members_changed, https://docs.slack.dev/reference/events/subteam_updated
    """
    added, removed = [u for u in users if u not in group.users], [u for u in group.users if u not in users]
    group.users, group.is_disabled = list(users), is_disabled
    if "usergroups:read" not in slack.scopes:
        return ActionResult()
    delta: Json = {"type": "subteam_members_changed", "subteam_id": group.id, "team_id": slack.world.team.id}
    times = {"date_previous_update": 0, "date_update": int(slack.now().timestamp()), "event_ts": slack.next_ts()}
    counted = {"added_users": added, "added_users_count": str(len(added))}
    counted |= {"removed_users": removed, "removed_users_count": str(len(removed))}
    if added or removed:
        await events.send(delta | times | counted)
    whole = group.as_json(team_id=slack.world.team.id, with_users=True)
    updated = {"type": "subteam_updated", "subteam": whole, "event_ts": slack.next_ts()}
    acknowledgement = await events.send(updated)
    return ActionResult(error=acknowledgement.failure, ack_ms=acknowledgement.ms)
