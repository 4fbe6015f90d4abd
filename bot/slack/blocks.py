"""Block Kit that several features share: paragraphs, buttons, options, and the modals and messages made of them.

https://docs.slack.dev/reference/block-kit
"""

from dataclasses import replace

from bot.core.errors import ConnectbotError, NextStep
from bot.core.model import Block, Button, Message, UserId
from bot.slack.actions import HOME_AGAIN, TRY_AGAIN
from bot.slack.model import Home, Modal
from bot.slack.text import shortened, told_apart, without_dates

MOST_OPTIONS = 100
OPTION_LIMIT = 75
LABEL_LIMIT = 75
VALUE_LIMIT = 2000
HEADER_LIMIT = 150
SECTION_LIMIT = 3000
ALERT_LIMIT = 200
TEXT_LIMIT = 2000
"""Characters of a message's `text`, which phones show."""
TITLE = "connectbot"
REFUSED = "refused"
"""The name of a modal that says what went wrong."""
WARNING = "warning"


def plain(text: str) -> Block:
    """Return a plain text object."""
    return {"type": "plain_text", "text": text, "emoji": False}


def header(text: str) -> Block:
    """Return a heading."""
    return {"type": "header", "text": plain(told_apart(text, limit=HEADER_LIMIT))}


def section(text: str, accessory: Block | None = None) -> Block:
    """Return a paragraph of mrkdwn, in which Slack makes nothing but our own mentions into links.

    The `accessory`, such as a button or a menu, stands beside it.
    """
    beside = {"accessory": accessory} if accessory else {}
    return {"type": "section", "text": _mrkdwn(text), **beside}


def context(text: str) -> Block:
    """Return a side note."""
    return {"type": "context", "elements": [_mrkdwn(text)]}


def quoted(text: str) -> Block:
    """Return a person's own words as a quote, in which nothing becomes a link, a mention or a format.

    https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
    """
    words = {"type": "text", "text": shortened(text, limit=SECTION_LIMIT)}
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [words]}]}


def alert(text: str, *, level: str = "warning") -> Block:
    """Return a notice that stands out, at most 200 characters long; in modals only.

    https://docs.slack.dev/reference/block-kit/blocks/alert-block
    """
    return {"type": "alert", "level": level, "text": _mrkdwn(shortened(text, limit=ALERT_LIMIT))}


def warned(modal: Modal, text: str) -> Modal:
    """Return a modal with what went wrong above what it shows; in place of what went wrong before."""
    shown = (block for block in modal.blocks if block.get("block_id") != WARNING)
    return replace(modal, blocks=(went_wrong(text), *shown))


def went_wrong(text: str) -> Block:
    """Return the notice above a form that says what went wrong."""
    return {**alert(text, level="error"), "block_id": WARNING}


def option(label: str, value: str, *, description: str = "") -> Block:
    """Return an option of a select, or of radio buttons with a `description` of at most 75 characters under it."""
    described = {"description": plain(description)} if description else {}
    return {"text": plain(told_apart(label, limit=OPTION_LIMIT)), "value": value, **described}


def button(kind: Button, value: str = "", *, spoken: str = "", style: str = "") -> Block:
    """Return a button; screen readers say `spoken` in place of its label."""
    drawn: Block = {"type": "button", "action_id": kind.action_id, "text": plain(kind.label)}
    more = {"value": value, "accessibility_label": told_apart(spoken, limit=LABEL_LIMIT), "style": style}
    return drawn | {name: given for name, given in more.items() if given}


def menu(action_id: str, *options: Block, confirm: Block | None = None) -> Block:
    """Return a ⋯ menu of up to five options; with `confirm`, Slack asks first, whichever is chosen."""
    asked = {"confirm": confirm} if confirm else {}
    return {"type": "overflow", "action_id": action_id, "options": list(options), **asked}


def confirmation(title: str, text: str, *, confirm: str, deny: str = "Cancel", danger: bool = False) -> Block:
    """Return the question that Slack asks before a button or a menu does anything: at most 300 characters."""
    asked = {"title": plain(title), "text": plain(text), "confirm": plain(confirm), "deny": plain(deny)}
    return {**asked, "style": "danger"} if danger else asked


def form_input(block_id: str, label: str, element: Block, *, hint: str = "", **more: bool) -> Block:
    """Return an input with its label and, if given, a hint; `more` are the block's flags."""
    hinted = {"hint": plain(hint)} if hint else {}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **hinted, **more}


def actions(block_id: str, *elements: Block) -> Block:
    """Return a row of buttons and selects."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def sentence(text: str) -> Message:
    """Return a message that says one thing."""
    return Message(text=text, blocks=(section(text),))


def telling(title: str, said: str, *below: Block, sign: str = "") -> Message:
    """Return a message that begins, in a notification too, with a title and the sentence that tells what happened.

    Desktop notifications take their words from the first block, phones from `text`.
    """
    text = without_dates(f"{sign} {title}. {said}".lstrip())
    shown = section(f"{sign} *{title}*\n{said}".lstrip())
    return Message(shortened(text, limit=TEXT_LIMIT), (shown, *below))


def typed_again(text: str) -> NextStep | None:
    """Return the button that runs a command again, if that fits into it."""
    return NextStep(TRY_AGAIN, text) if len(text) <= VALUE_LIMIT else None


def pressed_again(action_id: str, value: str) -> NextStep:
    """Return a button that does what another one did."""
    return NextStep(replace(TRY_AGAIN, action_id=action_id), value)


def refusal(error: ConnectbotError, user: UserId, *, again: NextStep | None = None) -> Message:
    """Say what went wrong, with the button that the failure offers to this person.

    What may succeed soon gets the button that does it `again`, if there is one.
    """
    step, said = error.step_for(user) or (again if error.passes else None), error.seen_by(user)
    if step is None:
        return sentence(said)
    pressed = button(step.button, step.value, style="primary")
    return Message(text=said, blocks=(section(said), actions("next_step", pressed)))


def notice(text: str, *, title: str = TITLE) -> Modal:
    """Return a modal that says one thing."""
    return Modal(title=title, blocks=(section(text),))


def showing(message: Message, *, title: str = TITLE, name: str = "", metadata: str = "") -> Modal:
    """Return a modal that shows a message."""
    return Modal(title=title, blocks=message.blocks, name=name, metadata=metadata)


def loading(*, title: str = TITLE) -> Modal:
    """Return the modal that is open while its content is fetched."""
    return notice("One moment…", title=title)


def home_notice(message: Message, *, metadata: str = "", way_back: bool = True) -> Home:
    """Return a Home tab that shows a message and, if there is a `way_back`, a button that draws Home again."""
    again = (actions("again", button(HOME_AGAIN)),) if way_back else ()
    return Home((*message.blocks, *again), metadata=metadata)


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": shortened(text, limit=SECTION_LIMIT), "verbatim": True}
