# The two commands of a fresh machine: `make serve` runs the index, `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Wherever this machine's pip is configured to get things from: their hashes are those of the lock files.
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip --quiet

# A file at a time on each core, with a PostgreSQL of its own.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile

.PHONY: install serve test test-all lint format bench bench-large docs messages lock clean help

help: ## Say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

install: $(VENV)/installed ## Make .venv with everything in it

$(VENV)/installed: requirements/dev.txt pyproject.toml
	@echo "Installing into $(VENV), once; this takes about a minute."
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes --requirement requirements/dev.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/serving: requirements/main.txt pyproject.toml
	@test -e $(VENV)/installed || echo "Installing into $(VENV), once; this takes about a minute."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -e $(VENV)/installed || $(PIP) install --require-hashes --requirement requirements/main.txt
	@test -e $(VENV)/installed || $(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

serve: $(VENV)/serving ## Run the index here, data in ./var
	$(BIN)/warehouse serve

test: $(VENV)/installed ## Run the tests, minutes
	$(BIN)/python -m pytest -m "not slow" $(SIDE_BY_SIDE)

test-all: $(VENV)/installed ## Run every test, also the long ones
	$(BIN)/python -m pytest

lint: $(VENV)/installed ## Check style, types and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/installed ## Write the code the way the linters want it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/installed ## Measure this index beside nginx
	$(BIN)/python -m bench

bench-large: $(VENV)/installed ## Measure an index of 200,000 projects, an hour
	$(BIN)/python -m bench.large

docs: $(VENV)/installed ## Make the generated pages of docs/ again
	$(BIN)/python docs/generate_settings.py > docs/settings.md
	$(BIN)/python docs/generate_upload_rules.py > docs/upload-rules.md
	$(BIN)/python docs/generate_mail.py > docs/mail.md

messages: $(VENV)/installed ## Look for new texts, and make the catalogues that pages read
	$(BIN)/python docs/messages.py

lock: $(VENV)/installed ## Pin the newest dependencies that requirements/*.in allow
	for name in main dev; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --upgrade requirements/$$name.in --output-file requirements/$$name.txt; \
	done

clean: ## Remove what was made here, but never data
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis bench/work
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
