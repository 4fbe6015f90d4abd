"""Slack's own words for its refusals, each with the class that it stands for.

https://docs.slack.dev/reference/methods/chat.postMessage lists most of them.
"""

from datetime import timedelta

from bot.slack.errors import (
    MessageGone,
    MessagesTabDisabled,
    ModalGone,
    PersonNotVisible,
    RecipientDeactivated,
    RecipientUnreachable,
    ScopeMissing,
    SlackAway,
    SlackError,
    SlackRateLimited,
    TokenRejected,
)

_WORDS: dict[type[SlackError], tuple[str, ...]] = {
    SlackAway: ("internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"),
    SlackRateLimited: ("ratelimited", "rate_limited", "message_limit_exceeded"),
    TokenRejected: (
        *("invalid_auth", "not_authed", "account_inactive", "token_expired", "token_revoked"),
        *("ekm_access_denied", "org_login_required", "team_access_not_granted", "two_factor_setup_required"),
        *("accesslimited", "enterprise_is_restricted"),
    ),
    ScopeMissing: ("missing_scope", "no_permission", "access_denied", "access_not_allowed", "not_allowed_token_type"),
    MessagesTabDisabled: ("messages_tab_disabled",),
    PersonNotVisible: ("user_not_found", "users_not_found", "user_not_visible", "user_not_in_workspace"),
    MessageGone: (
        *("message_not_found", "cant_update_message", "channel_not_found", "edit_window_closed", "is_archived"),
        *("is_inactive", "thread_not_found"),
    ),
    RecipientUnreachable: (
        *("cannot_dm_bot", "not_in_channel", "restricted_action", "user_is_restricted", "user_is_bot"),
        *("restricted_action_read_only_channel", "channel_is_limited_access"),
    ),
    RecipientDeactivated: ("user_disabled",),
    ModalGone: ("not_found",),
}
_BY_WORD = {word: kind for kind, words in _WORDS.items() for word in words}


def slack_error(reason: str, *, retry_after: timedelta | None = None) -> SlackError:
    """Return the failure that Slack's word for it stands for."""
    kind = _BY_WORD.get(reason, SlackError)
    if kind is SlackAway:
        return SlackAway(reason, retry_after=retry_after, answered=True)
    return kind(reason, retry_after=retry_after)
