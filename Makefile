# The newcomer's commands. What runs is installed into .venv from requirements.txt, what tests it from requirements-dev.txt
# (pinned and hashed).
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
INSTALL := $(VENV)/bin/python -m pip install --quiet --no-deps
# Each starts a PostgreSQL and an S3 server of its own.
TEST_PROCESSES ?= 2

.PHONY: demo desk test lint types serve bench clean

demo: $(STAMP)
	$(VENV)/bin/guidang demo

# The same in a browser: says where and as whom, and stays until Ctrl-C.
desk: $(STAMP)
	$(VENV)/bin/guidang demo --desk --port 8731

test: lint types
	$(VENV)/bin/python -m pytest --numprocesses $(TEST_PROCESSES)

lint: $(DEV_STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(DEV_STAMP)
	$(VENV)/bin/mypy

serve: $(STAMP)
	$(VENV)/bin/guidang serve

# `make bench` measures everything, `make bench reading` a part of it.
PARTS := $(filter line idle audit retention search desk pace reading crash drill,$(MAKECMDGOALS))

bench: $(DEV_STAMP)
	$(VENV)/bin/python -m tests.benchmark $(PARTS)

ifneq ($(PARTS),)
.PHONY: $(PARTS)
$(PARTS): ; @:
endif

$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes --requirement requirements.txt
	$(INSTALL) --no-build-isolation --editable .
	$(VENV)/bin/python scripts/check_setup.py
	touch $@

$(DEV_STAMP): requirements-dev.txt $(STAMP)
	$(INSTALL) --require-hashes --requirement requirements-dev.txt
	touch $@

clean:
	rm -rf $(VENV) build
