# Every task of the project. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEVSTACK := $(BIN)/python -m devstack
PYTEST := $(BIN)/python -m pytest -q
# Never fails a task: without the model searches go by words alone, and tests that need it say so.
MODEL := $(BIN)/aisle models prepare || true
COVERAGE := --cov --cov-report=term
# Two at a time, a file each: tests mostly wait for servers, and each process has a database, index and topics of its own.
PARALLEL := -n 2 --dist loadfile
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo -n)
# `exec` makes the program the recipe's own process, so that Ctrl-C and SIGTERM reach it and nothing between.
RUN := exec

.DEFAULT_GOAL := help
.PHONY: help demo up down reset status test test-unit test-full check lint format types imports bench lock clean

help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile

demo: $(STAMP) ## Start everything, print where it is; Ctrl-C stops it
	@$(RUN) $(DEVSTACK) demo

up: $(STAMP) ## Start everything in the background (SEED=0: without the seed catalogue)
	@$(RUN) $(DEVSTACK) up

down: $(STAMP) ## Stop what `make up` started; its data stays
	@$(RUN) $(DEVSTACK) down

reset: $(STAMP) ## Stop it and drop its data
	@$(RUN) $(DEVSTACK) reset

status: $(STAMP) ## Show what `make up` started
	@$(RUN) $(DEVSTACK) status

test: $(STAMP) ## Run every test, with servers of their own
	@$(MODEL)
	@$(RUN) $(DEVSTACK) run -- $(PYTEST) $(PARALLEL) $(COVERAGE) tests

test-unit: $(STAMP) ## Run the tests that need no server
	@$(RUN) $(PYTEST) tests/unit

test-full: $(STAMP) ## Run every test at the counts the documentation promises
	@$(MODEL)
	@AISLE_FULL=1 $(RUN) $(DEVSTACK) run -- $(PYTEST) $(COVERAGE) tests

check: lint types imports test ## Lint, types, import contracts, then every test

lint: $(STAMP) ## Check style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(STAMP) ## Format, and repair what can be repaired
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(STAMP) ## Check types
	@$(BIN)/mypy

imports: $(STAMP) ## Check which package may import which
	@$(BIN)/lint-imports

bench: $(STAMP) ## Run every benchmark and print one table
	@$(MODEL)
	@$(RUN) $(DEVSTACK) run --profile up -- $(BIN)/python -m benchmarks

LOCK := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml

lock: $(STAMP) ## Resolve the lock files anew
	@$(LOCK) -o requirements.lock
	@$(LOCK) --extra devstack --extra models --extra test --extra quality -o requirements-dev.lock
	@$(LOCK) -c requirements-dev.lock --extra models -o requirements-models.lock
	@echo hatchling | $(subst pyproject.toml,--no-annotate -c requirements-dev.lock -,$(LOCK)) -o requirements-build.lock

clean: ## Remove what was built (not data: that is `make reset`)
	@rm -rf $(VENV) dist htmlcov .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@rm -rf .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

HAS_VENV := $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null
VENV_COMMAND := apt-get install -y python3-venv
# Asks for the version first: that fails without apt-get, without sudo and where sudo wants a password.
INSTALL_VENV = $(SUDO) apt-get --version >/dev/null 2>&1 && echo 'Installing python3-venv with apt-get ...' && { \
  said=$$($(SUDO) apt-get update -qq 2>&1; $(SUDO) env DEBIAN_FRONTEND=noninteractive $(VENV_COMMAND) -qq 2>&1) || \
  echo "$$said" | tail -n 5 >&2; }

# Made anew when what is to be installed has changed.
$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	@$(HAS_VENV) || { $(INSTALL_VENV); $(HAS_VENV); } || { \
	  echo 'The venv module of Python is missing; install it with `$(if $(SUDO),sudo )$(VENV_COMMAND)` and run this again.' >&2; \
	  exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo 'Installing the Python packages ...'
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
