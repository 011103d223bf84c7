# Everything a newcomer needs: `make demo` and `make test` set up .venv by themselves.

PYTHON ?= python3
BIN := .venv/bin
# A folder of your own recordings for `make demo` (made-up ones if empty); TRAIN: options of `sigconv train`.
DATA ?=

.PHONY: demo test test-all lint format benchmarks clean

demo: .venv/ready
	$(BIN)/python examples/demo.py $(if $(DATA),"$(DATA)")

test: .venv/ready
	$(BIN)/python -m pytest -m "not slow"

test-all: .venv/ready
	$(BIN)/python -m pytest

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: .venv/ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

benchmarks: .venv/peers
	$(BIN)/python -m benchmarks

# `ready` is touched last, so that a set-up that was cut short is done again.
.venv/ready: setup.cfg pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("sigconv needs Python 3.11 or newer, got %d.%d: name one with PYTHON=" % sys.version_info[:2])'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--editable ".[all,test]"
	@touch $@

# What the benchmarks compare with; the tests skip their part of it where it is missing.
.venv/peers: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--editable ".[peers]"
	@touch $@

clean:
	rm -rf .venv demo build dist *.egg-info
