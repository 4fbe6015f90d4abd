"""The page on which everything can be tried by hand: Slack as people see it, what happened, the world's switches."""

from sandbox.page.app import Page
from sandbox.page.live import Live
from sandbox.page.player import Player

__all__ = ["Live", "Page", "Player"]
