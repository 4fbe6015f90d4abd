"""The control calls: what people do in the sandbox, for scripts, tests and the page (JSON over loopback).

`app.py` lists the calls. `user_actions.py` does what a person does in Slack, `ayrshare_actions.py` changes profiles,
`setup.py` prepares the workspace and faults, `queries.py` shows the state.
"""

from sandbox.control.app import control_app

__all__ = ["control_app"]
