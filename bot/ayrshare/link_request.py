"""What both ways to a linking page have in common: what is asked for, and how the answer is read."""

from dataclasses import dataclass
from typing import Any

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.deadline import link_deadline
from bot.ayrshare.errors import BadRequest, EmailFailed, MailNeedsMaxPack, MaxPackMissing
from bot.ayrshare.link_url import checked
from bot.ayrshare.model import ConnectMail, Link, Minted
from bot.ayrshare.replies import LinkReply
from bot.ayrshare.transport import Call

DEFAULT_MINUTES = 5


@dataclass(frozen=True, slots=True)
class LinkOptions:
    """How links shall be; `expires_in` is in minutes and needs the Max Pack, unset Ayrshare's five hold.

    `any_host` lets links through that do not lead to Ayrshare's own page, for a stand-in of the service.
    """

    expires_in: int | None = None
    redirect: str | None = None
    allowed_social: tuple[str, ...] = ()
    any_host: bool = False

    def body(self) -> dict[str, Any]:
        """Return the fields of a call that makes a link."""
        asked = {
            "logout": True,  # else the page may link accounts to the profile that this browser saw before
            "redirect": self.redirect,
            "allowedSocial": list(self.allowed_social) or None,
            "expiresIn": self.expires_in,
        }
        return {name: value for name, value in asked.items() if value is not None}


def mail_body(mail: ConnectMail | None) -> dict[str, Any]:
    """Return the field of such a call that has the link mailed, if it shall be."""
    if mail is None:
        return {}
    texts = {"contactEmail": mail.contact_email, "company": mail.company}
    return {"email": {"to": mail.to, **texts, "termsUrl": mail.terms_url, "privacyUrl": mail.privacy_url}}


async def make_page(
    client: AyrshareClient, call: Call, options: LinkOptions, mail: ConnectMail | None = None
) -> Minted:
    """Make the call, which asks for a `mail` or doesn't, and return the link; raise AyrshareError."""
    asked_at = client.clock.now()
    try:
        reply = await client.ask(LinkReply, call)
    except BadRequest as error:
        if error.code is not None or (mail is None and options.expires_in is None):
            raise
        refused = MailNeedsMaxPack if mail else MaxPackMissing  # how such a refusal looks is undocumented
        raise refused(http_status=error.http_status) from None
    if mail and reply.email_sent is False:
        raise EmailFailed
    url = checked(reply.url, any_host=options.any_host)
    expires_at = link_deadline(reply, asked_at=asked_at, minutes=options.expires_in or DEFAULT_MINUTES)
    return Minted(Link(url, expires_at, reply.session_id), reply.title)
