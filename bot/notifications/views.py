"""What a digest says to a profile's people: what is worst, then each profile with one button to mend it.

The message contains no link: the button makes one. Ayrshare's reason stays out of `text`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.ayrshare.networks import OfferedNetworks, network_name
from bot.core.model import Block, Message
from bot.notifications.admin_views import admin_parts
from bot.notifications.model import (
    ACCOUNTS_IN_ROW,
    ACCOUNTS_NAMED,
    PROFILES_IN_DIGEST,
    Alert,
    AlertKind,
    DigestContent,
    ProfileAlerts,
)
from bot.profiles.model import EXPIRED
from bot.slack.actions import DIGEST_LINK, SNOOZE
from bot.slack.blocks import TEXT_LIMIT, actions, button, context, section, telling
from bot.slack.text import ADDRESS, date, escaped, several, shortened, titled, told_apart

REASON_LIMIT = 100
NAME_LIMIT = 75
SIGNS = {AlertKind.DISCONNECTED: "🔴", AlertKind.EXPIRING: "🟡", AlertKind.BACK: "✅"}
"""The worst first."""


def digest_message(content: DigestContent, *, offered: OfferedNetworks) -> Message:
    """Draw a digest: what is of someone's own profiles, then what is for admins."""
    parts = [*_own(content.profiles, offered), *admin_parts(content)]
    text = shortened(" ".join(part.text for part in parts), limit=TEXT_LIMIT)
    return Message(text, tuple(block for part in parts for block in part.blocks))


def snoozed_message(until: datetime) -> Message:
    """Confirm a snooze."""
    said = "Until then you won't hear of accounts that are disconnected or expire soon."
    return telling(f"Snoozed until {date(until)}", said, sign="💤")


def _own(profiles: Sequence[ProfileAlerts], offered: OfferedNetworks) -> tuple[Message, ...]:
    alerts = [alert for one in profiles for alert in one.alerts]
    if not alerts:
        return ()
    return (_single(profiles[0], offered) if len(alerts) == 1 else _several(profiles, offered),)


def _single(one: ProfileAlerts, offered: OfferedNetworks) -> Message:
    (alert,) = one.alerts
    reconnect = _reconnect(one, offered, alone=True)
    buttons = (*((reconnect,) if reconnect else ()), *((button(SNOOZE),) if one.networks else ()))
    refused = offered.refusals(one.networks)
    sign, heading = SIGNS[alert.kind], f"{_what(alert)} for {titled(one.title)}"
    said = _said(alert, refused=bool(refused))
    told = telling(heading, said, sign=sign)
    whole = telling(heading, " ".join(filter(None, (_reason(alert), said))), sign=sign).blocks
    rows = (*((context(refused),) if refused else ()), *((actions("alerts", *buttons),) if buttons else ()))
    return replace(told, blocks=(*whole, *rows))


def _what(alert: Alert) -> str:
    network = _network(alert.network)
    if alert.kind is AlertKind.BACK:
        return f"{network} is back"
    if alert.kind is AlertKind.EXPIRING:
        return f"{network} expires soon"
    return f"{network} is {'still ' if alert.since else ''}disconnected"


def _said(alert: Alert, *, refused: bool) -> str:
    posts = f"Posts to {_name(alert)}" if alert.name else "Posts"
    if alert.kind is AlertKind.BACK:
        return f"{posts} go out again."
    if alert.kind is AlertKind.EXPIRING:
        return f"Reconnect {_account(alert)} {_by(alert)} to keep posting."
    since = f"Disconnected since {date(alert.since)}. " if alert.since else _expired(alert)
    return f"{since}{posts} won't go out{'' if refused else ' until you reconnect'}."


def _several(profiles: Sequence[ProfileAlerts], offered: OfferedNetworks) -> Message:
    """Draw a row for each of the first profiles."""
    alerts = [alert for one in profiles for alert in one.alerts]
    broken, alone = _counts(alerts)[AlertKind.DISCONNECTED], len(profiles) == 1
    left = len(profiles) - PROFILES_IN_DIGEST
    rest = (
        *((context("Posts to disconnected accounts fail until you reconnect them."),) if broken else ()),
        *((context(f"{left} more of your profiles need you. My Home tab shows them."),) if left > 0 else ()),
        *((actions("snooze", button(SNOOZE)),) if any(one.networks for one in profiles) else ()),
    )
    rows = (_row(one, offered, alone=alone) for one in profiles[:PROFILES_IN_DIGEST])
    sign = next(sign for kind, sign in SIGNS.items() if _counts(alerts)[kind])
    return telling(_heading(alerts), _summary(profiles, offered), *rows, *rest, sign=sign)


