"""The alert rules and the dashboard: each metric in them exists, with the labels that they ask for."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase

from bot.core.metrics import Metrics
from tests.deploy.tools import SOURCE, run

RULES, RULES_TEST = "deploy/prometheus/connectbot.rules.yaml", "deploy/prometheus/connectbot.test.yaml"
DASHBOARD = SOURCE / "deploy/grafana/connectbot.json"
PROMTOOL = pytest.mark.skipif(shutil.which("promtool") is None, reason="there is no promtool")
PROMETHEUS_OWN = {"up", "ALERTS"}
SCRAPED = {"job", "instance"}
"""Labels that Prometheus adds; a metric's own label of that name it calls `exported_…`."""
METRIC = re.compile(r"\bconnectbot_\w+")
SELECTED = re.compile(r"\b(connectbot_\w+)\{([^}]*)\}")
GROUPED = re.compile(r"\bby \(([^)]*)\)")


def labels_by_series() -> dict[str, set[str]]:
    """The series that a process shows, each with its labels."""
    found: dict[str, set[str]] = {}
    for metric in vars(Metrics()).values():
        if not isinstance(metric, MetricWrapperBase):
            continue
        labels = {f"exported_{label}" if label in SCRAPED else label for label in metric._labelnames} | SCRAPED
        for described in metric.describe():
            suffixes = {"counter": ("_total",), "gauge": ("",)}.get(described.type, ("_sum", "_count", "_bucket"))
            found |= {described.name + suffix: labels for suffix in suffixes}
        if isinstance(metric, Histogram):
            found[f"{described.name}_bucket"] = labels | {"le"}
    return found


def alerts() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load((SOURCE / RULES).read_text())["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    yield from (alert["expr"] for alert in alerts())
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


@pytest.mark.parametrize("expression", list(expressions()))
def test_each_metric_exists_and_has_the_labels_that_are_asked_for(expression: str) -> None:
    known = labels_by_series()
    named = set(METRIC.findall(expression)) - {"connectbot"}
    assert named or any(own in expression for own in PROMETHEUS_OWN)
    assert named - set(known) == set()
    for series, matchers in SELECTED.findall(expression):
        assert set(re.findall(r"(\w+)=", matchers)) <= known[series]
    for labels in GROUPED.findall(expression):
        assert all(set(re.findall(r"\w+", labels)) <= known[series] for series in named)


def test_an_alert_says_what_is_the_case_what_to_do_and_how_bad_it_is() -> None:
    for alert in alerts():
        assert set(alert["annotations"]) == {"summary", "description"}, alert["alert"]
        assert alert["labels"]["severity"] in {"critical", "warning"}


def test_the_dashboard_has_panels_side_by_side_with_a_description_each() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["description"] for panel in panels)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@PROMTOOL
def test_promtool_reads_each_query_of_the_dashboard(tmp_path: Path) -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    queries = [target["expr"].replace("$__rate_interval", "5m") for panel in panels for target in panel["targets"]]
    rules = [{"record": f"query{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    run("promtool", "check", "rules", str(tmp_path / "rules.yaml"))


@PROMTOOL
def test_promtool_reads_the_rules() -> None:
    run("promtool", "check", "rules", "--lint-fatal", RULES)


@PROMTOOL
def test_the_alerts_fire_when_something_is_wrong_and_only_then() -> None:
    run("promtool", "test", "rules", RULES_TEST)
