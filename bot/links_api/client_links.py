"""Makes a client link for an app, and revokes it: its page, and what follows, are those of every client link."""

from bot.client_links.create import create
from bot.client_links.model import ClientLinkId, ClientLinkOrder, NewClientLink
from bot.client_links.revoke import revoke
from bot.deps import Deps
from bot.links_api.answer_store import Keep
from bot.links_api.errors import LinkTakenBack, UnknownLink
from bot.links_api.find_profile import profile_with_holder
from bot.links_api.model import ApiKey, ClientLinkAsked, IssuedClientLink, LinkNamed, LinkOrder, ProfileTitle


async def create_client_link(
    deps: Deps, key: ApiKey, asked: ClientLinkAsked, *, keep: Keep | None = None
) -> IssuedClientLink:
    """Make a client link, on whose page the key's name stands as its sender; `keep` keeps the answer.

    Raises UnknownProfile, NobodyMapped, NetworkNotOffered, NoPublicUrl, ClientLinksOff, SlackError.
    """
    profile, _ = await profile_with_holder(deps, key, LinkOrder(profile=asked.profile))
    order = ClientLinkOrder(
        team=key.team,
        by=key.actor,
        ref_id=profile.ref_id,
        client=asked.client,
        networks=asked.networks,
        note=asked.note,
        days=asked.days,
        uses=asked.uses,
        notify=asked.notify,
    )
    return _answer(await create(deps, order, sender=key.name, also=keep and (lambda new: keep(_answer(new)))))


def _answer(new: NewClientLink) -> IssuedClientLink:
    return IssuedClientLink(
        id=new.link.id,
        url=new.url.get_secret_value(),
        expires_at=new.link.expires_at.replace(microsecond=0),
        profile=ProfileTitle(ref_id=new.link.ref_id, title=new.link.title),
    )


async def check_may_get_client_link_again(deps: Deps, key: ApiKey, made: IssuedClientLink) -> None:
    """Return if a client link that was made before may be given again; raise LinkTakenBack."""
    link = await deps.client_links.get(key.team, ClientLinkId(made.id))
    if link is None or link.revoked:
        raise LinkTakenBack


async def revoke_client_link(deps: Deps, key: ApiKey, named: LinkNamed) -> None:
    """Revoke a client link that the key has made; one that was revoked stays so. Raises UnknownLink."""
    link = await deps.client_links.get(key.team, ClientLinkId(named.id))
    if link is None or link.made_by != key.actor:
        raise UnknownLink
    await revoke(deps, link, by=key.actor)
