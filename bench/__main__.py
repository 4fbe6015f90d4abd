"""`make bench`: connectbot beside bare aiohttp, two Bolt bots and Bolt for Node; `--json`, `sockets`, `replicas`.

python -m bench             the table of all peers, then acknowledgements over Socket Mode
python -m bench --json      one JSON object, a key a peer, and nothing else on standard output (bench/results.py)
python -m bench sockets     Socket Mode alone
python -m bench replicas    two replicas around one Redis beside one (bench/replicas.py)
"""

import asyncio
import json
import sys
import time

from bench.event_loop import loop_factory
from bench.measure import measure_peers
from bench.processes import LOAD_CORE, pin
from bench.replicas import measure_replicas
from bench.results import as_json, table
from bench.sockets import measure_sockets


async def main(words: list[str]) -> None:
    """Measure what the arguments name, with everything but the bots on one core."""
    pin(LOAD_CORE)
    began = time.monotonic()
    if "replicas" in words:
        await measure_replicas()
    elif "--json" in words:
        print(json.dumps(as_json(await measure_peers())))
        return
    else:
        if "sockets" not in words:
            print(table(await measure_peers()))
        await measure_sockets()
    print(f"took {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(main(sys.argv[1:]))
