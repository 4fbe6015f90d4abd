"""The first step of `/connect map`: for whom, and a new profile, a key, or a profile that is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.core.model import Block, RefId, UserId
from bot.profiles.views import network
from bot.slack.actions import MAP_HOW, MAP_KNOWN, MAP_PERSON, MAP_PROFILE
from bot.slack.blocks import section
from bot.slack.model import Modal
from bot.slack.text import escaped, shortened

WINDOW = "Map a profile"
PERSON, HOW, TITLE, NETWORKS, KEY, KNOWN, DEFAULT = "person", "how", "title", "networks", "key", "profile", "default"
"""The blocks with inputs; errors stand under them."""
LONGEST_TITLE = 100
LONGEST_KEY = 512
MOST_OPTIONS = 100
OPTION_LIMIT = 75
"""https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element"""


class MappingMethod(StrEnum):
    """The ways to a profile."""

    CREATE = "create"
    KEY = "key"
    KNOWN = "known"


FIELD = {MappingMethod.CREATE: TITLE, MappingMethod.KEY: KEY, MappingMethod.KNOWN: KNOWN}
"""The input that each of them needs."""
LABELS = {
    MappingMethod.CREATE: "Create a new Ayrshare profile",
    MappingMethod.KEY: "Use a profile key",
    MappingMethod.KNOWN: "Use a profile I know already",
}


@dataclass(frozen=True, slots=True)
class Form:
    """What to draw: what was entered so far (never a key), and what there is to choose from."""

    person: UserId | None
    how: MappingMethod
    known: Mapping[RefId, str]
    has_profiles: bool
    networks: Sequence[str]
    title: str = ""
    shown: Sequence[str] = ()
    default: bool = False
    trouble: str = ""


def map_form(entered: Form) -> Modal:
    """Ask whom to map what, with the inputs that fit the chosen way; Slack keeps what stands in those that stay."""
    trouble = (section(f":warning: {escaped(entered.trouble)}"),) if entered.trouble else ()
    default = (_default(entered),) if entered.has_profiles else ()
    return Modal(
        title=WINDOW,
        name=MAP_PROFILE,
        submit="Create" if entered.how is MappingMethod.CREATE else "Next",
        close="Cancel",
        blocks=(*trouble, _person(entered), _how(entered), *_fields(entered), *default),
    )


def _person(entered: Form) -> Block:
    chosen = {"initial_user": entered.person} if entered.person else {}
    element = {"type": "users_select", "action_id": MAP_PERSON, "placeholder": _plain("Choose somebody"), **chosen}
    return _input(PERSON, "Who looks after the profile?", element, dispatch_action=True)


def _how(entered: Form) -> Block:
    ways = [_option(LABELS[how], how) for how in MappingMethod if how is not MappingMethod.KNOWN or entered.known]
    chosen = _option(LABELS[entered.how], entered.how)
    element = {"type": "radio_buttons", "action_id": MAP_HOW, "options": ways, "initial_option": chosen}
    return _input(HOW, "Which profile?", element, dispatch_action=True)


def _fields(entered: Form) -> tuple[Block, ...]:
    if entered.how is MappingMethod.CREATE:
        return (_title(entered), _networks(entered))
    return (_key() if entered.how is MappingMethod.KEY else _known(entered),)


def _title(entered: Form) -> Block:
    typed = {"initial_value": entered.title} if entered.title else {}
    element = {"type": "plain_text_input", "action_id": TITLE, "max_length": LONGEST_TITLE, **typed}
    return _input(TITLE, "Title", element, hint="People see it on the linking page. No two profiles share one.")


def _networks(entered: Form) -> Block:
    options = [_option(network(name), name) for name in entered.networks]
    chosen = [option for option in options if option["value"] in entered.shown]
    element = {"type": "multi_static_select", "action_id": NETWORKS, "placeholder": _plain("All networks")}
    initial = {"initial_options": chosen} if chosen else {}
    hint = "The linking page shows only these."
    return _input(NETWORKS, "Networks", element | {"options": options} | initial, hint=hint, optional=True)


def _key() -> Block:
    element = {"type": "plain_text_input", "action_id": KEY, "max_length": LONGEST_KEY}
    hint = "Ayrshare's dashboard has it. I check it, keep it encrypted, and never show it again."
    return _input(KEY, "Profile key", element, hint=hint)


def _known(entered: Form) -> Block:
    element = {"action_id": MAP_KNOWN, "placeholder": _plain("Choose a profile")}
    if len(entered.known) > MOST_OPTIONS:
        return _input(KNOWN, "Profile", element | {"type": "external_select", "min_query_length": 0})
    return _input(KNOWN, "Profile", element | {"type": "static_select", "options": known_options(entered.known)})


def known_options(known: Mapping[RefId, str], *, words: str = "") -> list[Block]:
    """Offer the profiles with these words in their titles, by title, and as many as Slack takes."""
    named = {ref_id: title.strip() or f"Profile {ref_id[:8]}" for ref_id, title in known.items()}  # never empty text
    fitting = [(title.casefold(), ref_id) for ref_id, title in named.items() if words.casefold() in title.casefold()]
    return [_option(named[ref_id], ref_id) for _, ref_id in sorted(fitting)[:MOST_OPTIONS]]


def _default(entered: Form) -> Block:
    options = [_option("Make it their default", "yes")]
    ticked = {"initial_options": options} if entered.default else {}
    element = {"type": "checkboxes", "action_id": DEFAULT, "options": options, **ticked}
    return _input(DEFAULT, "They look after other profiles already", element, optional=True)


def _input(block_id: str, label: str, element: Block, *, hint: str = "", **more: bool) -> Block:
    hinted = {"hint": _plain(hint)} if hint else {}
    return {"type": "input", "block_id": block_id, "label": _plain(label), "element": element, **hinted, **more}


def _option(label: str, value: str) -> Block:
    return {"text": _plain(shortened(label, limit=OPTION_LIMIT)), "value": value}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
