PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

.PHONY: help setup demo test check format bench countdowns sends chaos fuzz refreshes lock
help:
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

# uv installs the lot in a few seconds where pip needs most of a minute; pip follows where uv cannot (a mirror only pip knows).
$(VENV)/.ready: requirements-dev.txt requirements-uv.txt pyproject.toml
	@began=$$(date +%s) && set -ex \
	&& $(PYTHON) -m venv $(VENV) \
	&& $(PIP) --require-hashes -r requirements-uv.txt \
	&& { $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt \
	     || $(PIP) --require-hashes -r requirements-dev.txt; } \
	&& $(PIP) --no-deps --no-build-isolation -e . \
	&& touch $@ && { set +x; } 2>/dev/null && echo "  $$(( $$(date +%s) - began )) s  set up in $(VENV)"

setup: $(VENV)/.ready ## the virtual environment .venv and nothing else

demo: setup ## the bot with a local Slack and a local Ayrshare; SCRIPT=1 plays one conversation
	@$(BIN)/python -m sandbox

# Three workers on two cores, because each waits for its servers now and then; without bytecode files each of the
# hundred processes that the tests start would compile all modules again.
test: setup ## the tests, with branch coverage
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n $$(( $$($(BIN)/python -c 'import os; print(os.cpu_count())') * 3 / 2 )) --dist worksteal --cov

check: setup ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## put the code in the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## acknowledgement and throughput beside named peers
	$(BIN)/python -m bench

countdowns: setup ## 1,000 live cards at a Slack that takes 50 updates a minute; takes 5 minutes
	$(BIN)/python -m bench.countdowns

sends: setup ## an admin asks a group of 500 (MEMBERS), with a kill on the way; takes 9 minutes
	$(BIN)/python -m bench.sends

chaos: setup ## bot, worker and Redis killed at random under load (SECONDS, SEED); nothing may be lost or doubled
	$(BIN)/python -m tests.chaos

fuzz: setup ## 100,000 malformed requests (FUZZ_INPUTS, FUZZ_SEED); none may be answered with a 5xx
	$(BIN)/python -m tests.fuzz

refreshes: setup ## 10,000 commands over Slack's WebSockets, replaced every 500 (COMMANDS, EVERY); none may be lost
	$(BIN)/python -m tests.refreshes

lock: setup ## compile the hash-locked requirements anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev pyproject.toml -o requirements-dev.txt
	$(BIN)/python -c 'import importlib.metadata as m; print("uv==" + m.version("uv"))' \
	  | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate - -o requirements-uv.txt
