"""The audit log in sentences, as admins read its last changes, and the name of whoever changed something."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from bot.core.model import RefId, UserId
from bot.people.audit import MORE, AuditRow
from bot.slack.text import ago, escaped

PERSON, API_KEY = re.compile(r"[UW][A-Z0-9]+"), re.compile(r"key-([0-9a-f]+)")
TOGETHER = timedelta(hours=1)
"""What one person does within this time stands on one line."""
NO_CHANGES = frozenset({"refused", MORE, "link_shown_for_other"})
"""Rows that tell of no change, or of one that another row tells of."""
SENTENCES = {
    "link_made": "{by} made a link for {owner}: {profile}",
    "link_mailed": "{by} had a link mailed to {owner}: {profile}",
    "link_maybe_mailed": "{by} may have had a link mailed to {owner}: {profile}",
    "link_cancelled": "{by} cancelled a link of {owner}: {profile}",
    "link_taken_back": "{by} ended a link of {owner}: {profile}",
    "link_issued": "{by} got a link for {profile}",
    "api_key_created": "{by} made an API key",
    "api_key_revoked": "{by} revoked an API key",
    "client_link_made": "{by} made a client link for {profile}",
    "client_link_used": "A client of {profile} used a client link",
    "client_link_extended": "{by} extended a client link for {profile}",
    "client_link_revoked": "{by} revoked a client link for {profile}",
    "link_sent_for": "{by} asked {owner} to connect {profile}",
    "group_asked": "{by} asked several people to connect accounts",
    "invitation_stopped": "{by} muted requests",
    "invitation_allowed": "{by} allowed requests again",
    "mapping_added": "{by} mapped {profile} to {owner}",
    "mapping_removed": "{by} unmapped {profile} from {owner}",
    "default_changed": "{by} made {profile} the default of {owner}",
    "profile_replaced": "{by} gave {owner} {profile} instead of an unchecked profile",
    "profile_created": "{by} created {profile}",
    "profile_maybe_created": "{by} may have created a profile for {owner}",
    "account_reconnected": "{profile} has an account back",
    "account_changed": "{profile} has another account than before",
    "account_shared": "{profile} shares an account with another profile",
    "account_kept": "{by} kept another account of {profile}",
    "account_undone": "{by} disconnected a wrong account of {profile}",
    "account_dismissed": "{by} dismissed a disconnected account of {profile}",
    "profile_forgotten": "{by} had me forget {profile}",
}
SEVERAL = {
    "link_made": "{by} made {count} links",
    "link_cancelled": "{by} cancelled {count} links",
    "link_taken_back": "{by} ended {count} links",
    "link_issued": "{by} got {count} links",
    "link_sent_for": "{by} asked {count} people to connect accounts",
    "mapping_added": "{by} mapped {count} profiles{to}",
    "mapping_removed": "{by} unmapped {count} profiles{of}",
    "profile_created": "{by} created {count} profiles",
    "account_reconnected": "{count} accounts are back",
}
"""Several rows of one action in a sentence; of other actions the newest row is told, and how many more there are."""


def last_changes(rows: Iterable[AuditRow], titles: Mapping[RefId, str], *, at_most: int) -> list[str]:
    """Return lines of mrkdwn on rows that come newest first, one line for what somebody did within TOGETHER."""
    groups: list[list[AuditRow]] = []
    for row in rows:
        if row.action in NO_CHANGES:
            continue
        group = next((one for one in groups if _is_part(row, one)), None)
        if group:
            group.append(row)
        elif len(groups) < at_most:
            groups.append([row])
    return [change_in_words(newest, titles, others=others) for newest, *others in groups]


def change_in_words(newest: AuditRow, titles: Mapping[RefId, str], *, others: Sequence[AuditRow] = ()) -> str:
    """Say in one line of mrkdwn what somebody did, how often, and how long ago the last time was."""
    count, owners = len(others) + 1, {row.owner for row in (newest, *others)}
    owner = f"<@{newest.owner}>" if len(owners) == 1 and newest.owner else ""
    several = SEVERAL.get(newest.action) if count > 1 else None
    pattern = several or SENTENCES.get(newest.action) or f"{{by}}: {escaped(newest.action.replace('_', ' '))}"
    if newest.owner == newest.by:
        pattern = pattern.replace(" for {owner}: ", " for ").replace(" of {owner}: ", " for ")
    sentence = pattern.format(
        by=_who(newest.by),
        owner=owner or "someone",
        profile=_profile(newest.ref_id, titles),
        count=f"{count:,}",
        to=f" to {owner}" if owner else "",
        of=f" from {owner}" if owner else "",
    )
    more = f", and {count - 1:,} more" if count > 1 and not several else ""
    return f"{sentence}{more} · {ago(newest.at)}" if newest.at else f"{sentence}{more}"


def admin_name(by: str) -> str:
    """Return a mention of the admin who did something, or words for one who did it on the bot's machine."""
    return f"<@{by}>" if PERSON.fullmatch(by) else "An admin"


def _is_part(row: AuditRow, group: Sequence[AuditRow]) -> bool:
    """Return whether a row belongs to what the same person did soon after."""
    later = group[-1]
    same = (row.by, row.action) == (later.by, later.action)
    return same and (row.at is None or later.at is None or later.at - row.at <= TOGETHER)


def _who(who: str | UserId) -> str:
    if PERSON.fullmatch(who):
        return f"<@{who}>"
    if key := API_KEY.fullmatch(who):
        return f"The API key {key[1]}"
    return {"shell": "An operator", "bot": "I"}.get(who) or escaped(who)


def _profile(ref_id: RefId | None, titles: Mapping[RefId, str]) -> str:
    if ref_id is None:
        return "a profile"
    return f"*{escaped(titles.get(ref_id) or f'profile {ref_id[:8]}')}*"
