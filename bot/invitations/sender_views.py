"""What the sender of a request sees: the confirmation, the receipt, and a group's progress.

They see nothing that is the recipient's alone: neither the link nor what else is connected.
"""

from collections.abc import Mapping, Sequence

from bot.cards.model import Card, CardState
from bot.core.model import Block, Message, UserId
from bot.invitations.model import (
    ANSWER_TIME,
    CONNECTED,
    SENDER_LIMIT,
    UNANSWERED,
    WORKSPACE_LIMIT,
    Failure,
    GroupRequest,
    Invitation,
    InvitationState,
    Progress,
    SkipReason,
)
from bot.profiles.views import accounts as accounts_in_words
from bot.slack.actions import ASK_ADMIN, ASK_AGAIN, CONNECT, NUDGE
from bot.slack.blocks import actions, button, context, section, sentence, telling
from bot.slack.text import date_and_time, number_in_words, people_in_words, span_in_words, titled

JUST_ASKED = "Everyone was just reminded."
ILL_TELL = "I'll DM you when it's done."
WHY: dict[Failure | SkipReason, str] = {
    Failure.NOT_MAPPED: "{who} doesn't have a profile yet. An admin can give them one.",
    Failure.MUTED: "{who} has muted these requests. Message them directly.",
    Failure.DEACTIVATED: "{who} has left this workspace.",
    Failure.NOT_SERVED: "{who} isn't a member of this workspace, so I can't ask them.",
    Failure.CANT_BE_MESSAGED: "Slack doesn't let me message {who}. Message them directly.",
    Failure.UNREADABLE: "I can't read the key of {who}'s profile. Tell whoever runs this bot.",
    Failure.SLACK_AWAY: "Slack didn't take my message to {who}. Ask again later.",
    Failure.NO_MESSAGES: "Slack doesn't let me send direct messages. Tell whoever runs this bot.",
    SkipReason.ASKED_ALREADY: "{who} got a request today, or hasn't answered the last one.",
    SkipReason.CAPPED: "I didn't ask {who}: this workspace has sent all of today's requests.",
    SkipReason.SENDER_LIMITED: (
        f"I didn't ask {{who}}: you can ask {number_in_words(SENDER_LIMIT.count)} people "
        f"{span_in_words(SENDER_LIMIT.window)}."
    ),
    SkipReason.ONESELF: "{who}, that's you. Connect your own accounts from my Home tab.",
    SkipReason.OTHER_PROFILES: "{who} doesn't have that profile.",
    SkipReason.UNEXPECTED: "Something of mine failed, so {who} didn't get your request. Ask again.",
}
ANSWERS = {
    CONNECTED: "✅ Connected accounts",
    InvitationState.OPENED: "Opened the request",
    InvitationState.POSTPONED: "Want a reminder later",
    InvitationState.MUTED: "Muted these requests",
    InvitationState.UNANSWERED: f"Didn't answer within {span_in_words(ANSWER_TIME)}",
}
DELIVERED = (InvitationState.DELIVERED, *ANSWERS)
MOST = number_in_words(WORKSPACE_LIMIT.count)
WAY_ON = {
    Failure.NOT_MAPPED: ASK_ADMIN,
    Failure.SLACK_AWAY: ASK_AGAIN,
    SkipReason.UNEXPECTED: ASK_AGAIN,
    SkipReason.ONESELF: CONNECT,
}
"""The button beside such a reason."""
NOT_ASKED = {
    Failure.NOT_MAPPED: "Don't have a profile yet",
    Failure.MUTED: "Had muted these requests before",
    Failure.DEACTIVATED: "Have left",
    Failure.NOT_SERVED: "Guests, or from another workspace",
    Failure.CANT_BE_MESSAGED: "Slack doesn't let me message them",
    SkipReason.ASKED_ALREADY: "Got a request today, or haven't answered the last one",
    SkipReason.NUDGED: "Nudged: they hadn't answered an earlier request",
    SkipReason.CAPPED: f"Not asked: this workspace can send {MOST} requests {span_in_words(WORKSPACE_LIMIT.window)}",
    Failure.UNREADABLE: "I can't read the key of their profile",
    SkipReason.MENDED: "Not asked: all their accounts work again",
    SkipReason.LEFT_GROUP: "Have left the group",
    SkipReason.GROUP_GONE: "Not asked: Slack no longer shows me that group",
    SkipReason.SENDER_NO_ADMIN: "Not asked: you're not an admin any more",
    SkipReason.SENDER_NOT_SERVED: "Not asked: you're not a member any more",
    SkipReason.UNEXPECTED: "Not asked: something went wrong (the bot's log has it)",
    Failure.SLACK_AWAY: "Not delivered: Slack didn't take my message",
    Failure.NO_MESSAGES: "Not asked: Slack doesn't let me send direct messages",
}


