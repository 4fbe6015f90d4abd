"""The modal of `/connect map`: its form, the preview, the result; and what the people concerned are sent.

A profile key is in none of these.
"""

from collections.abc import Mapping, Sequence

from bot.ayrshare.model import Account
from bot.ayrshare.networks import network_name
from bot.core.matching import has_words, search_form
from bot.core.model import Block, Message, RefId, UserId
from bot.mappings.model import (
    MAX_KEY_LENGTH,
    MAX_TITLE_LENGTH,
    PENDING_LIFE_TEXT,
    MappingForm,
    MappingMethod,
    MappingPreview,
    MappingResult,
    PendingId,
    TitleExists,
)
from bot.people.views import admin_name
from bot.profiles.model import ProfileRef
from bot.profiles.views import accounts, titles
from bot.slack.actions import CONFIRM_MAP, MAP_A_PROFILE, MAP_HOW, MAP_KNOWN, MAP_PERSON, MAP_PROFILE
from bot.slack.blocks import MOST_OPTIONS, button, context, form_input, header, notice, option, plain, section, sentence
from bot.slack.model import Modal
from bot.slack.text import escaped

MODAL_TITLE = "Map a profile"
AND = ":"
CREATE_SUBMIT, NEXT_SUBMIT, MAP_SUBMIT = "Create", "Next", "Map"
PERSON, METHOD, TITLE, NETWORKS, KEY, KNOWN, DEFAULT = "person", "how", "title", "networks", "key", "profile", "default"
"""The blocks with inputs; errors are shown under them."""
METHOD_INPUT = {MappingMethod.CREATE: TITLE, MappingMethod.KEY: KEY, MappingMethod.KNOWN: KNOWN}
METHOD_LABELS = {
    MappingMethod.CREATE: "Create a new Ayrshare profile",
    MappingMethod.KEY: "Use a profile key",
    MappingMethod.KNOWN: "Use a profile I know already",
}
MAX_USERS_NAMED = 10
MAX_ASKERS_WITH_BUTTON = 40
"""A message holds 50 blocks."""


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
            *((section(f":warning: {form.warning}"),) if form.warning else ()),
            _person(form),
            _method(form),
            *_method_inputs(form),
            *((_default(form),) if form.has_profiles else ()),
        ),
    )


def read_metadata(metadata: str) -> tuple[int | None, str]:
    """Return how many profiles the account has, if that is known, and the title that was filled in."""
    profiles, _, title = metadata.partition(AND)
    return int(profiles) if profiles else None, title


def known_options(known: Mapping[RefId, str], *, words: str = "") -> list[Block]:
    """Offer the profiles in whose titles the words begin words, by title, and as many as Slack takes."""
    named = {ref_id: title.strip() or f"Profile {ref_id[:8]}" for ref_id, title in known.items()}  # never empty text
    sought, titles = search_form(words), [(search_form(title), ref_id) for ref_id, title in named.items()]
    matching = [(title, ref_id) for title, ref_id in titles if not sought or has_words(title, sought)]
    return [option(named[ref_id], ref_id) for _, ref_id in sorted(matching)[:MOST_OPTIONS]]


def title_exists(exists: TitleExists) -> str:
    """Say that a profile of that title exists, why its key can't be had, and what to do instead."""
    titled = f"a profile titled *{escaped(exists.title)}*"
    known = (
        f"Ayrshare's answer was lost, but it has {titled} now"
        if exists.answer_lost
        else f"Ayrshare already has {titled}"
    )
    return (
        f"{known}, and I can't get its key again: Ayrshare sends it only once, when the profile is created. "
        f"Copy the key from Ayrshare's dashboard and choose *{METHOD_LABELS[MappingMethod.KEY]}*, "
        f"or create the profile under another title, such as *{escaped(exists.suggestion)}*."
    )


def title_exists_message(exists: TitleExists, *, command: str) -> str:
    """Say the same outside the modal."""
    return f"{title_exists(exists)} Type `{command} map` to start again."


def creating(title: str, *, command: str) -> Modal:
    """Say that Ayrshare takes its time to create a profile."""
    return notice(
        f"I'm waiting for Ayrshare to make *{escaped(title)}*. If its answer gets lost, I'll look for the profile for "
        "half a minute. You'll hear of it here, or in a direct message if you close this window. If you hear nothing "
        f"within two minutes, type `{command} map` and the same title again.",
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
            section(_accounts(shown.accounts)),
            section(_mapped_to(shown)),
            *_other_users(shown.other_users),
            context(f"Nothing has been stored yet. I keep this for {PENDING_LIFE_TEXT}, until you press {MAP_SUBMIT}."),
        ),
    )


def not_mapped_yet(reason: str, pending_id: PendingId) -> Modal:
    """Say why nothing has been mapped, and ask to confirm it again."""
    kept = f"What you entered is still here, for {PENDING_LIFE_TEXT} altogether. Press {MAP_SUBMIT} to try again."
    return Modal(
        title=MODAL_TITLE,
        name=CONFIRM_MAP,
        submit=MAP_SUBMIT,
        close="Cancel",
        metadata=pending_id,
        blocks=(section(f":warning: {reason}"), context(kept)),
    )


def mapping_result(result: MappingResult) -> str:
    """Say what was mapped, and whether its person knows."""
    default = ", as their default" if result.default else ""
    text = f"<@{result.user}> looks after *{escaped(result.title)}*{'' if result.new else ' as before'}{default}."
    if result.notified is None:
        return text
    if result.notified_later:
        return f"{text} I could not send them a message yet; I keep trying."
    return (
        f"{text} {'I told them.' if result.notified else 'I could not send them a message: please tell them yourself.'}"
    )


