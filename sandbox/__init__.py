"""A local Slack and a local Ayrshare on loopback, for tests and for the demo. Imports nothing of the bot's."""
