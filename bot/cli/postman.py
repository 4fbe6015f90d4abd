"""`postman`: a Postman collection of the links API, and of the calls that the bot makes to Ayrshare.

https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import typer

from bot.api.endpoints import ENDPOINTS, JSON, Endpoint
from bot.cli.boundary import settings_of
from bot.settings import AYRSHARE_API_URL, SlackAppSettings

Json = dict[str, Any]

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
ABOUT = (
    "Fill in the variables: `api_key` is what `connectbot api-keys create` printed, the others are Ayrshare's. Then "
    "run a request, or the folder *Links API* from top to bottom. *Ayrshare: changes* changes the Ayrshare account."
)
SECRETS = ("api_key", "ayrshare_api_key", "profile_key", "private_key", "webhook_secret")
"""Variables that are empty until somebody fills them in."""
VARIABLES = {
    "ayrshare_url": AYRSHARE_API_URL,
    "domain": "",
    "ref_id": "",
    "id": "",
    "session_id": "",
    "title": "Made by Postman",
    "network": "instagram",
    "webhook_url": "https://bot.example.com/ayrshare/webhook",
}
NEXT = {
    "listProfiles": "if (body.profiles.length) pm.collectionVariables.set('ref_id', body.profiles[0].ref_id);",
    "POST": "pm.collectionVariables.set('id', body.id);",
    "session": "pm.collectionVariables.set('session_id', body.sessionId || body.id);",
}
"""What a later request needs of an answer."""


@dataclass(frozen=True, slots=True)
class AyrshareCall:
    """A call that the bot makes; `for_profile` sends the profile's key. `then` names what a later call needs of it."""

    name: str
    method: str
    path: str
    body: Mapping[str, str] | None = None
    for_profile: bool = False
    then: str = ""


READING = (
    AyrshareCall("Make a link session", "POST", "/profiles/link-sessions", {}, for_profile=True, then=NEXT["session"]),
    AyrshareCall("Read a link session", "GET", "/profiles/link-sessions/{{session_id}}", for_profile=True),
    AyrshareCall("Revoke a link session", "DELETE", "/profiles/link-sessions/{{session_id}}", for_profile=True),
    AyrshareCall(
        "Make a link with the private key",
        "POST",
        "/profiles/generateJWT",
        {"domain": "{{domain}}", "privateKey": "{{private_key}}", "profileKey": "{{profile_key}}"},
    ),
    AyrshareCall("Read a profile's accounts", "GET", "/user", for_profile=True),
    AyrshareCall("Ask for all profiles' accounts", "GET", "/user/batch"),
    AyrshareCall("List the profiles", "GET", "/profiles"),
    AyrshareCall("Show the webhooks", "GET", "/hook/webhook"),
)
CHANGING = (
    AyrshareCall("Create a profile", "POST", "/profiles", {"title": "{{title}}"}),
    AyrshareCall("Disconnect an account", "DELETE", "/profiles/social", {"platform": "{{network}}"}, for_profile=True),
    AyrshareCall(
        "Register the webhook",
        "POST",
        "/hook/webhook",
        {"action": "social", "url": "{{webhook_url}}", "secret": "{{webhook_secret}}"},
    ),
    AyrshareCall("Remove the webhook", "DELETE", "/hook/webhook", {"action": "social"}),
)


def postman() -> None:
    """Print a Postman collection of the links API and of the calls to Ayrshare; its secrets are variables."""
    settings = settings_of(SlackAppSettings)
    typer.echo(json.dumps(collection(settings.public_url or "http://127.0.0.1:3000"), indent=2))


def collection(bot_url: str) -> Json:
    """Return the collection for a bot at this address."""
    values = {"bot_url": bot_url, **VARIABLES, **dict.fromkeys(SECRETS, "")}
    first_reads = sorted(ENDPOINTS, key=lambda one: one.method != "GET")  # they tell which profile there is
    return {
        "info": {"name": "connectbot", "description": ABOUT, "schema": SCHEMA},
        "variable": [{"key": name, "value": value} for name, value in values.items()],
        "item": [
            _folder("Links API", "api_key", [_of_endpoint(one) for one in first_reads]),
            _folder("Ayrshare", "ayrshare_api_key", [_of_call(one) for one in READING]),
            _folder("Ayrshare: changes", "ayrshare_api_key", [_of_call(one) for one in CHANGING]),
        ],
    }


def _folder(name: str, key: str, requests: list[Json]) -> Json:
    token = {"key": "token", "value": f"{{{{{key}}}}}", "type": "string"}
    return {"name": name, "auth": {"type": "bearer", "bearer": [token]}, "item": requests}


def _of_endpoint(endpoint: Endpoint) -> Json:
    url = "{{bot_url}}" + endpoint.path.replace("{", "{{").replace("}", "}}")
    body = {"profile": "{{ref_id}}"} if endpoint.method == "POST" else None
    then = NEXT.get(endpoint.name) or NEXT.get(endpoint.method, "")
    return _item(endpoint.summary, _request(endpoint.method, url, {}, body), status=endpoint.status, then=then)


def _of_call(call: AyrshareCall) -> Json:
    headers = {"Profile-Key": "{{profile_key}}"} if call.for_profile else {}
    asked = _request(call.method, "{{ayrshare_url}}" + call.path, headers, call.body)
    return _item(call.name, asked, status=int(HTTPStatus.OK), then=call.then)


def _request(method: str, url: str, headers: Mapping[str, str], body: Mapping[str, str] | None) -> Json:
    typed = {"Content-Type": JSON} if body is not None else {}
    header = [{"key": name, "value": value} for name, value in (*headers.items(), *typed.items())]
    content = {"body": {"mode": "raw", "raw": json.dumps(body, indent=2)}} if body is not None else {}
    return {"method": method, "url": url, "header": header, **content}


def _item(name: str, request: Json, *, status: int, then: str) -> Json:
    script = [f"pm.test('answers {status}', () => pm.response.to.have.status({status}));"]
    if then:
        script.append(f"if (pm.response.code === {status}) {{ const body = pm.response.json(); {then} }}")
    return {"name": name, "request": request, "event": [{"listen": "test", "script": {"exec": script}}]}
