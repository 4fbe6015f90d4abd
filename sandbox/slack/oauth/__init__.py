"""Installing the app by OAuth: the page where a person allows it, the codes and tokens that follow, and their end.

https://docs.slack.dev/authentication/installing-with-oauth, https://docs.slack.dev/authentication/using-token-rotation
"""

from sandbox.slack.oauth.grants import OAuth

__all__ = ["OAuth"]
