"""The platforms' files: each has the form that its platform reads, and names only variables that the bot knows."""

import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.environment import secrets_of
from bot.setting_types import ROUTES
from bot.settings import ImportSettings, Settings
from tests.container.dockerfile import read_dockerfile
from tests.deploy.tools import SOURCE, lint, run

KUBERNETES = sorted((SOURCE / "deploy/kubernetes").glob("*.yaml"))
UNIT = SOURCE / "deploy/connectbot.service"
SYSTEMD = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
MOST_EXPOSURE = 20
"""In tenths of systemd's scale, which ends at 10: a service that nothing restricts."""

SETTINGS = {name.upper() for kind in (Settings, ImportSettings) for name in kind.model_fields}
VARIABLES = SETTINGS | {f"{name.upper()}_FILE" for name in secrets_of(Settings)}


def read_yaml(name: str) -> Any:
    return yaml.safe_load((SOURCE / name).read_text())


def kubernetes() -> dict[str, Any]:
    found = {path.stem: yaml.safe_load(path.read_text()) for path in KUBERNETES}
    return {document["kind"]: document for document in found.values()}


def of_compose() -> Iterator[str]:
    for service in read_yaml("compose.yaml")["services"].values():
        yield from service.get("environment", {})
    yield from re.findall(r"\$\{(\w+)", (SOURCE / "compose.yaml").read_text())


def of_kubernetes() -> Iterator[str]:
    (container,) = kubernetes()["Deployment"]["spec"]["template"]["spec"]["containers"]
    yield from (variable["name"] for variable in container["env"])


def of_systemd() -> Iterator[str]:
    yield from re.findall(r"^Environment=(?!HOME)(\w+)=", UNIT.read_text(), re.MULTILINE)


def of_render() -> Iterator[str]:
    for service in read_yaml("render.yaml")["services"]:
        yield from (variable["key"] for variable in service.get("envVars", ()))


def of_fly() -> Iterator[str]:
    text = (SOURCE / "fly.toml").read_text()
    yield from tomllib.loads(text)["env"]
    yield from re.findall(r"(\w+)=…", text)


def of_heroku() -> Iterator[str]:
    yield from json.loads((SOURCE / "app.json").read_text())["env"]


TOKENS = re.compile("slack_(bot|app)_token", re.IGNORECASE)
COMMENTED = re.compile(r"^( *)# (?=(- )?(\{name: )?slack_\w+[:,]?)", re.MULTILINE | re.IGNORECASE)


def for_many_workspaces(name: str) -> Any:
    """Return a file as it is where its commented lines take the place of those with the tokens of one workspace."""
    lines = (SOURCE / name).read_text().splitlines()
    return yaml.safe_load(COMMENTED.sub(r"\1", "\n".join(line for line in lines if not TOKENS.search(line))))


