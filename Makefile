# The commands that people and CI use; `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
RUFF_PATHS := crm_sync crm_sync_tests bench

.PHONY: help install run test test-long test-browser dev lint format docs bench lock clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

# Hashes are checked; the project itself is installed in place, with the setuptools of the lock.
.venv/.installe: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 ou plus récent est nécessaire." if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/.installe-tests: requirements-test.lock .venv/.installe
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	touch $@

install: .venv/.installe ## make .venv with crm-sync

run: .venv/.installe ## one full sync of the reference source into the embedded Postgres, and the KPI
	@$(BIN)/crm-sync sync --demo
	@$(BIN)/crm-sync kpi
	@$(BIN)/crm-sync suite

dev: .venv/.installe ## Dagster UI and daemon, hourly schedule and button on, and the demo of the CRM's pages
	@exec $(BIN)/crm-sync dev

test: .venv/.installe-tests ## the whole suite against a real Postgres
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not longue and not navigateur"
	@echo
	@echo "Suite : « make run » essaie une synchronisation, « make dev » ouvre Dagster, « make bench » mesure."

test-long: .venv/.installe-tests ## difficult people, laws and sequences of syncs on invented worlds
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m longue

test-browser: .venv/.installe-tests ## the elements and the demo in a real browser (needs Debian's chromium)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m navigateur crm_sync_tests/navigateur

lint: .venv/.installe-tests ## formatting, rules, types, direction of imports, SQL
	$(BIN)/ruff format --check $(RUFF_PATHS)
	$(BIN)/ruff check $(RUFF_PATHS)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --disable-progress-bar crm_sync/crm/sql

format: .venv/.installe-tests ## format everything
	$(BIN)/ruff format $(RUFF_PATHS)
	$(BIN)/ruff check --fix $(RUFF_PATHS)

docs: .venv/.installe-tests ## write the generated parts of the README anew
	$(BIN)/python -m crm_sync_tests.documentation

bench: .venv/.installe-tests ## speed as ratios to the least a loader must do (10,000 and 100,000 prospects)
	$(BIN)/python -m bench

lock: ## write the locks anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-strip-extras \
		--custom-compile-command "make lock" --extra build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-strip-extras \
		--custom-compile-command "make lock" --extra build --extra test pyproject.toml -o requirements-test.lock

clean: ## remove .venv and the local state (the embedded Postgres and its data)
	rm -rf .venv .crm_sync