def mapped_message(profiles: Sequence[ProfileRef], *, by: str, command: str) -> Message:
    """Tell a person which profiles were mapped to them; there is no link in it."""
    typed, link = f"`{command}` and a part of its title", "link its accounts"
    if len(profiles) > 1:
        typed, link = f"`{command}` and a part of a title", "link a profile's accounts"
    elif any(one.default for one in profiles):
        typed = f"`{command}`"
    return sentence(f"{admin_name(by)} mapped you to {titles(profiles)}. Type {typed} to {link}.")


def admin_request(askers: Sequence[UserId], *, command: str) -> Message:
    """Tell an admin who would like a profile, each with a button to map one."""
    people = ", ".join(f"<@{user}>" for user in askers)
    text = f"No Ayrshare profile is mapped to {people} yet, and they ask for one."
    rows = [
        section(f"<@{user}>") | {"accessory": button(MAP_A_PROFILE, user)} for user in askers[:MAX_ASKERS_WITH_BUTTON]
    ]
    return Message(text=text, blocks=(section(text), *rows, context(f"`{command} map @someone` does the same.")))


def _person(form: MappingForm) -> Block:
    chosen = {"initial_user": form.person} if form.person else {}
    element = {"type": "users_select", "action_id": MAP_PERSON, "placeholder": plain("Choose somebody"), **chosen}
    return form_input(PERSON, "Who looks after the profile?", element, dispatch_action=True)


def _method(form: MappingForm) -> Block:
    options = [
        option(label, one) for one, label in METHOD_LABELS.items() if one is not MappingMethod.KNOWN or form.known
    ]
    chosen = option(METHOD_LABELS[form.method], form.method)
    element = {"type": "radio_buttons", "action_id": MAP_HOW, "options": options, "initial_option": chosen}
    return form_input(METHOD, "Which profile?", element, dispatch_action=True)


def _method_inputs(form: MappingForm) -> tuple[Block, ...]:
    if form.method is MappingMethod.CREATE:
        return (_title(form), _networks(form), context(_cost(form.profiles)))
    return (_key() if form.method is MappingMethod.KEY else _known(form),)


def _title(form: MappingForm) -> Block:
    filled_in = {"action_id": f"{TITLE}:{form.title}", "initial_value": form.title} if form.title else {}
    element = {"type": "plain_text_input", "action_id": TITLE, "max_length": MAX_TITLE_LENGTH, **filled_in}
    return form_input(TITLE, "Title", element, hint="People see it on the linking page. No two profiles share one.")


def _cost(profiles: int | None) -> str:
    known = f" This account has {profiles} now." if profiles is not None else ""
    return f":moneybag: Ayrshare bills by the number of profiles.{known} Another one may cost more."


def _networks(form: MappingForm) -> Block:
    options = [option(network_name(name), name) for name in form.networks]
    chosen = [one for one in options if one["value"] in form.chosen_networks]
    element = {"type": "multi_static_select", "action_id": NETWORKS, "placeholder": plain("All networks")}
    initial = {"initial_options": chosen} if chosen else {}
    hint = "The linking page shows only these."
    return form_input(NETWORKS, "Networks", element | {"options": options} | initial, hint=hint, optional=True)


def _key() -> Block:
    element = {"type": "plain_text_input", "action_id": KEY, "max_length": MAX_KEY_LENGTH}
    hint = "Ayrshare's dashboard has it. I check it, keep it encrypted, and never show it again."
    return form_input(KEY, "Profile key", element, hint=hint)


def _known(form: MappingForm) -> Block:
    element = {"action_id": MAP_KNOWN, "placeholder": plain("Choose a profile")}
    if len(form.known) > MOST_OPTIONS:
        return form_input(KNOWN, "Profile", element | {"type": "external_select", "min_query_length": 0})
    return form_input(KNOWN, "Profile", element | {"type": "static_select", "options": known_options(form.known)})


def _default(form: MappingForm) -> Block:
    options = [option("Make it their default", "yes")]
    ticked = {"initial_options": options} if form.default else {}
    element = {"type": "checkboxes", "action_id": DEFAULT, "options": options, **ticked}
    return form_input(DEFAULT, "They look after other profiles already", element, optional=True)


def _accounts(linked: tuple[Account, ...] | None) -> str:
    if linked is None:
        return "Ayrshare didn't tell in time what is linked to it."
    healthy = [account for account in linked if not account.needs_attention]
    unhealthy = [account for account in linked if account.needs_attention]
    lines = [f"Linked: {accounts(healthy)}."] if healthy else []
    lines += [f"Needs attention: {accounts(unhealthy)}."] if unhealthy else []
    return "\n".join(lines) or "Nothing is linked to it yet."


def _mapped_to(shown: MappingPreview) -> str:
    if shown.already_mapped:
        already = f"<@{shown.user}> looks after it already."
        return f"{already} It will become their default." if shown.default else already
    return f"It will be mapped to <@{shown.user}>{', as their default' if shown.default else ''}."


def _other_users(users: tuple[UserId, ...]) -> tuple[Block, ...]:
    if not users:
        return ()
    named = ", ".join(f"<@{user}>" for user in users[:MAX_USERS_NAMED])
    more = f" and {len(users) - MAX_USERS_NAMED} more" if len(users) > MAX_USERS_NAMED else ""
    return (section(f"It is mapped to {named}{more} as well."),)
