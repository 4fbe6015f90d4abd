"""A local Slack: one workspace and one installed app, by Slack's rules."""

from sandbox.slack.local import LocalSlack

__all__ = ["LocalSlack"]
