"""The window in which somebody asks a colleague to link their accounts: whom, and a note."""

from bot.core.model import Block, UserId
from bot.invitations.model import LONGEST_NOTE
from bot.slack.actions import SEND_FORM
from bot.slack.blocks import context, plain
from bot.slack.model import Modal

WINDOW = "Ask for accounts"
PERSON, NOTE = "person", "note"
"""The blocks with inputs; errors stand under them."""
ABOUT = (
    "I send them a direct message with a button to their linking page. The link is theirs alone: "
    "you hear from me what comes of it."
)


def send_form(person: UserId | None) -> Modal:
    """Ask whom to ask, and in which words."""
    chosen = {"initial_user": person} if person else {}
    whom = {"type": "users_select", "action_id": PERSON, "placeholder": plain("Choose somebody"), **chosen}
    words = {"type": "plain_text_input", "action_id": NOTE, "max_length": LONGEST_NOTE}
    return Modal(
        title=WINDOW,
        name=SEND_FORM,
        submit="Send",
        close="Cancel",
        blocks=(
            _input(PERSON, "Who shall link their accounts?", whom, optional=False),
            _input(NOTE, "Note", words, optional=True) | {"hint": plain("Plain words, without links.")},
            context(ABOUT),
        ),
    )


def _input(block_id: str, label: str, element: Block, *, optional: bool) -> Block:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, "optional": optional}
