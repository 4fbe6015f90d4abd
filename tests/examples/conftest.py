"""Apps with keys: see tests/api."""

from tests.api.conftest import app, app_with

__all__ = ["app", "app_with"]
