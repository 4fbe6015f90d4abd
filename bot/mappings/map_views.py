"""The modal of `/connect map`: its form, the preview, the result.

A profile key is in none of these.
"""

import re

from bot.ayrshare.model import Account
from bot.ayrshare.networks import network_name
from bot.core.model import Block, Message, RefId, UserId
from bot.mappings.model import (
    MAX_KEY_LENGTH,
    MAX_TITLE_LENGTH,
    PENDING_LIFE_TEXT,
    MappingForm,
    MappingMethod,
    MappingPreview,
    MappingResult,
    TitleExists,
)
from bot.profiles.errors import PROFILE_IS
from bot.profiles.views import NONE_ALLOWS_ALL, NONE_CHOSEN, accounts, profile_options
from bot.slack.actions import (
    ADD_FOR,
    CONFIRM_MAP,
    MAP_A_PROFILE,
    MAP_HOW,
    MAP_KNOWN,
    MAP_PERSON,
    MAP_PROFILE,
)
from bot.slack.blocks import (
    MOST_OPTIONS,
    actions,
    alert,
    button,
    context,
    form_input,
    header,
    notice,
    option,
    plain,
    section,
    went_wrong,
)
from bot.slack.model import Modal
from bot.slack.text import escaped, told_apart

MODAL_TITLE = "Map a profile"
AND = ":"
CREATE_SUBMIT, NEXT_SUBMIT, MAP_SUBMIT = "Create", "Next", "Map"
PERSON, METHOD, TITLE, NETWORKS, KEY, KNOWN, DEFAULT = "person", "how", "title", "networks", "key", "profile", "default"
"""The blocks with inputs; errors are shown under them."""
METHOD_INPUT = {MappingMethod.CREATE: TITLE, MappingMethod.KEY: KEY, MappingMethod.KNOWN: KNOWN}
METHOD_LABELS = {
    MappingMethod.CREATE: "A new one",
    MappingMethod.KEY: "One that Ayrshare has already",
    MappingMethod.KNOWN: "One that connectbot has already",
}
METHOD_MEANS = {
    MappingMethod.CREATE: "Ayrshare creates it, and bills you for it.",
    MappingMethod.KEY: "You enter its key, which Ayrshare's dashboard shows.",
    MappingMethod.KNOWN: "Whoever has it keeps it, too.",
}
ABOUT = f"{PROFILE_IS} Whoever you map it to connects them."
MAX_USERS_NAMED = 10
TITLE_IN_ALERT = 60
"""Letters of a title in an alert, which holds 200."""
NOT_TOLD = "Slack doesn't let me message them. Tell them yourself."


def map_form(form: MappingForm) -> Modal:
    """Ask which profile to map to whom, with the inputs of the chosen method.

    Slack keeps what was typed into an input while its `action_id` stays the same, so a title that is filled in is part
    of that; the metadata brings it and the number of profiles back when the form is drawn again.
    """
    return Modal(
        title=MODAL_TITLE,
        name=MAP_PROFILE,
        submit=CREATE_SUBMIT if form.method is MappingMethod.CREATE else NEXT_SUBMIT,
        close="Cancel",
        metadata=f"{'' if form.profiles is None else form.profiles}{AND}{form.title}",
        blocks=(
            *((went_wrong(form.warning),) if form.warning else ()),
            context(ABOUT),
            _person(form),
            *((alert(_cost(form.profiles)),) if form.method is MappingMethod.CREATE else ()),
            _method(form),
            *_method_inputs(form),
            *((_default(form),) if form.has_profiles else ()),
        ),
    )


def read_metadata(metadata: str) -> tuple[int | None, str]:
    """Return how many profiles the account has, if that is known, and the title that was filled in."""
    profiles, _, title = metadata.partition(AND)
    return int(profiles) if re.fullmatch(r"\d{1,9}", profiles, re.ASCII) else None, title


