"""Block Kit's limits, with the errors that Slack answers."""

from sandbox.slack.block_kit.surfaces import message_problems, option_problems, view_problems, with_defaults

__all__ = ["message_problems", "option_problems", "view_problems", "with_defaults"]