def confirmation(asked: Invitation | GroupRequest | None) -> Message:
    """Confirm a request, and say where its outcome will be told; None is one that was made a moment before."""
    if asked is None:
        return sentence(JUST_ASKED)
    if isinstance(asked, Invitation):
        return telling(titled(asked.title), f"Sent to <@{asked.recipient}>. {ILL_TELL}")
    if asked.people:
        return telling("Sent", f"I'm asking {_named(asked.people)}. {ILL_TELL}")
    who = people_in_words(asked.total) if asked.total is not None else "everyone"
    which = f"in {_group(asked)}" if asked.group else "with disconnected accounts"
    return telling("Sent", f"I'm asking {who} {which}, one a second. {ILL_TELL}")


def sent() -> str:
    """Confirm a request where its button was pressed."""
    return f"✅ Sent. {ILL_TELL}"


def receipt(invitation: Invitation, card: Card | None) -> Message:
    """Tell the sender the state of an invitation; `card` is the newest that came of it."""
    connecting = card and card.state.live and invitation.state is not InvitationState.UNANSWERED
    nudge = _nudge(invitation.id) if invitation.can_be_nudged and not connecting else ()
    way_on = _way_on(_why_not(invitation), invitation.recipient)
    below = (actions("receipt", way_on),) if way_on else nudge
    when = _when(invitation)
    return telling(titled(invitation.title), _state(invitation, card), *((context(when),) if when else ()), *below)


def people_receipt(
    request: GroupRequest,
    invitations: Mapping[UserId, Invitation],
    reasons: Mapping[UserId, Failure | SkipReason],
) -> Message:
    """Tell the sender how each of the people stands whom they named; nobody is left out."""
    lines = [
        _state(invitations[one], None)
        if one in invitations
        else not_asked(reasons[one], one)
        if one in reasons
        else f"I'm asking <@{one}> next."
        for one in request.people
    ]
    why = [_why_not(invitations[one]) if one in invitations else reasons.get(one) for one in request.people]
    ways = [_way_on(reason, one) for reason, one in zip(why, request.people, strict=True)]
    got = sum(one.deliveries > 0 for one in invitations.values())
    asked = all(one in invitations or one in reasons for one in request.people)
    people = people_in_words(len(request.people))
    said = f"{got} of {people} got your request." if asked else f"I'm asking {people}."
    nudge = _nudge(request.id) if any(one.can_be_nudged for one in invitations.values()) else ()
    shown = [section(f"• {line}", way) for line, way in zip(lines, ways, strict=True)]
    return telling("Your request", said, *shown, *nudge)


def not_asked(reason: Failure | SkipReason, who: UserId) -> str:
    """Say why a person who was named wasn't asked, or didn't get the request."""
    return WHY.get(reason, WHY[SkipReason.UNEXPECTED]).format(who=f"<@{who}>")


def nudged(people: Sequence[UserId]) -> Message:
    """Confirm a nudge."""
    if len(people) > SENDER_LIMIT.count:
        return sentence(f"I'm nudging {people_in_words(len(people))}, one a second.")
    return sentence(f"Nudged {_named(people)}.")


