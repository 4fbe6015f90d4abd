"""A local Slack and a local Ayrshare on loopback, for tests and for the demo. They don't import the bot."""
