"""Apps with keys: see tests/api. Left out where what they need isn't installed (`make test-outside`)."""

import importlib.util
import shutil

from tests.api.conftest import app, app_with

__all__ = ["app", "app_with"]

collect_ignore = [
    *(["test_openapi.py"] if importlib.util.find_spec("schemathesis") is None else []),
    *(["test_postman.py", "test_examples.py"] if shutil.which("node") is None else []),
]
