"""A local Slack and a local Ayrshare on loopback, for tests and for `make demo`. They don't import the bot.

Start at `server.py`: a `Sandbox` serves both and the control calls, with which scripts and tests act as people do.
`demo.py` runs the real bot against it; `script.py` is the conversation of `make demo SCRIPT=1`.
"""
