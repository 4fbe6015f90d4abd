"""Apps with keys: see tests/api. Left out where what they need isn't installed (`make test-outside`)."""

import importlib.util

from tests.api.conftest import app, app_with
from tests.outside.programs import NEWMAN, TSC

__all__ = ["app", "app_with"]

collect_ignore = [
    *(["test_openapi.py"] if importlib.util.find_spec("schemathesis") is None else []),
    *([] if NEWMAN.exists() else ["test_postman.py"]),
    *([] if TSC.exists() else ["test_samples.py"]),
]
