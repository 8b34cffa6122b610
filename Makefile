# make demo | test | lint | peers | clean, each from a clean clone. The environment is .venv; an install is repeated only
# when pyproject.toml or constraints.txt has changed.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c

VENV := .venv
PEERS := .venv-peers
BIN := $(VENV)/bin
INPUTS := pyproject.toml constraints.txt
# Threads that wait asleep: spinning ones made training six times slower where another program shared the cores.
export OMP_WAIT_POLICY ?= PASSIVE

# Processes that share the tests, each of which computes on one thread.
WORKERS ?= 2

PYTHONS ?= python3.11 python3.12 python3.13 python3

.PHONY: demo test lint peers clean

demo: $(VENV)/.installed
	$(BIN)/latscape zbo mnist --preset quick

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

# The packages that benchmarks compare with, beside this one: both then run in one interpreter on one build of torch.
peers: $(PEERS)/.installed

clean:
	rm -rf $(VENV) $(PEERS) .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist

# The first interpreter that starts and is of a supported version.
$(BIN)/python $(PEERS)/bin/python:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then \
	    exec $$python -m venv $(patsubst %/bin/python,%,$@); \
	  fi; \
	done; \
	echo "latscape needs Python 3.11, 3.12 or 3.13: none of '$(PYTHONS)' is one; try make PYTHONS=/path/to/python" >&2; exit 1

$(VENV)/.installed: $(INPUTS) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-test: $(INPUTS) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	@touch $(VENV)/.installed $@

# pyroved and atomai without their dependencies: they name torchvision, which has no wheel for the CPU build of torch, and
# packages for work that no benchmark gives them. Of those benchmarks/peers/stand_in holds what is imported.
$(PEERS)/.installed: $(INPUTS) Makefile | $(PEERS)/bin/python
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[io]" pyro-ppl==1.9.2 pandas
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps pyroved==0.3.0 atomai==0.8.1
	@touch $@
