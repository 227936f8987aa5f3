# Two commands matter: `make demo` and `make test`. `make help` lists the rest.
# Everything installs into .venv and node_modules; nothing is written outside this folder but the data folder you name.

PYTHON ?= python3
PORT ?= 8000
DATA ?= ./var
ARGS ?=
# One more than two cores: tests wait for servers, leases and browsers about a third of their time.
WORKERS ?= 3

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
BUILT := twoway/desk/static/desk/build
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SOURCES := $(shell find assets -type f 2>/dev/null)

# Node from the machine when it is 20 or newer, else from the virtual environment.
HAS_NODE := $(shell node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' >/dev/null 2>&1 && command -v npm)
ifeq ($(HAS_NODE),)
NODE := $(STAMPS)/node
NPM := PATH="$(CURDIR)/$(VENV)/node:$$PATH" npm
else
NODE := $(STAMPS)/venv
NPM := npm
endif

.DEFAULT_GOAL := help
.PHONY: help demo test check build bench pins clean assets
.SUFFIXES:

help:  ## This list
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMPS)/run assets  ## A demo workspace on http://127.0.0.1:8000 (PORT and DATA override)
	@PORT="$(PORT)" TWOWAY_DATA="$(DATA)" exec $(BIN)/twoway serve --demo

test: $(STAMPS)/dev $(STAMPS)/chromium assets  ## The whole suite (ARGS="tests/rules -k stop" for a part of it)
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(STAMPS)/dev assets  ## Format, lint, types, import order, migrations, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	TWOWAY_DATA="$(VENV)/check" $(BIN)/mypy
	$(BIN)/lint-imports
	NODE_OPTIONS=--test-reporter=dot $(NPM) test --silent
	TWOWAY_DATA="$(VENV)/check" $(BIN)/pytest -q tests/test_house.py tests/test_docs.py

build: $(STAMPS)/dev assets  ## The wheel, with the built assets, in dist/
	$(BIN)/python -m build --wheel --outdir dist .

bench: $(STAMPS)/dev assets  ## Every benchmark in bench/, as ratios measured in this run
	$(BIN)/python -m bench $(ARGS)

pins: $(STAMPS)/dev  ## Write the requirements files again from pyproject.toml
	scripts/pins

clean:  ## Remove what was built and installed; data folders stay
	rm -rf $(VENV) node_modules $(BUILT) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

assets: $(BUILT)/desk.js

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Twoway needs Python 3.11 or newer; this is $$($(PYTHON) --version). Set PYTHON=python3.12, say." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/run: requirements.txt pyproject.toml $(STAMPS)/venv
	@echo "Installing Python packages into $(VENV)"
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --editable .
	@touch $@

$(STAMPS)/dev: requirements-dev.txt $(STAMPS)/run
	@echo "Installing the tools for tests and checks into $(VENV)"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

$(STAMPS)/node: requirements-node.txt $(STAMPS)/venv
	@echo "No Node.js 20 or newer here: installing one into $(VENV)"
	@$(PIP) install --require-hashes -r requirements-node.txt
	@scripts/node-from-wheel $(VENV)/node
	@touch $@

# Debian's Chromium for the browser tests; without it they are reported as skipped.
$(STAMPS)/chromium: $(STAMPS)/venv
	@scripts/install-chromium
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json $(NODE)
	@echo "Installing the desk's JavaScript packages"
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILT)/desk.js: $(SOURCES) node_modules/.package-lock.json
	@$(NPM) run --silent build
	@touch $@
