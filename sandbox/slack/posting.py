"""Messages of the app: what may be in them, and where they end up."""

from dataclasses import dataclass
from typing import Any

from sandbox.slack.api_types import Json, Refusal
from sandbox.slack.arguments import Arguments
from sandbox.slack.block_kit import message_problems, normalised
from sandbox.slack.conversations import Channel, Message
from sandbox.slack.metadata import Metadata, read_metadata
from sandbox.slack.workspace import Workspace

MOST_TEXT = 40_000
MOST_ATTACHMENTS = 100
SPOKEN = frozenset({"header", "section", "markdown"})


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a message says."""

    text: str
    blocks: list[Json]
    attachments: list[Json]
    metadata: Metadata
    previews: bool


def read_content(given: Arguments, *, may_be_empty: bool = False) -> Content:
    """Read and check a message; raises Refusal with Slack's word and pointers."""
    blocks = _list(given, "blocks", malformed="invalid_blocks_format")
    attachments = _list(given, "attachments", malformed="invalid_attachments")
    if problems := list(message_problems(blocks)):
        details = {"errors": problems}
        raise Refusal("invalid_blocks", messages=problems, details=details)
    if len(attachments) > MOST_ATTACHMENTS:
        raise Refusal("too_many_attachments")
    text = given.text("text")[:MOST_TEXT]
    if not (text.strip() or blocks or attachments or may_be_empty):
        raise Refusal("no_text")
    return Content(
        text=text or summary(blocks),
        blocks=normalised(blocks),
        attachments=attachments,
        metadata=read_metadata(given),
        previews=given.flag("unfurl_links", default=True) or given.flag("unfurl_media", default=True),
    )


def _list(given: Arguments, name: str, *, malformed: str) -> list[Any]:
    value = given.structure(name, malformed=malformed) or []
    if not isinstance(value, list):
        raise Refusal(malformed)
    return value


def summary(blocks: list[Json]) -> str:
    """Return the text that Slack assembles from blocks when the app gave none."""
    texts = [block["text"] for block in blocks if block["type"] in SPOKEN and block.get("text")]
    return " ".join(text["text"] if isinstance(text, dict) else text for text in texts)


def post(
    slack: Workspace,
    channel: Channel,
    content: Content,
    *,
    visible_to: str | None = None,
    thread_ts: str = "",
) -> Message:
    """Put a message of the app into a conversation; an ephemeral one may not reach its viewer.

    https://docs.slack.dev/reference/methods/chat.postEphemeral: delivery is not guaranteed, the viewer must be
    active, and in a thread only one that exists shows it.
    """
    app, team = slack.world.app, slack.world.team
    message = Message(
        ts=slack.next_ts(),
        channel_id=channel.id,
        user_id=app.bot_user_id,
        bot_id=app.bot_id,
        app_id=app.app_id,
        team_id=team.id,
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        metadata=content.metadata.value,
        visible_to=visible_to,
        thread_ts=thread_ts,
    )
    if visible_to is None or _reaches(slack, channel, visible_to, thread_ts):
        channel.messages.append(message)
    _preview(slack, content)
    return message


def rewrite(slack: Workspace, message: Message, content: Content) -> None:
    """Replace what a message says; metadata stays unless there is other, or `{}` to have none.

    https://docs.slack.dev/reference/methods/chat.update
    """
    if content.metadata.given:
        message.metadata = content.metadata.value
    message.rewrite(
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        edited_ts=slack.next_ts(),
    )
    _preview(slack, content)


def _reaches(slack: Workspace, channel: Channel, viewer_id: str, thread_ts: str) -> bool:
    threaded = not thread_ts or channel.find(thread_ts) is not None
    return threaded and slack.world.users[viewer_id].is_active


def _preview(slack: Workspace, content: Content) -> None:
    if content.previews:
        slack.crawler.crawl(content.text, content.blocks)
