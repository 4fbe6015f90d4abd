"""A local Slack: one workspace with one installed app, by Slack's rules.

Start at `local.py`, which serves it. `web_api.py` and `methods/` answer the app's calls; `commands.py`, `clicks.py`,
`submissions.py`, `shortcuts.py` and `events.py` send the app what people do, over HTTP or Socket Mode.
"""

from sandbox.slack.local import LocalSlack

__all__ = ["LocalSlack"]