def _heading(alerts: Sequence[Alert]) -> str:
    counts, new = _counts(alerts), any(one.kind is AlertKind.DISCONNECTED and not one.since for one in alerts)
    broken, expiring, back = (counts[kind] for kind in SIGNS)
    happened = {
        f"{'is' if broken == 1 else 'are'} {'' if new else 'still '}disconnected": broken,
        f"{'expires' if expiring == 1 else 'expire'} soon": expiring,
        f"{'is' if back == 1 else 'are'} back": back,
    }
    parts = [f"{count} {verb}" for verb, count in happened.items() if count]
    number, first = parts[0].split(" ", 1)
    return ", ".join((f"{number} {'account' if number == '1' else 'accounts'} {first}", *parts[1:]))


def _summary(profiles: Sequence[ProfileAlerts], offered: OfferedNetworks) -> str:
    """Name the first accounts to reconnect, else those that no link may offer, else those that are back."""
    to_mend = [offered.among(one.networks) for one in profiles]
    if any(to_mend):
        return f"Reconnect {_named(profiles, to_mend)}."
    if any(one.networks for one in profiles):
        return f"Posts to {_named(profiles, [one.networks for one in profiles])} won't go out."
    return f"Posts to {_named(profiles, [[alert.network for alert in one.alerts] for one in profiles])} go out again."


def _named(profiles: Sequence[ProfileAlerts], networks: Sequence[Sequence[str]]) -> str:
    """Name the first networks of the first profiles."""
    pairs = [(one, dict.fromkeys(some)) for one, some in zip(profiles, networks, strict=True) if some]
    named = [f"{several([*map(_network, some)], limit=ACCOUNTS_NAMED)} for {titled(one.title)}" for one, some in pairs]
    return several(named, limit=ACCOUNTS_NAMED)


def _row(one: ProfileAlerts, offered: OfferedNetworks, *, alone: bool) -> Block:
    """Draw a profile with its button, or with a sentence on what no link may offer."""
    lines, left = [*map(_line, one.alerts[:ACCOUNTS_IN_ROW])], len(one.alerts) - ACCOUNTS_IN_ROW
    lines += [f"and {left} more"] if left > 0 else []
    refused = offered.refusals(one.networks)
    told = "\n".join((f"*{titled(one.title)}*", *lines, *((refused,) if refused else ())))
    return section(told, _reconnect(one, offered, alone=alone))


def _reconnect(one: ProfileAlerts, offered: OfferedNetworks, *, alone: bool) -> Block | None:
    """Return a button for a link to just these networks, unless no link may offer them.

    Its value says whether the card may replace the message, which is about the profile `alone`.
    """
    if not one.networks or (offered.refusals(one.networks) and not offered.among(one.networks)):
        return None
    value = f"{one.ref_id}:{'alone' if alone else ''}:{','.join(offered.among(one.networks))}"
    return button(DIGEST_LINK, value, spoken=f"{DIGEST_LINK.label} {one.title}", style="primary")


def _line(alert: Alert) -> str:
    return f"{SIGNS[alert.kind]} {_account(alert)}{_state(alert)}"


def _state(alert: Alert) -> str:
    if alert.kind is AlertKind.BACK:
        return " is back."
    if alert.kind is AlertKind.EXPIRING:
        return f": reconnect {_by(alert)}."
    if alert.since:
        return f": disconnected since {date(alert.since)}."
    why = _reason(alert) or _expired(alert)
    return f" is disconnected: {why.strip()}" if why else " is disconnected."


def _expired(alert: Alert) -> str:
    return f"{EXPIRED}. " if alert.reason == EXPIRED else ""


def _reason(alert: Alert) -> str:
    """Return Ayrshare's reason as a sentence, without addresses."""
    words = "" if alert.since or alert.reason == EXPIRED else " ".join(ADDRESS.sub("", alert.reason).split())
    return f"{escaped(shortened(words, limit=REASON_LIMIT)).rstrip('.…')}." if words else ""


def _by(alert: Alert) -> str:
    return f"by {date(alert.refresh_by)}" if alert.refresh_by else "soon"


def _account(alert: Alert) -> str:
    network = _network(alert.network)
    return f"{network} ({_name(alert)})" if alert.name else network


def _network(network: str) -> str:
    return escaped(shortened(network_name(network), limit=NAME_LIMIT))


def _name(alert: Alert) -> str:
    return escaped(told_apart(alert.name, limit=NAME_LIMIT))


def _counts(alerts: Sequence[Alert]) -> Counter[AlertKind]:
    return Counter(alert.kind for alert in alerts)
