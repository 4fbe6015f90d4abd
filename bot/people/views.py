"""The audit log in sentences, and the name of whoever changed something."""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.core.model import RefId, UserId
from bot.people.audit import MORE, AuditRow
from bot.slack.text import date_and_time, escaped

PERSON = re.compile(r"[UW][A-Z0-9]+")
SENTENCES = {
    "link_made": "{by} made a link for {owner}: {profile}",
    "link_shown_for_other": "{by} was shown a link of {owner}: {profile}",
    "link_mailed": "{by} had a link mailed to {owner}: {profile}",
    "link_maybe_mailed": "{by} may have had a link mailed to {owner}: {profile}",
    "link_cancelled": "{by} cancelled a link of {owner}: {profile}",
    "link_taken_back": "{by} took back a link of {owner}: {profile}",
    "client_link_made": "{by} made a client link for {profile}",
    "client_link_used": "A client of {profile} used a client link",
    "client_link_extended": "{by} extended a client link for {profile}",
    "client_link_revoked": "{by} revoked a client link for {profile}",
    "link_sent_for": "{by} asked {owner} to link accounts: {profile}",
    "group_asked": "{by} asked several people to link accounts",
    "invitation_stopped": "{by} wants no more invitations",
    "invitation_allowed": "{by} wants invitations again",
    "mapping_added": "{by} mapped {owner} to {profile}",
    "mapping_removed": "{by} unmapped {owner} from {profile}",
    "default_changed": "{by} made {profile} the default of {owner}",
    "profile_replaced": "{by} gave {owner} {profile} in place of a profile that was not checked",
    "profile_created": "{by} had Ayrshare create {profile}",
    "profile_deletion_asked": "{by} asked Ayrshare to delete {profile}",
    "profile_deleted": "{by} had Ayrshare delete {profile}",
    "account_dismissed": "{by} dismissed a disconnected account of {profile}",
    "profile_forgotten": "{by} had me forget {profile}",
    "refused": "{by} was refused",
}
REASONS = {"not_admin": "not an admin", "shared_channel": "from a channel shared with another workspace"}


def audit_sentence(row: AuditRow, titles: Mapping[RefId, str]) -> str:
    """Return one line in mrkdwn: who did what, and when. An action without a sentence is named as it is."""
    if row.action == MORE:
        action, _, count = row.detail.partition(":")
        once = audit_sentence(replace(row, action=action, detail=""), titles)
        return f"{once.removesuffix(' ()')}, {escaped(count)} times more within an hour"
    pattern = SENTENCES.get(row.action) or f"{{by}}: {escaped(row.action.replace('_', ' '))}"
    sentence = pattern.format(by=_who(row.by), owner=_who(row.owner or ""), profile=_profile(row.ref_id, titles))
    reason = f" ({REASONS.get(row.detail) or escaped(row.detail.replace('_', ' '))})" if row.action == "refused" else ""
    return f"{date_and_time(row.at)}  {sentence}{reason}" if row.at else f"{sentence}{reason}"


def admin_name(by: str) -> str:
    """Return a mention of the admin who did something, or words for one who did it on the bot's machine."""
    return f"<@{by}>" if PERSON.fullmatch(by) else "An admin"


def _who(who: str | UserId) -> str:
    if PERSON.fullmatch(who):
        return f"<@{who}>"
    return {"shell": "Somebody on the bot's machine", "bot": "I"}.get(who) or escaped(who) or "nobody"


def _profile(ref_id: RefId | None, titles: Mapping[RefId, str]) -> str:
    if ref_id is None:
        return "a profile"
    return f"*{escaped(titles.get(ref_id) or f'profile {ref_id[:8]}')}*"
