# Everything here needs make and a Python of 3.11 or later; nothing else has to be installed first.
# Stamps under .venv remember what is installed, so that nothing is done twice.

PYTHON ?=
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_USE_PEP517=1 $(BIN)/python -m pip
STAMP  := $(VENV)/.stamp
UV     ?= uv
LOCK   := $(UV) pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
          --python-version 3.11 --fork-strategy fewest $(UPGRADE)
CODE   := mockservices sim tui scenarios tests

# Compiled modules are kept, whatever the shell says: a suite that starts programs would compile them over and over.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test coverage check test-long bench lock clean lint

help:  ## What the targets do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP)-project $(STAMP)-dev  ## Everything for development, in .venv

demo: $(STAMP)-project  ## Run the demonstration: a small story over real HTTP services
	@$(BIN)/jmlab run hello --transport wire
	@echo "Next: $(BIN)/jmlab relives a real deployment on the full screen, in three minutes; q leaves." >&2

# Tests run in two halves beside each other: the folders of tests/ that are named, and all the rest.
PYTEST := $(BIN)/python -m pytest -p no:cacheprovider
halves  = @first=$$(mktemp); $(PYTEST) $(1) $(addprefix tests/,$(2)) >$$first 2>&1 & half=$$!; \
  $(PYTEST) $(1) $(addprefix --ignore=tests/,$(2)); second=$$?; wait $$half; status=$$?; cat $$first; rm -f $$first; \
  [ $$status -eq 0 ] && [ $$second -eq 0 ]

test: lint  ## Everything CI asks: lint, types, floors, the whole suite on two processors (< 15 minutes)
	$(call halves,-m "not long",contract docs mockservices project properties semantics)

coverage: setup  ## What the suite covers, one test after the other (takes twice as long)
	@$(BIN)/python -m pytest -m "not long" --cov --cov-report=term:skip-covered

check: lint  ## Lint, types, floors and the fast tests (< 2 minutes)
	$(call halves,-m "not slow" -q,mockservices project semantics sim/observation sim/whatif)

test-long: setup  ## The tests that take too long for every change; writes docs/validation.md
	@$(BIN)/python docs/validate.py

bench: $(STAMP)-project  ## The performance figures, each against its baseline
	@$(BIN)/jmlab bench

lint: setup
	@$(BIN)/ruff check --quiet $(CODE)
	@$(BIN)/ruff format --quiet --check $(CODE)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

lock:  ## Write the lock files again with uv (UPGRADE=--upgrade takes newer versions)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv on the PATH (pipx install uv), or UV=/path/to/uv." >&2; exit 1; }
	@$(LOCK) --group build --output-file requirements/build.txt >/dev/null
	@$(LOCK) pyproject.toml --extra whatif --constraints requirements/build.txt --output-file requirements/run.txt >/dev/null
	@$(LOCK) pyproject.toml --extra whatif --group dev --constraints requirements/build.txt --constraints requirements/run.txt \
	  --output-file requirements/dev.txt >/dev/null

clean:  ## Remove the environment and every cache
	@rm -rf $(VENV) build dist htmlcov .coverage .coverage.* coverage.xml \
	  .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find mockservices sim tui scenarios tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment ---------------------------------------------------------

# A name on the PATH is not yet a Python that runs: each candidate is asked for its version and for venv.
$(STAMP)-venv:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3.14 python3 python; do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    "$$python" -m venv $(VENV) && touch $@ && exit 0 || exit 1; \
	  fi; \
	done; \
	echo "jmlab needs Python 3.11 or later with its venv module; none was found (name one with make PYTHON=/path/to/python)." >&2; \
	exit 1

$(STAMP)-build: requirements/build.txt | $(STAMP)-venv
	@echo "Installing the locked packages into $(VENV) (once) ..." >&2
	@$(PIP) install --quiet --require-hashes --no-deps --only-binary :all: --requirement requirements/build.txt
	@touch $@

$(STAMP)-run: requirements/run.txt $(STAMP)-build
	@$(PIP) install --quiet --require-hashes --no-deps --no-build-isolation --requirement requirements/run.txt
	@touch $@

$(STAMP)-project: pyproject.toml $(STAMP)-run
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMP)-dev: requirements/dev.txt $(STAMP)-run
	@echo "Installing the development tools into $(VENV) (once) ..." >&2
	@$(PIP) install --quiet --require-hashes --no-deps --requirement requirements/dev.txt
	@touch $@
