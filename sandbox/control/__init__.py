"""The control calls: people's side of the sandbox, for scripts, tests and the page (JSON over loopback)."""

from sandbox.control.app import control_app

__all__ = ["control_app"]