def test_the_commented_lines_are_those_for_many_workspaces() -> None:
    compose = for_many_workspaces("compose.yaml")
    named, secrets = compose["services"]["bot"]["environment"], compose["services"]["bot"]["secrets"]
    assert {"SLACK_CLIENT_SECRET_FILE", "SLACK_SIGNING_SECRET_FILE"} <= set(named) <= VARIABLES
    assert set(named.values()) == {f"/run/secrets/{secret}" for secret in secrets}
    assert {*secrets, "valkey_conf"} == set(compose["secrets"])
    (container,) = for_many_workspaces("deploy/kubernetes/deployment.yaml")["spec"]["template"]["spec"]["containers"]
    given = {variable["name"]: variable["value"] for variable in container["env"]}
    wanted = {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET_FILE", "SLACK_SIGNING_SECRET_FILE", "SLACK_ALLOWED_WORKSPACES"}
    assert wanted <= set(given) <= VARIABLES
    files = {value for name, value in given.items() if name.endswith("_FILE")}
    assert files == {
        f"/run/secrets/{key}" for key in for_many_workspaces("deploy/kubernetes/secret.yaml")["stringData"]
    }


@pytest.mark.parametrize("named", [of_compose, of_kubernetes, of_systemd, of_render, of_fly, of_heroku])
def test_each_variable_is_one_that_the_settings_know_and_the_required_ones_are_there(named: Any) -> None:
    names = list(named())
    assert names
    assert set(names) - VARIABLES == set()
    given = {name.removesuffix("_FILE") for name in names}
    assert {"SLACK_BOT_TOKEN", "AYRSHARE_API_KEY"} <= given
    assert given & {"SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"}
    assert given & {"DATA_DIR"} or {"REDIS_URL", "ENCRYPTION_KEYS"} <= given, "what it keeps must last"


def test_the_dockerfile_is_clean() -> None:
    lint("hadolint", "Dockerfile")


def test_only_what_the_dockerfile_copies_gets_into_its_context() -> None:
    first, *allowed = [line for line in (SOURCE / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    copied = [
        name
        for stage in read_dockerfile(SOURCE / "Dockerfile")
        for copy in stage.instructions
        if copy.name == "COPY" and "from" not in copy.flags
        for name in copy.words[:-1]
    ]
    assert first == "*"
    assert {name.removeprefix("!") for name in allowed if name.startswith("!")} == set(copied)
    assert [name for name in allowed if not name.startswith("!")] == ["**/__pycache__"]


def test_compose_reads_its_file_and_every_service_is_confined() -> None:
    lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    lint("docker-compose", "--file", "compose.yaml", "--profile", "tls", "config", "--quiet")
    compose = read_yaml("compose.yaml")
    for name, service in compose["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert set(service.get("secrets", ())) <= set(compose["secrets"]), name
    for name in ("bot", "worker"):
        service = compose["services"][name]
        files = {value for name, value in service["environment"].items() if name.endswith("_FILE")}
        assert files == {f"/run/secrets/{secret}" for secret in service["secrets"]}
    assert compose["networks"]["store"] == {"internal": True}
    assert compose["services"]["caddy"]["profiles"] == ["tls"]


@pytest.mark.parametrize("path", [path for path in KUBERNETES if path.stem != "kustomization"], ids=lambda p: p.stem)
def test_each_kubernetes_manifest_is_valid(path: Path) -> None:
    lint("kubernetes-validate", "--strict", str(path))


def test_the_kustomization_names_every_manifest() -> None:
    resources = read_yaml("deploy/kubernetes/kustomization.yaml")["resources"]
    assert sorted(resources) == sorted(path.name for path in KUBERNETES if path.stem != "kustomization")


def test_the_pods_are_confined_probed_and_given_the_secrets_as_files() -> None:
    documents = kubernetes()
    pod = documents["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == 65532
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    paths = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    (port,) = container["ports"]
    assert port["containerPort"] == Settings.model_fields["port"].default
    files = {variable["value"] for variable in container["env"] if variable["name"].endswith("_FILE")}
    assert files == {f"/run/secrets/{key}" for key in documents["Secret"]["stringData"]}
    labels = documents["Deployment"]["spec"]["template"]["metadata"]["labels"]
    for kind in ("Deployment", "PodDisruptionBudget"):
        assert documents[kind]["spec"]["selector"]["matchLabels"] == labels
    assert documents["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    assert documents["Service"]["spec"]["selector"] == labels


@SYSTEMD
def test_the_systemd_unit_is_hardly_exposed() -> None:
    run("systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSURE}", str(UNIT))


@SYSTEMD
def test_systemd_verifies_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/connectbot/bin/connectbot", "/bin/true"))
    assert run("systemd-analyze", "verify", str(unit)) == ""


def test_the_unit_loads_each_secret_that_a_variable_names() -> None:
    text = UNIT.read_text()
    loaded = dict(re.findall(r"^LoadCredential=(\w+):/etc/connectbot/(\w+)$", text, re.MULTILINE))
    named = dict(re.findall(r"^Environment=(\w+)_FILE=%d/(\w+)$", text, re.MULTILINE))
    assert set(loaded) == set(loaded.values()) == set(named.values())
    assert {name.lower() for name in named} == set(named.values())


def test_heroku_runs_the_commands_that_there_are_and_checks_before_each_release() -> None:
    processes = dict(line.split(": ", 1) for line in (SOURCE / "Procfile").read_text().splitlines())
    assert processes == {
        "release": "python -m bot doctor",
        "web": "python -m bot run",
        "worker": "python -m bot worker",
    }
    app = json.loads((SOURCE / "app.json").read_text())
    assert set(app["formation"]) == {"web", "worker"}
    for name, variable in app["env"].items():
        assert variable["description"], name
        assert "value" not in variable, name


def test_render_builds_the_image_and_keeps_what_is_in_the_store() -> None:
    web, store = read_yaml("render.yaml")["services"]
    assert (web["type"], web["runtime"], web["healthCheckPath"]) == ("web", "docker", "/healthz")
    assert (store["type"], store["maxmemoryPolicy"], store["ipAllowList"]) == ("keyvalue", "noeviction", [])
    assert store["plan"] != "free"
    secrets = {name.upper() for name in secrets_of(Settings)}
    for variable in web["envVars"]:
        assert variable["key"] not in secrets or "value" not in variable, "no secret stands in the file"
    assert {"type": "keyvalue", "name": store["name"], "property": "connectionString"} in [
        variable.get("fromService") for variable in web["envVars"]
    ]


def test_fly_never_stops_the_bot_and_asks_whether_it_is_ready() -> None:
    fly = tomllib.loads((SOURCE / "fly.toml").read_text())
    service = fly["http_service"]
    assert service["internal_port"] == Settings.model_fields["port"].default
    assert (service["auto_stop_machines"], service["min_machines_running"]) == ("off", 1)
    assert [check["path"] for check in service["checks"]] == ["/readyz"]
    assert not {name.lower() for name in fly["env"]} & set(secrets_of(Settings))
    assert not re.search(ROUTES, fly["env"]["PUBLIC_URL"])
