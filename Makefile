# Every recipe sets up what it needs. `make` or `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CATALOG ?=
SIZE ?= 100000
.DEFAULT_GOAL := help

help: ## list the recipes
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: Tradewind needs Python 3.11 or newer; this is $$($(PYTHON) --version)"; echo "next:  make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.runtime ## install what running needs, into .venv

setup-dev: $(VENV)/.dev ## install what checking needs, too

demo: setup ## build the sample catalog, run everything, open the store (CATALOG=path for your own)
	$(BIN)/tradewind demo $(if $(CATALOG),--catalog $(CATALOG))

serve: setup ## start the store window on the current workspace
	$(BIN)/tradewind serve --with-worker

fmt: setup-dev ## format the code
	$(BIN)/ruff format src tests bench
	$(BIN)/ruff check --fix --quiet src tests bench

lint: setup-dev ## style, spelling, layers
	$(BIN)/ruff format --check src tests bench
	$(BIN)/ruff check src tests bench
	$(BIN)/codespell src tests docs bench README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md
	$(BIN)/lint-imports

types: setup-dev ## mypy, strict
	$(BIN)/mypy

test-fast: setup-dev ## the fast suite, under a minute
	$(BIN)/python -m pytest -n auto -m "not slow and not browser and not ray"

test: lint types ## every check: style, types, layers, tidiness, tests, browser tests
	$(BIN)/python -m pytest -n auto --durations 15

audit: setup-dev ## known weaknesses of the locked dependencies, where an advisory service is reachable
	@$(PYTHON) -m venv build/audit && build/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit 2>/dev/null || true
	$(BIN)/python -m tradewind.checks.dependencies build/audit/bin/python requirements.lock requirements-dev.lock

docs: setup-dev ## write the generated reference pages again
	$(BIN)/python -m tradewind.checks.docs_reference

bench: setup-dev ## measure, each figure beside its limit (SIZE=1000000 for the full size)
	$(BIN)/python -m bench --size $(SIZE)

lock: setup-dev ## resolve the dependencies again and pin them
	$(BIN)/uv pip compile -q -U --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --group pyproject.toml:build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove the workspace and the environment
	rm -rf $(VENV) var build

.PHONY: help setup setup-dev demo serve fmt lint types test-fast test audit docs bench lock clean
