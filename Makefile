# Every target sets up what it needs; nothing is to be typed before. Stamps keep a warm start instant.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
TOOLS := $(or $(PULLSCOPE_TOOLS),$(HOME)/.cache/pullscope/tools)
export PULLSCOPE_TOOLS := $(TOOLS)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

TIERS := tests/unit tests/house tests/integration tests/scenario tests/lab

.PHONY: help run test test-all fuzz lab bench docs image-parts lint dev tools lock clean

help:
	@echo 'make run          set up, then watch this machine: an aggregator and one agent, until Ctrl-C'
	@echo 'make test         set up, then format, lint, types, import contracts and all tests (long ones as a subset)'
	@echo 'make test-all     the same with the long tests whole'
	@echo 'make fuzz         a million nasty lines through the classifier and its command; about ten minutes'
	@echo 'make lab          five nodes in network namespaces, to break by hand, until Ctrl-C'
	@echo 'make bench        the figures'
	@echo 'make docs         write the pages that are made from the code: docs/causes.md'
	@echo 'make image-parts  what the Dockerfile can do without a network: wheels and crictl, into deploy/image'
	@echo 'make lock         pin the dependencies anew'
	@echo 'make clean        remove what make has set up in this folder'

run: $(VENV)/.ready-run
	@exec $(BIN)/pullscope run

test: dev tools lint
	@$(BIN)/python -m pytest -m 'not long' $(TIERS)

test-all: dev tools lint
	@$(BIN)/python -m pytest $(TIERS)

lint: dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fuzz: dev
	@$(BIN)/python -m tests.fuzz

lab: dev tools
	@exec $(BIN)/python -m tests.lab

bench: dev tools
	@exec $(BIN)/python -m bench

docs: dev
	@$(BIN)/python -m docs

image-parts: dev tools
	@deploy/image/fetch 3.11

dev: $(VENV)/.ready-dev

tools:
	@tests/tools/install

$(VENV)/.made: | tests/tools/venv
	@tests/tools/venv $(VENV)
	@touch $@

# Both are editable installs of this folder: a changed source needs no second install. The build backend comes out of a lock
# too, so nothing unpinned is ever fetched.
$(VENV)/.ready-run: $(VENV)/.made requirements.lock requirements-build.lock pyproject.toml
	@echo 'setting up: the locked dependencies into $(VENV)'
	@$(BIN)/pip install --quiet --require-hashes -r requirements-build.lock -r requirements.lock
	@$(BIN)/pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready-run requirements-dev.lock
	@echo 'setting up: the locked development dependencies into $(VENV)'
	@$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

lock: $(VENV)/.made
	@tests/tools/lock $(BIN)/python

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
