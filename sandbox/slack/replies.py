"""Messages that the app sends in an acknowledgement or through a `response_url`.

What a command's URL can and cannot do: https://github.com/slackapi/bolt-python/issues/1268.
"""

from sandbox.slack.api_types import ErrorResponse
from sandbox.slack.arguments import Arguments
from sandbox.slack.posting import Content, post, read_content, update_message
from sandbox.slack.response_urls import ResponseUrl
from sandbox.slack.workspace import Workspace

OPTIONS = frozenset({"delete_original", "response_type", "replace_original"})


def respond(slack: Workspace, url: ResponseUrl, arguments: Arguments) -> None:
    """Do what a post to a `response_url` asks for, and count it; raises ErrorResponse without counting."""
    deletes = arguments.flag("delete_original")
    only_deletes = deletes and set(arguments.values) <= OPTIONS
    content = read_content(arguments, may_be_empty=only_deletes)
    url.posts_left -= 1
    if deletes and url.original is not None:
        url.channel.remove(url.original)
    if only_deletes:
        return
    if arguments.flag("replace_original") and url.original is not None:
        update_message(slack, url.original, content)
    else:
        _post(slack, url, arguments, content)


def acknowledge(slack: Workspace, url: ResponseUrl, arguments: Arguments, *, typed: str) -> None:
    """Show a command's acknowledgement; `in_channel` also shows what was typed, even without a message."""
    if arguments.text("response_type") == "in_channel":
        slack.say(url.channel, user_id=url.user_id, text=typed)
        if set(arguments.values) == {"response_type"}:
            return
    try:
        _post(slack, url, arguments, read_content(arguments))
    except ErrorResponse as error:
        if error.error != "no_text":
            raise


def _post(slack: Workspace, url: ResponseUrl, arguments: Arguments, content: Content) -> None:
    in_channel = arguments.text("response_type") == "in_channel"
    message = post(
        slack,
        url.channel,
        content,
        visible_to=None if in_channel else url.user_id,
        thread_ts=arguments.text("thread_ts"),
    )
    if slack.command_urls_replace and url.path.startswith("commands"):
        url.original = message
