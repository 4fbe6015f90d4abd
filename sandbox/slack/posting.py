"""The app's messages: checks their content, and posts and updates them."""

from dataclasses import dataclass
from typing import Any

from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.arguments import Arguments
from sandbox.slack.block_kit import attachment_problems, blocks_with_defaults, message_problems
from sandbox.slack.conversations import Channel, Message
from sandbox.slack.metadata import Metadata, read_metadata
from sandbox.slack.workspace import Workspace

MAX_TEXT = 40_000
MAX_ATTACHMENTS = 100
SUMMARIZED_BLOCKS = frozenset({"header", "section", "markdown"})


@dataclass(frozen=True, kw_only=True)
class Content:
    """The content of a message; `previews` is whether the URLs in it are fetched."""

    text: str
    blocks: list[Json]
    attachments: list[Json]
    metadata: Metadata
    previews: bool


def read_content(arguments: Arguments, *, may_be_empty: bool = False) -> Content:
    """Read and check a message; raises ErrorResponse with Slack's error and JSON pointers."""
    blocks = _array(arguments, "blocks", malformed="invalid_blocks_format")
    attachments = _array(arguments, "attachments", malformed="invalid_attachments")
    if problems := list(message_problems(blocks)):
        details = {"errors": problems}
        raise ErrorResponse("invalid_blocks", messages=problems, details=details)
    if len(attachments) > MAX_ATTACHMENTS:
        raise ErrorResponse("too_many_attachments")
    if problems := list(attachment_problems(attachments)):
        raise ErrorResponse("invalid_attachments", messages=problems)
    text = arguments.text("text")[:MAX_TEXT]
    if not (text.strip() or blocks or attachments or may_be_empty):
        raise ErrorResponse("no_text")
    return Content(
        text=text or summary(blocks),
        blocks=blocks_with_defaults(blocks),
        attachments=[_with_defaults(attachment) for attachment in attachments],
        metadata=read_metadata(arguments),
        previews=arguments.flag("unfurl_links", default=True) or arguments.flag("unfurl_media", default=True),
    )


def _with_defaults(attachment: Json) -> Json:
    return attachment | ({"blocks": blocks_with_defaults(attachment["blocks"])} if "blocks" in attachment else {})


def _array(arguments: Arguments, name: str, *, malformed: str) -> list[Any]:
    value = arguments.structure(name, malformed=malformed) or []
    if not isinstance(value, list):
        raise ErrorResponse(malformed)
    return value


def summary(blocks: list[Json]) -> str:
    """Return the text that Slack builds from the blocks when the app gives none."""
    texts = [block["text"] for block in blocks if block["type"] in SUMMARIZED_BLOCKS and block.get("text")]
    return " ".join(text["text"] if isinstance(text, dict) else text for text in texts)


def post(
    slack: Workspace,
    channel: Channel,
    content: Content,
    *,
    visible_to: str | None = None,
    thread_ts: str = "",
) -> Message:
    """Post a message of the app to a channel; an ephemeral one may not reach its viewer.

    https://docs.slack.dev/reference/methods/chat.postEphemeral: delivery is not guaranteed, the viewer must be
    active, and in a thread the message is only shown if the thread exists.
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


def update_message(slack: Workspace, message: Message, content: Content) -> None:
    """Replace the content of a message; its metadata stay unless others, or `{}` for none, are given.

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
    thread_exists = not thread_ts or channel.find(thread_ts) is not None
    return thread_exists and slack.world.users[viewer_id].is_active


def _preview(slack: Workspace, content: Content) -> None:
    if content.previews:
        slack.crawler.crawl(content.text, content.blocks)
