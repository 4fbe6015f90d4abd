"""Block Kit's limits, answered the way Slack answers them."""

from sandbox.slack.block_kit.surfaces import message_problems, normalised, option_problems, view_problems

__all__ = ["message_problems", "normalised", "option_problems", "view_problems"]
