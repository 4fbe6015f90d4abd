"""`postman`: every call of the links API and every call to Ayrshare, without a secret."""

import json
import re
from pathlib import Path
from typing import Any

from bot.api.endpoints import ENDPOINTS
from bot.ayrshare import session_links
from bot.cli.postman import SECRETS
from tests.commands import ROOT, command

CALL = re.compile(r'Call\("([A-Z]+)", ("[^"]+"|PATH|_path)')


async def printed(tmp_path: Path) -> Any:
    secret = {"AYRSHARE_API_KEY": "very-secret", "PUBLIC_URL": "https://bot.example.com"}
    ended = await command("postman", environment=secret)
    assert ended.code == 0
    assert "very-secret" not in ended.out
    return json.loads(ended.out)


def calls(collection: Any, folder: str) -> set[tuple[str, str]]:
    """Return the methods and paths of the folders whose names begin so."""
    folders = (one for one in collection["item"] if one["name"].startswith(folder))
    asked = (item["request"] for one in folders for item in one["item"])
    return {(one["method"], re.sub(r"^\{\{\w+\}\}", "", one["url"])) for one in asked}


async def test_it_has_every_call_of_the_links_api(tmp_path: Path) -> None:
    braced = {(one.method, one.path.replace("{", "{{").replace("}", "}}")) for one in ENDPOINTS}
    assert calls(await printed(tmp_path), "Links API") == braced


async def test_it_has_every_call_that_the_bot_makes_to_ayrshare(tmp_path: Path) -> None:
    source = "".join(path.read_text() for path in (ROOT / "bot" / "ayrshare").glob("*.py"))
    session = f"{session_links.PATH}/{{{{session_id}}}}"
    paths = {"PATH": session_links.PATH, "_path": session}
    made = {(method, paths.get(path, path.strip('"'))) for method, path in CALL.findall(source)}
    assert len(made) > 10
    assert calls(await printed(tmp_path), "Ayrshare") == made


async def test_secrets_are_empty_variables(tmp_path: Path) -> None:
    collection = await printed(tmp_path)
    values = {one["key"]: one["value"] for one in collection["variable"]}
    assert {name: values[name] for name in SECRETS} == dict.fromkeys(SECRETS, "")
    assert values["bot_url"] == "https://bot.example.com"
    used = set(re.findall(r"\{\{(\w+)\}\}", json.dumps(collection["item"])))
    assert used <= values.keys()
