"""Draws Block Kit as escaped HTML, from values alone: no state, no input or output."""

from sandbox.drawing.canvas import Canvas
from sandbox.drawing.names import Names
from sandbox.drawing.surfaces import desktop_notification, home, message_body, modal, notifies, phone_notification

__all__ = ["Canvas", "Names", "desktop_notification", "home", "message_body", "modal", "notifies", "phone_notification"]