def title_exists(exists: TitleExists) -> str:
    """Say, above a title that is free, that a profile of the other one exists and that its key can't be had."""
    return f"{_exists(exists)} Copy it from Ayrshare's dashboard, or take the new title below."


def title_exists_message(exists: TitleExists) -> Message:
    """Say the same outside the modal, with the button that opens it."""
    said = f"{_exists(exists)} Copy it from Ayrshare's dashboard, or create *{escaped(exists.suggestion)}*."
    return Message(said, (section(said), actions("map", button(MAP_A_PROFILE))))


def maybe_created(title: str, user: UserId) -> Message:
    """Say that Ayrshare may have created a profile, after a crash."""
    said = f"I was interrupted while Ayrshare created *{escaped(_short(title))}*, so I don't know if it did."
    said = f"{said} Look in Ayrshare's dashboard before you create it again."
    return Message(said, (section(said), actions("map", button(ADD_FOR, f"{user}:"))))


def not_given(title: str, user: UserId, ref_id: RefId) -> Message:
    """Say that a profile was created, but given to nobody, after a crash."""
    said = f"Ayrshare created *{escaped(_short(title))}*, but I was interrupted before I could give it to <@{user}>."
    return Message(said, (section(said), actions("map", button(ADD_FOR, f"{user}:{ref_id}"))))


def _short(title: str) -> str:
    return told_apart(title, limit=TITLE_IN_ALERT)


def _exists(exists: TitleExists) -> str:
    lost = "Its answer got lost, but Ayrshare" if exists.answer_lost else "Ayrshare"
    return f"{lost} has *{escaped(_short(exists.title))}* and sends a key only once."


def creating(title: str) -> Modal:
    """Say that Ayrshare takes its time to create a profile."""
    return notice(
        f"Ayrshare is creating *{escaped(title)}*. You'll see the result here, or in a DM if you close this window.\n"
        f"Nothing after two minutes? Press *{MAP_A_PROFILE.label}* on my Home tab, and enter the same title again.",
        title=MODAL_TITLE,
    )


def preview(shown: MappingPreview) -> Modal:
    """Ask whether that is the right profile for the right person."""
    return Modal(
        title=MODAL_TITLE,
        name=CONFIRM_MAP,
        submit=MAP_SUBMIT,
        close="Cancel",
        metadata=shown.pending_id,
        blocks=(
            header(shown.title.strip() or "A profile without a title"),
            section(_mapped_to(shown)),
            section(_accounts(shown.accounts)),
            *_other_users(shown.other_users),
            context(f"Nothing is saved until you press {MAP_SUBMIT}. I keep this for {PENDING_LIFE_TEXT}."),
        ),
    )


def mapping_result(result: MappingResult) -> str:
    """Say what was mapped, and whether its person knows."""
    has = "has" if result.new else "already had"
    default = ", as their default" if result.default else ""
    text = f"<@{result.user}> {has} *{escaped(result.title)}*{' now' if result.new else ''}{default}."
    if result.notified is None:
        return text
    if result.notified_later:
        return f"{text} I couldn't message them yet. I keep trying."
    return f"{text} I told them." if result.notified else f"{text} {NOT_TOLD}"


def _person(form: MappingForm) -> Block:
    chosen = {"initial_user": form.person} if form.person else {}
    element = {"type": "users_select", "action_id": MAP_PERSON, "placeholder": plain("Choose a person"), **chosen}
    return form_input(PERSON, "Who gets the profile?", element, dispatch_action=True)


def _method(form: MappingForm) -> Block:
    options = {one: option(METHOD_LABELS[one], one, description=METHOD_MEANS[one]) for one in MappingMethod}
    shown = [drawn for one, drawn in options.items() if one is not MappingMethod.KNOWN or form.known]
    chosen = options[form.method]
    element = {"type": "radio_buttons", "action_id": MAP_HOW, "options": shown, "initial_option": chosen}
    return form_input(METHOD, "Which profile?", element, dispatch_action=True)


