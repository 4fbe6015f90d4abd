"""The bench's pieces start: each Python peer answers a signed command with a card, and round trips are counted."""

import sys

import pytest

from bench.measure import PEERS
from bench.processes import started
from bench.results import FIGURES, Result, as_json, table
from bench.round_trips import counting_proxy
from bench.surroundings import surroundings


@pytest.mark.parametrize("name", ["tutorial", "lean", "connectbot"])
async def test_a_peer_answers_commands_with_cards(name: str) -> None:
    async with (
        surroundings(people=4) as around,
        counting_proxy(around.redis_socket, around.folder) as (trips, url),
        started(around.session, around.environment | {"REDIS_URL": url}, *PEERS[name]) as running,
    ):
        load = around.load_for(name, running)
        times = await load.one_at_a_time(count=1)
        many, burst = await load.many(count=2, at_once=2), await load.burst(count=1)
        load.client.close()
    assert len(times.carded) == 1
    assert (many.done, burst.done) == (2, 1)
    assert trips.count >= 4


async def test_bare_acknowledges() -> None:
    async with surroundings(people=1) as around, started(around.session, around.environment, *PEERS["bare"]) as running:
        load = around.load_for("bare", running)
        assert len((await load.one_at_a_time(count=1, answered=False)).acknowledged) == 1
        load.client.close()


def test_a_peer_that_was_not_measured_says_so_in_its_row() -> None:
    lean, node = Result(), Result(note="not measured: no node")
    lean.add("ack_p50_ms", 0.5)
    results = {"bare": Result(), "tutorial": Result(), "lean": lean, "node": node}
    assert "node       not measured: no node" in table(results)
    assert as_json(results)["lean"]["times_lean"]["ack_p50_ms"] == 1
    assert as_json(results)["node"]["figures"] == dict.fromkeys(FIGURES)


def test_the_peers_are_run_by_this_python() -> None:
    assert {command[0] for command in PEERS.values() if command} == {sys.executable}
