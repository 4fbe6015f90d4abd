"""What follows the form of `/connect map`: what is to be confirmed, and what came of it. No key is in any of these."""

from bot.ayrshare.model import Account
from bot.core.model import Block, Message, UserId
from bot.mappings.map_form import WINDOW
from bot.mappings.model import Assigned, KeyLost, PendingId, Proposal
from bot.profiles.views import accounts
from bot.slack.actions import CONFIRM_MAP, START_OVER
from bot.slack.blocks import context, header, notice, section
from bot.slack.model import Modal
from bot.slack.text import clock_time, escaped

OTHERS_NAMED = 10


def confirmation(proposal: Proposal) -> Modal:
    """Ask whether that is the right profile for the right person."""
    return Modal(
        title=WINDOW,
        name=CONFIRM_MAP,
        submit="Map",
        close="Cancel",
        metadata=proposal.pending,
        blocks=(
            header(proposal.title.strip() or "A profile without a title"),
            section(_linked(proposal.accounts)),
            section(_whom(proposal)),
            *_others(proposal.others),
            context("Nothing has been stored yet. I keep this for ten minutes, until you press Map."),
        ),
    )


def unconfirmed(trouble: str, pending: PendingId) -> Modal:
    """Say why nothing has been mapped yet, and ask once more."""
    kept = context("What you entered is still here, for ten minutes altogether. Press Map to try again.")
    blocks = (section(f":warning: {trouble}"), kept)
    return Modal(title=WINDOW, name=CONFIRM_MAP, submit="Map", close="Cancel", metadata=pending, blocks=blocks)


def _linked(linked: tuple[Account, ...] | None) -> str:
    if linked is None:
        return "Ayrshare didn't tell in time what is linked to it."
    healthy = [account for account in linked if not account.needs_attention]
    ailing = [account for account in linked if account.needs_attention]
    said = [f"Linked: {accounts(healthy)}."] if healthy else []
    said += [f"Needs attention: {accounts(ailing)}."] if ailing else []
    return "\n".join(said) or "Nothing is linked to it yet."


def _whom(proposal: Proposal) -> str:
    if proposal.mapped_already:
        again = f"<@{proposal.user}> looks after it already."
        return f"{again} It will become their default." if proposal.default else again
    return f"It will be mapped to <@{proposal.user}>{', as their default' if proposal.default else ''}."


def _others(others: tuple[UserId, ...]) -> tuple[Block, ...]:
    if not others:
        return ()
    named = ", ".join(f"<@{user}>" for user in others[:OTHERS_NAMED])
    more = f" and {len(others) - OTHERS_NAMED} more" if len(others) > OTHERS_NAMED else ""
    return (section(f"It is mapped to {named}{more} as well."),)


def working(title: str, *, command: str) -> Modal:
    """Say that Ayrshare takes its time to make a profile."""
    return said(
        f"I'm waiting for Ayrshare to make *{escaped(title)}*. If its answer gets lost, I'll look for the profile for "
        "half a minute. You'll hear of it here, or in a direct message if you close this window. If you hear nothing "
        f"within two minutes, type `{command} map` and the same title again."
    )


def assigned(done: Assigned) -> str:
    """Say what came of a mapping."""
    default = ", as their default" if done.default else ""
    text = f"<@{done.user}> looks after *{escaped(done.title)}*{'' if done.new else ' as before'}{default}."
    if done.told is None:
        return text
    return f"{text} {'I told them.' if done.told else 'I could not send them a message: please tell them yourself.'}"


def said(words: str) -> Modal:
    """Say it in the window."""
    return notice(words, title=WINDOW)


def key_lost(lost: KeyLost) -> Modal:
    """Offer to delete a profile whose key was lost, and to make it anew."""
    row = {"type": "actions", "block_id": START_OVER.action_id, "elements": [_start_over(lost)]}
    early = (section(":warning: That was too early, so nothing has been deleted."),) if lost.too_early else ()
    told = (section(_key_lost(lost)), section(_look_again(lost)))
    return Modal(title=WINDOW, metadata=lost.pending, blocks=(*early, *told, row))


def key_lost_elsewhere(lost: KeyLost, *, command: str) -> str:
    """Say the same where there is no window any more."""
    return f"{_key_lost(lost)} Type `{command} map` and the same title again, and I'll offer that."


def _key_lost(lost: KeyLost) -> str:
    return (
        f"Ayrshare made *{escaped(lost.title)}* at {clock_time(lost.made_at)}. It may have been made by my attempt at "
        f"{clock_time(lost.attempted_at)}, whose answer was lost, and with it the profile's key, which is told only "
        "once. Then it is of no use: it can only be deleted and made anew. If somebody made it by hand, keep it."
    )


def _look_again(lost: KeyLost) -> str:
    return (
        "I delete it only if nothing has been linked to it. Ayrshare renews its list of profiles at "
        f"{clock_time(lost.look_again_at)}: please press the button after that."
    )


def _start_over(lost: KeyLost) -> Block:
    question = f"{lost.title}, and whatever has been linked to it, will be gone for good. Then I make it anew."
    return {
        "type": "button",
        "action_id": START_OVER.action_id,
        "text": {"type": "plain_text", "text": START_OVER.label},
        "style": "danger",
        "confirm": {
            "title": {"type": "plain_text", "text": "Delete this profile?"},
            "text": {"type": "plain_text", "text": question},
            "confirm": {"type": "plain_text", "text": "Delete and make anew"},
            "deny": {"type": "plain_text", "text": "Keep it"},
            "style": "danger",
        },
    }


def mapped_to_you(done: Assigned, *, by: UserId, command: str) -> Message:
    """Tell somebody what they look after from now on; it brings no link."""
    typed = f"`{command}`" if done.default else f"`{command}` and a part of its title"
    text = f"<@{by}> mapped you to *{escaped(done.title)}*. Type {typed} to link its accounts."
    return Message(text=text, blocks=(section(text),))