def _method_inputs(form: MappingForm) -> tuple[Block, ...]:
    if form.method is MappingMethod.CREATE:
        return (_title(form), _networks(form))
    return (_key() if form.method is MappingMethod.KEY else _known(form),)


def _title(form: MappingForm) -> Block:
    filled_in = {"action_id": f"{TITLE}:{form.title}", "initial_value": form.title} if form.title else {}
    element = {"type": "plain_text_input", "action_id": TITLE, "max_length": MAX_TITLE_LENGTH, **filled_in}
    return form_input(TITLE, "Title", element, hint="People see it when they connect accounts.")


def _cost(profiles: int | None) -> str:
    known = f" You have {profiles} now." if profiles is not None else ""
    return f"A new profile costs money: Ayrshare bills by their number. I can't delete one.{known}"


def _networks(form: MappingForm) -> Block:
    options = [option(network_name(name), name) for name in form.networks]
    chosen = [one for one in options if one["value"] in form.chosen_networks]
    element = {"type": "multi_static_select", "action_id": NETWORKS, "placeholder": plain(NONE_CHOSEN)}
    initial = {"initial_options": chosen} if chosen else {}
    more: Block = {"options": options, **initial}
    return form_input(NETWORKS, "Allow only these networks", element | more, hint=NONE_ALLOWS_ALL, optional=True)


def _key() -> Block:
    element = {"type": "plain_text_input", "action_id": KEY, "max_length": MAX_KEY_LENGTH}
    hint = "Copy it from Ayrshare's dashboard. I check it, encrypt it and never show it again."
    return form_input(KEY, "Profile key", element, hint=hint)


def _known(form: MappingForm) -> Block:
    options = profile_options({form.chosen: form.known[form.chosen]}) if form.chosen else []
    initial = {"initial_option": options[0]} if options else {}
    element = {"action_id": MAP_KNOWN, "placeholder": plain("Choose a profile"), **initial}
    if len(form.known) > MOST_OPTIONS:
        return form_input(KNOWN, "Profile", element | {"type": "external_select", "min_query_length": 0})
    return form_input(KNOWN, "Profile", element | {"type": "static_select", "options": profile_options(form.known)})


def _default(form: MappingForm) -> Block:
    options = [option("Make it their default", "yes", description="The one that is meant where they name none.")]
    ticked = {"initial_options": options} if form.default else {}
    element = {"type": "checkboxes", "action_id": DEFAULT, "options": options, **ticked}
    return form_input(DEFAULT, "They have other profiles already", element, optional=True)


def _accounts(linked: tuple[Account, ...] | None) -> str:
    if linked is None:
        return "Ayrshare is slow, so I can't show its accounts."
    healthy = [account for account in linked if not account.needs_attention]
    expiring = [account for account in linked if account.needs_attention and account.refresh_by]
    lost = [account for account in linked if account.needs_attention and not account.refresh_by]
    lines = [f"🔴 disconnected: {accounts(lost)}"] if lost else []
    lines += [f"🟢 connected: {accounts(healthy)}"] if healthy else []
    lines += [f"🟡 expires soon: {accounts(expiring)}"] if expiring else []
    return "\n".join(lines) or "⚪ nothing connected"


def _mapped_to(shown: MappingPreview) -> str:
    if shown.already_mapped:
        already = f"<@{shown.user}> has it already."
        return f"{already} It becomes their default." if shown.default else already
    return f"<@{shown.user}> gets it{', as their default' if shown.default else ''}."


def _other_users(users: tuple[UserId, ...]) -> tuple[Block, ...]:
    if not users:
        return ()
    named = ", ".join(f"<@{user}>" for user in users[:MAX_USERS_NAMED])
    more = f" and {len(users) - MAX_USERS_NAMED} more" if len(users) > MAX_USERS_NAMED else ""
    return (section(f"{named}{more} have it, too." if len(users) > 1 else f"{named} has it, too."),)
