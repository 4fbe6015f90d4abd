"""What follows when Slack tells that a person has left, or is something else than before."""

from bot.cards.revoke import end_links_without_right
from bot.client_links.revoke import end_client_links_of
from bot.core.model import Membership, TeamId, UserId
from bot.deps import Deps
from bot.mappings.departure import on_user_deactivated
from bot.profiles.redraw import views_changed


async def on_person_changed(deps: Deps, team: TeamId, user: UserId) -> None:
    """End links that nobody may have any more; if the person has left, ask who takes over. Raises SlackError."""
    await views_changed(deps, team)
    await end_links_without_right(deps, team, user)
    await end_client_links_of(deps, team, user)
    if (await deps.people.remembered(team, user)).membership is Membership.DEACTIVATED:
        await on_user_deactivated(deps, team, user)
