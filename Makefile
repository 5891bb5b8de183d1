# Two commands do everything: `make demo` and `make test`. Each builds its own .venv from hashed files.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUN := .venv/.run-stamp
DEV := .venv/.dev-stamp
BENCH := .venv/.bench-stamp
LIB := .venv/.lib-stamp
SATCFE := .venv/.satcfe-stamp
ONCE ?=
SEEDS ?= 1000

.PHONY: demo demo-pdv test check lint types contracts simulate soak bench docs edge-lib windows wheel lock clean browser

demo: $(RUN)
	@$(BIN)/zelo demo $(if $(ONCE),--once,)

demo-pdv: $(RUN)
	@$(BIN)/zelo demo-pdv $(if $(ONCE),--once,)

test: $(DEV) $(SATCFE) browser
	$(BIN)/python -m pytest

check: lint types contracts test

lint: $(DEV)
	$(BIN)/ruff check src tests bench
	$(BIN)/ruff format --check src tests bench

types: $(DEV)
	$(BIN)/mypy

contracts: $(DEV)
	$(BIN)/lint-imports --config contracts.toml

simulate: $(DEV)
	ZELO_SEEDS=$(SEEDS) $(BIN)/python -m pytest -m simulate

# The same for as long as one likes: make soak SEEDS=10000.
soak: simulate

bench: $(BENCH)
	$(BIN)/python -m bench

# The reference pages and the example files, written from the code.
docs: $(DEV)
	$(BIN)/python -m tests.docs.reference

# The library that tills load, for Linux and Windows. PyPI's ziglang is the compiler; nothing else needs it.
edge-lib: $(LIB)
	$(MAKE) -C src/zelo/pos/edge/libsat CC="$(CURDIR)/$(BIN)/python -m ziglang cc"

# The Windows libraries in a Windows till, where Wine is installed (Debian's wine, wine64 and wine32:i386).
windows: edge-lib
	$(BIN)/python -m pytest -n 0 -m wine tests/pos/edge/libsat

# One for each system, with the libraries of it and the tag that says so: the backend takes whatever lies in the package.
wheel: $(RUN) edge-lib
	rm -rf .venv/wheel
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir .venv/wheel .
	$(BIN)/python -m tests.wheels .venv/wheel dist

# A browser for the page tests: Debian's, where we may install it; otherwise those tests are skipped and counted.
browser:
	@command -v chromium >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 \
	  && (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium) >/dev/null 2>&1; } \
	  || echo "no Chromium here and no right to install it: the page tests will be skipped and counted"

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "zelo needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

$(RUN): requirements/run.txt pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r requirements/dev.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# What we are measured beside; nothing else needs it.
$(BENCH): requirements/bench.txt $(DEV)
	$(PIP) install --require-hashes -r requirements/bench.txt
	@touch $@

$(LIB): requirements/lib.txt | .venv/bin/python
	$(PIP) install --require-hashes -r requirements/lib.txt
	@touch $@

# satcfe's published tests are in its sdist only: the one that dev.txt names. Without it they are skipped and counted.
$(SATCFE): $(DEV)
	@sed -n '/^satcfe==/,/[^\\]$$/p' requirements/dev.txt >.venv/satcfe.txt
	@$(PIP) download --no-deps --no-binary satcfe --require-hashes -r .venv/satcfe.txt --dest .venv && touch $@ \
	  || echo "the sdist of satcfe cannot be had here: its tests will be skipped and counted"

# Only for whoever changes a dependency: needs uv. The files carry hashes and no index address.
lock:
	cd requirements && for name in run dev bench lib; do \
	  uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url $$name.in -o $$name.txt; done

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache demo-data src/zelo/pos/edge/libsat/build
