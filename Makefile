# make demo | make test | make check | make setup | make lock | make messages
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.vonggac-stamp
.DEFAULT_GOAL := help

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n",$$1,$$2}' Makefile

setup: $(STAMP) ## build .venv from the lock file (asked for by all the others)

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "This Python has no venv; installing Debian's python3-venv"; tests/system/as_root.sh apt-get install -y python3-venv; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: setup ## a live district on http://127.0.0.1:8080 (ARGS="--schools 5" passes options on)
	$(BIN)/vonggac-demo $(ARGS)

check: setup ## lint, types, layers, quick pure tests (under a minute)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pytest -q tests/pure -n 2 -m "not long"

fuzz: setup ## hunt for inputs that harm the parsers of what cameras send (ARGS="--seconds 600")
	$(BIN)/python -m tests.fuzz $(ARGS)

simulate: setup ## the way from the gate to the database under faults (SEEDS=10000 FROM=0)
	$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),500) --from $(or $(FROM),0)

test: check ## everything, against real brokers, databases, RTSP servers and a browser
	$(BIN)/pytest -q tests/pure -n 2 -m long
	tests/system/install.sh
	$(BIN)/pytest -q tests/simulation tests/system -n 3 --dist loadfile --no-loadscope-reorder

lock: ## make the lock files anew (needs uv)
	for extra in edge server dev; do \
	  uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
	    --extra $$extra pyproject.toml -o requirements/$$extra.txt || exit 1; done

messages: setup ## gather texts for translation and compile the catalogues
	$(BIN)/python -m server.texts.catalogue

.PHONY: help setup demo check fuzz simulate test lock messages
