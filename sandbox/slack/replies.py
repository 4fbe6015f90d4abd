"""What the app says by acknowledging or by posting to a `response_url`.

What a command's address can and cannot do: https://github.com/slackapi/bolt-python/issues/1268.
"""

from sandbox.slack.api_types import Refusal
from sandbox.slack.arguments import Arguments
from sandbox.slack.posting import Content, post, read_content, rewrite
from sandbox.slack.response_urls import ResponseUrl
from sandbox.slack.workspace import Workspace

ORDERS = frozenset({"delete_original", "response_type", "replace_original"})


def respond(slack: Workspace, url: ResponseUrl, given: Arguments) -> None:
    """Do what a post to a `response_url` asks for and count it; raises Refusal without counting."""
    deletes = given.flag("delete_original")
    alone = deletes and set(given.given) <= ORDERS
    content = read_content(given, may_be_empty=alone)
    url.posts_left -= 1
    if deletes and url.original is not None:
        url.channel.forget(url.original)
    if alone:
        return
    if given.flag("replace_original") and url.original is not None:
        rewrite(slack, url.original, content)
    else:
        _post(slack, url, given, content)


def acknowledge(slack: Workspace, url: ResponseUrl, given: Arguments, *, typed: str) -> None:
    """Show a command's acknowledgement; `in_channel` also reveals what was typed, even on its own."""
    if given.text("response_type") == "in_channel":
        slack.say(url.channel, user_id=url.user_id, text=typed)
        if set(given.given) == {"response_type"}:
            return
    try:
        _post(slack, url, given, read_content(given))
    except Refusal as refusal:
        if refusal.error != "no_text":
            raise


def _post(slack: Workspace, url: ResponseUrl, given: Arguments, content: Content) -> None:
    in_channel = given.text("response_type") == "in_channel"
    message = post(
        slack,
        url.channel,
        content,
        visible_to=None if in_channel else url.user_id,
        thread_ts=given.text("thread_ts"),
    )
    if slack.command_urls_replace and url.path.startswith("commands"):
        url.original = message
