# Every target sets up what it needs first, its tools before anything else; a second run finds it done.
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/bash -o pipefail
INSTALL = $(BIN)/pip install --progress-bar off --require-hashes
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not bench and not prove"
SHOW := awk '/^Collecting/ { printf "  %s\n", $$2; fflush() }'
export PIP_DISABLE_PIP_VERSION_CHECK := 1

FOR_RUN := tools-run .venv/ready .venv/ready-models
FOR_TESTS := tools-test .venv/ready-test .venv/ready-browser .venv/ready-stripe .venv/ready-models

.PHONY: setup run lint test fast bench prove picture lock tools-run tools-test
.NOTPARALLEL:

setup: $(FOR_TESTS)

tools-run tools-test:
	@PYTHON=$(PYTHON) .ci/tools $(@:tools-%=%)

.venv/bin/python:
	@echo "Setting up: a virtual environment in .venv"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/ready: requirements.txt .venv/bin/python
	@echo "Setting up: the locked dependencies (about a minute, once)"
	@$(INSTALL) -r requirements.txt | $(SHOW)
	@touch $@

.venv/ready-test: requirements-test.txt .venv/ready
	@echo "Setting up: what the tests need"
	@$(INSTALL) -r requirements-test.txt | $(SHOW)
	@touch $@

# Debian's Chromium, or where there is none Playwright's own.
.venv/ready-browser: .venv/ready-test
	@test -x /usr/bin/chromium || $(BIN)/playwright install --only-shell chromium
	@touch $@

# A Stripe by others than us, against which the playground's own is held.
.venv/ready-stripe: tests/stripe/package-lock.json .venv/ready-test
	@echo "Setting up: a Stripe for the tests"
	@$(BIN)/npm ci --prefix tests/stripe --silent --no-audit --no-fund --ignore-scripts
	@touch $@

# Networks: 210 MB to fetch, 170 MB to keep, once.
.venv/ready-models: bot/weights.py .venv/ready
	@$(BIN)/python -m bot models
	@touch $@

run: $(FOR_RUN)
	@exec $(BIN)/python -m bot

lint: tools-run .venv/ready-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# All of it; or a part, in pytest's words: make test T=tests/stories/test_shop.py
test: $(FOR_TESTS) $(if $(T),,lint)
	$(PYTEST) $(T)

# What says most in a minute: pixels, metadata, sizes, texts, books, layout.
FAST := addresses ahead card_books cards clean ga4 gate incidents jobs lanes last_jobs layout mail orders pacing picture \
	playground_limits playground_stripe prints_chat readme report resize setup stats storage support_mail texts use
fast: $(FOR_TESTS) lint
	$(PYTEST) $(wildcard $(FAST:%=tests/*/test_%.py))

bench: $(FOR_TESTS)
	$(BIN)/python -m pytest -m bench -s

# With CORPUS=folder every tool runs over the files in it; TOOLS=clean,resize and SAMPLE=60 make that less, LOG=file
# has every verdict.
prove: $(FOR_TESTS)
ifdef CORPUS
	@$(BIN)/python -m tests.harness.corpus "$(CORPUS)" $(if $(TOOLS),--tools "$(TOOLS)") $(if $(SAMPLE),--sample "$(SAMPLE)") \
		$(if $(LOG),--log "$(LOG)")
else
	$(BIN)/python -m pytest -m prove -s
endif

picture: $(FOR_TESTS)
	$(BIN)/python -m tests.harness.picture

# Needs uv; writes the locks anew from pyproject.toml, without addresses.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.txt
	uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements-test.txt
