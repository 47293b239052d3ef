# Every target sets up what it needs first; a second run finds it done.
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/bash -o pipefail
INSTALL = $(BIN)/pip install --progress-bar off --require-hashes
SHOW := awk '/^Collecting/ { printf "  %s\n", $$2; fflush() }'
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: setup run test bench prove picture lint lock

setup: .venv/ready .venv/ready-test .venv/ready-stripe .venv/ready-models

.venv/bin/python:
	@echo "Setting up: a virtual environment in .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Darkroom needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/ready: requirements.txt .venv/bin/python
	@echo "Setting up: the locked dependencies (about a minute, once)"
	@$(INSTALL) -r requirements.txt | $(SHOW)
	@touch $@

.venv/ready-test: requirements-test.txt .venv/ready
	@echo "Setting up: what the tests need"
	@$(INSTALL) -r requirements-test.txt | $(SHOW)
	@touch $@

# A Stripe by others than us, against which the playground's own is held.
.venv/ready-stripe: tests/stripe/package-lock.json .venv/bin/python
	@command -v npm >/dev/null || { echo "The tests need node and npm. On Debian: apt-get install nodejs npm"; exit 1; }
	@echo "Setting up: a Stripe for the tests"
	@npm ci --prefix tests/stripe --silent --no-audit --no-fund --ignore-scripts
	@touch $@

# Networks: 210 MB to fetch, 170 MB to keep, once.
.venv/ready-models: bot/models.py .venv/ready
	@$(BIN)/python -m bot models
	@touch $@

run: .venv/ready .venv/ready-models
	@exec $(BIN)/python -m bot

lint: .venv/ready-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: lint .venv/ready-stripe .venv/ready-models
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not bench and not prove"

bench: .venv/ready-test .venv/ready-models
	$(BIN)/python -m pytest -m bench -s

# With CORPUS=folder every tool runs over the files in it; TOOLS=clean,resize and SAMPLE=60 make that less, LOG=file
# has every verdict.
prove: .venv/ready-test .venv/ready-stripe .venv/ready-models
ifdef CORPUS
	@$(BIN)/python -m tests.corpus "$(CORPUS)" $(if $(TOOLS),--tools "$(TOOLS)") $(if $(SAMPLE),--sample "$(SAMPLE)") \
		$(if $(LOG),--log "$(LOG)")
else
	$(BIN)/python -m pytest -m prove -s
endif

picture: .venv/ready-test .venv/ready-models
	$(BIN)/python -m tests.picture

# Needs uv; writes the locks anew from pyproject.toml, without addresses.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.txt
	uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements-test.txt
