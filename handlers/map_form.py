"""Reading the form of `/connect map`, and drawing it again."""

from dataclasses import replace

from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.mappings.map_form import DEFAULT, FIELD, HOW, NETWORKS, PERSON, TITLE, Form, MappingMethod
from bot.mappings.map_profile import choices
from bot.mappings.model import PendingMapping
from bot.people.errors import NotServed
from bot.profiles.views import NETWORK_NAMES
from bot.slack.requests import Entered, Submission


def text(entered: Entered, field: str) -> str:
    """Return what was typed or chosen in a field."""
    return str(entered.get(field) or "").strip()


def chosen_way(entered: Entered) -> MappingMethod:
    """Return the chosen way to a profile."""
    chosen = text(entered, HOW)
    return MappingMethod(chosen) if chosen in set(MappingMethod) else MappingMethod.CREATE


def field_of(submission: Submission, error: Exception) -> str:
    """Return the field under which a failure is said."""
    return PERSON if isinstance(error, NotServed) else FIELD[chosen_way(submission.entered)]


def wanted_mapping(submission: Submission) -> PendingMapping:
    """Return what was entered, as far as it isn't secret."""
    entered = submission.entered
    return PendingMapping(
        by=submission.user,
        user=UserId(text(entered, PERSON)),
        default=bool(entered.get(DEFAULT)),
        title=" ".join(text(entered, TITLE).split()),
        networks=tuple(entered.get(NETWORKS) or ()),
    )


async def form_for(deps: Deps, team: TeamId, entered: Entered) -> Form:
    """Return the form with the inputs that fit what was chosen; what was typed into them Slack keeps."""
    person = UserId(text(entered, PERSON)) or None
    found = await choices(deps, team, person)
    networks = deps.settings.ayrshare_allowed_social or tuple(NETWORK_NAMES)
    return Form(person, chosen_way(entered), found.known, found.has_profiles, networks)


async def filled_form(deps: Deps, team: TeamId, wanted: PendingMapping) -> Form:
    """Return the form as it was filled in to create a profile, where Slack no longer has it."""
    form = await form_for(deps, team, {PERSON: wanted.user})
    return replace(form, title=wanted.title, shown=wanted.networks, default=wanted.default)
