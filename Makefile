# The newcomer's commands. Everything is installed into .venv from requirements.txt (pinned and hashed).
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed
# Each starts a PostgreSQL and an S3 server of its own.
TEST_PROCESSES ?= 2

.PHONY: demo test lint types serve bench clean

demo: $(STAMP)
	$(VENV)/bin/guidang demo

test: lint types
	$(VENV)/bin/python -m pytest --numprocesses $(TEST_PROCESSES)

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(STAMP)
	$(VENV)/bin/mypy

serve: $(STAMP)
	$(VENV)/bin/guidang serve

bench: $(STAMP)
	$(VENV)/bin/python -m tests.benchmark

$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --no-deps --require-hashes --requirement requirements.txt
	$(VENV)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(VENV)/bin/python scripts/check_setup.py
	touch $@

clean:
	rm -rf $(VENV) build
