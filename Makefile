# Needs Python >= 3.11 and make; everything else goes into .venv.
PYTHON ?= python3
PY := .venv/bin/python
LOCK := requirements/dev.lock
ALL := data/demo-all
INSTALLED := .venv/installed.lock
EXPORT := uv export --quiet --locked --format requirements-txt --no-header --no-annotate --no-emit-project --all-extras
# Two processes for two cores; a file stays in one process, so that its server starts once.
PYTEST := $(PY) -m pytest -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-all up test check lint types contracts golden bench faults tampering oracles lock

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name words; do printf '%-10s %s\n' "$$name" "$$words"; done

setup: ## .venv with the locked packages; nothing to do when the lock has not changed
	@cmp -s $(LOCK) $(INSTALLED) || { \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")' && \
	  echo "Installing the locked packages into .venv (a minute or two the first time)" >&2 && \
	  { test -x $(PY) || $(PYTHON) -m venv .venv; } && \
	  $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(LOCK) && \
	  cp $(LOCK) $(INSTALLED); }

demo: setup ## real clusters of the sheet, every status, through 60 months of rehearsal, with a report
	@$(PY) starter.py rehearse reference/clusters/iran.csv --sample 30 --months 60 --seed 1403

demo-all: setup ## the same with every cluster of the sheet; its folder stays, for the auditor's tools
	@rm -rf $(ALL) && $(PY) starter.py rehearse reference/clusters/iran.csv --months 60 --seed 1403 --keep $(ALL)
	@echo "$(PY) starter.py audit replay --data $(ALL)"

up: setup ## the real thing on the office's own data folder
	@$(PY) starter.py up

test: setup ## every test that needs nothing from outside
	$(PYTEST)

check: lint types contracts test ## exactly what CI runs

lint: setup ## ruff: rules and format
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: setup ## mypy, strict
	$(PY) -m mypy

contracts: setup ## which room may import which
	@.venv/bin/lint-imports --no-logo

golden: setup ## record the golden histories anew
	$(PY) -m tests.replay.record

bench: setup ## benchmarks, each a ratio against a stated floor
	$(PY) -m bench

faults: setup ## long: kills, outages and bad input, counted
	$(PY) -m pytest tests/faults --verbose --capture=no

tampering: setup ## long: every bit of a bundle flipped, ten thousand forgeries, a million entries without an alarm
	$(PY) -m pytest tests/tampering --verbose --capture=no

oracles: setup ## foreign programs judge what we write, in an environment of their own (some are GPL)
	@cmp -s requirements/oracles.lock .venv-oracles/installed.lock || { \
	  echo "Installing the oracles into .venv-oracles" >&2 && \
	  { test -x .venv-oracles/bin/python || $(PYTHON) -m venv .venv-oracles; } && \
	  .venv-oracles/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	    -r requirements/oracles.lock && \
	  cp requirements/oracles.lock .venv-oracles/installed.lock; }
	@$(PY) -m tests.oracles.samples build/oracles
	@for check in tests/oracles/check_*.py; do .venv-oracles/bin/python -I $$check build/oracles || exit 1; done

lock: setup ## resolve anew and write requirements/*.lock (the resolver is fetched for this only)
	$(PY) -m pip install --quiet --disable-pip-version-check uv
	.venv/bin/uv lock --upgrade
	.venv/bin/$(EXPORT) --no-dev > requirements/runtime.lock
	.venv/bin/$(EXPORT) > requirements/dev.lock
	.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --no-annotate --no-header \
	  requirements/oracles.in --output-file requirements/oracles.lock
