"""A link that Ayrshare mails, as a value, with its limit and its job."""

from dataclasses import dataclass
from datetime import timedelta

from bot.cards.model import Card
from bot.core.model import UserId
from bot.scheduling.job import JobName

REPORT_MAIL = JobName("report_mail")
"""Say that a mail may have been sent whose request was cut short before its outcome was recorded."""

MAIL_SETTLED = timedelta(minutes=1)
"""More than a request for a mail takes, with its record."""


@dataclass(frozen=True, slots=True)
class MailedLink:
    """A link that Ayrshare mailed to an address for `by`, on a card that nobody sees.

    `notified`: whether its owner was told what that mail is; None where they asked for it themselves.
    """

    card: Card
    by: UserId
    to: str
    notified: bool | None = None