def progress_message(request: GroupRequest, progress: Progress) -> Message:
    """Tell the sender how many members were asked, and the outcomes by number."""
    if request.error:
        return telling("Nobody was asked", request.error)
    counts = progress.counts
    got = f"{sum(counts.get(outcome, 0) for outcome in DELIVERED)} got your request."
    labels = (*ANSWERS.items(), *NOT_ASKED.items())
    counted = [f"• {label}: {counts[outcome]}" for outcome, label in labels if counts.get(outcome)]
    shown = (section("\n".join(counted)),) if counted else ()
    nudge = _nudge(request.id) if not progress.left and UNANSWERED & counts.keys() else ()
    return telling(f"Your request to {_group(request)}", f"{_asked(request, progress)} {got}", *shown, *nudge)


def _state(invitation: Invitation, card: Card | None) -> str:
    who = f"<@{invitation.recipient}>"
    doubtful = [one for one in card.connected if one.questionable] if card else []
    if doubtful:
        return f"⚠️ {who} connected {accounts_in_words(doubtful)}. That may be the wrong account."
    if invitation.connected:
        return f"✅ {who} connected {accounts_in_words(invitation.connected)}."
    if invitation.failure:
        return not_asked(invitation.failure, invitation.recipient)
    said = {
        InvitationState.WAITING: f"I'm {'nudging' if invitation.nudged_at else 'asking'} {who}.",
        InvitationState.DELIVERED: f"{who} has your request.",
        InvitationState.POSTPONED: f"{who} wants a reminder {date_and_time(invitation.due_at)}.",
        InvitationState.OPENED: f"{who} opened the request. {_link(card)}".rstrip(),
        InvitationState.FAILED: not_asked(SkipReason.UNEXPECTED, invitation.recipient),
        InvitationState.MUTED: not_asked(Failure.MUTED, invitation.recipient),
        InvitationState.UNANSWERED: f"{who} didn't answer within {span_in_words(ANSWER_TIME)}. Nudge them?",
    }
    return said[invitation.state]


def _why_not(invitation: Invitation) -> Failure | SkipReason | None:
    """Return why an invitation didn't reach its recipient, if it didn't."""
    if invitation.connected:
        return None
    failed = SkipReason.UNEXPECTED if invitation.state is InvitationState.FAILED else None
    return invitation.failure or failed


def _way_on(reason: Failure | SkipReason | None, who: UserId) -> Block | None:
    kind = WAY_ON.get(reason) if reason else None
    return button(kind, "" if kind is CONNECT else who) if kind else None


def _link(card: Card | None) -> str:
    if card is None:
        return ""
    if card.state.live:
        return "They're connecting now." if card.opened_at else ""
    return "Their link was cancelled." if card.state is CardState.CANCELLED else "Their link expired."


def _when(invitation: Invitation) -> str:
    again = " again" if invitation.deliveries > 1 else ""
    moments = [f"Delivered{again} {date_and_time(invitation.delivered_at)}"] if invitation.delivered_at else []
    moments += ["late, because I was offline"] if invitation.late else []
    moments += [f"nudged {date_and_time(invitation.nudged_at)}"] if invitation.nudged_at else []
    moments += [f"answered {date_and_time(invitation.answered_at)}"] if invitation.answered_at else []
    return " · ".join(moments)


def _nudge(asked: str) -> tuple[Block]:
    return (actions("receipt", button(NUDGE, asked, spoken="Nudge: send the request again")),)


def _asked(request: GroupRequest, progress: Progress) -> str:
    if progress.left or request.total is None:
        asked = sum(progress.counts.values())
        of_all = f"{asked} of {people_in_words(request.total)}" if request.total else people_in_words(asked)
        return f"I've asked {of_all} so far."
    missed = sum(number for outcome, number in progress.counts.items() if outcome in NOT_ASKED)
    some = f"{request.total - missed} of " if missed else ""
    return f"I've asked {some}{people_in_words(request.total)}."


def _named(people: Sequence[UserId]) -> str:
    names = [f"<@{one}>" for one in people]
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def _group(request: GroupRequest) -> str:
    return f"<!subteam^{request.group}>" if request.group else "everyone with disconnected accounts"
