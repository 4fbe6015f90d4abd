"""What the admins' weekly digest says: how much is broken, *Ask everybody*, and a row for each profile."""

from collections.abc import Sequence

from bot.ayrshare.model import Account
from bot.ayrshare.networks import OfferedNetworks
from bot.core.model import Block, Message
from bot.invitations.views import asks_first
from bot.notifications.model import PROFILES_IN_WEEKLY, WeeklyRow
from bot.profiles.views import account
from bot.slack.actions import ASK_EVERYBODY, SEE_ALL
from bot.slack.blocks import actions, button, context, section, telling
from bot.slack.text import date, escaped, several, told_apart

TITLE_LIMIT = 75
ATTENTION = "list needs attention"
"""What *See all profiles* stands for."""
PEOPLE_NAMED, PROFILES_NAMED = 5, 3


def weekly_message(rows: Sequence[WeeklyRow], *, offered: OfferedNetworks) -> Message:
    """Draw the digest: what was disconnected longest first; *Ask everybody* if a link may offer any of it."""
    broken = [row for row in rows if row.disconnected]
    expiring, left = len(rows) - len(broken), len(rows) - PROFILES_IN_WEEKLY
    more = (context(f"{left} more need attention. My Home tab shows them."),) if left > 0 else ()
    shown = (*map(_row, rows[:PROFILES_IN_WEEKLY]), *more)
    soon = f"{_profiles(expiring)} {'has' if expiring == 1 else 'have'} accounts that expire soon"
    see = actions("see", button(SEE_ALL, ATTENTION))
    if not broken:
        return telling(soon, f"Accounts of {_named(rows)} expire within two weeks.", see, *shown, sign="🟡")
    networks = tuple(dict.fromkeys(one.network for row in broken for one in row.disconnected))
    refused, to_ask = offered.refusals(networks), offered.among(networks)
    said = f"Not all posts of {_named(broken)} go out. {f'{soon}. ' if expiring else ''}"
    said += "I can ask everybody to reconnect." if to_ask else refused
    many = f"{_profiles(len(broken))} {'has' if len(broken) == 1 else 'have'} disconnected accounts"
    ask = actions("ask", button(ASK_EVERYBODY, style="primary") | asks_first(ASK_EVERYBODY.label, "Ask"))
    left_out = (context(refused),) if refused and to_ask else ()
    return telling(many, said, ask if to_ask else see, *left_out, *shown, sign="🔴")


def _named(rows: Sequence[WeeklyRow]) -> str:
    return several([escaped(told_apart(row.title, limit=TITLE_LIMIT)) for row in rows], limit=PROFILES_NAMED)


def _profiles(count: int) -> str:
    return "1 profile" if count == 1 else f"{count} profiles"


def _row(row: WeeklyRow) -> Block:
    people = several([f"<@{user}>" for user in row.people], limit=PEOPLE_NAMED)
    lines = [f"*{escaped(told_apart(row.title, limit=TITLE_LIMIT))}* · {people}{_who_knows(row)}"]
    lines += [f"🔴 {account(one)}: disconnected since {date(one.since)}" for one in row.disconnected]
    lines += [f"🟡 {account(one)}: {_expires(one)}" for one in row.expiring]
    return section("\n".join(lines))


def _who_knows(row: WeeklyRow) -> str:
    """Say when a colleague asked; of what is disconnected and nobody asked for, when its people were told."""
    if row.asked_at or not row.disconnected:
        return f", asked {date(row.asked_at)}" if row.asked_at else ""
    return f"{f', told {date(row.told_at)}' if row.told_at else ''}, not asked yet"


def _expires(one: Account) -> str:
    return f"expires {date(one.refresh_by)}" if one.refresh_by else "reconnect now"
