"""Block Kit's limits, with the errors that Slack answers."""

from sandbox.slack.block_kit.defaults import blocks_with_defaults, with_defaults
from sandbox.slack.block_kit.surfaces import attachment_problems, message_problems, option_problems, view_problems

__all__ = [
    "attachment_problems",
    "blocks_with_defaults",
    "message_problems",
    "option_problems",
    "view_problems",
    "with_defaults",
]
