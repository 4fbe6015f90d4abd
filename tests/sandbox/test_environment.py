"""What the demo's bot is told of the local Ayrshare."""

from pathlib import Path

import pytest

from sandbox.environment import bot_environment
from sandbox.server import Sandbox


async def test_the_bot_is_told_of_the_max_pack_and_of_an_own_x_app(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = bot_environment(sandbox, tmp_path, port=0, link_api="session")
    assert not {"AYRSHARE_MAX_PACK", "AYRSHARE_X_API_KEY", "AYRSHARE_PRIVATE_KEY"} & plain.keys()
    sandbox.ayrshare.max_pack = True
    monkeypatch.setenv("X_APP", "1")
    told = bot_environment(sandbox, tmp_path, port=0, link_api="jwt")
    assert told["AYRSHARE_MAX_PACK"] == "yes"
    assert {"AYRSHARE_X_API_KEY", "AYRSHARE_X_API_SECRET", "AYRSHARE_PRIVATE_KEY"} <= told.keys()
