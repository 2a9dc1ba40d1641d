# People and CI use the same targets. `make demo` needs only Python 3.11+ with venv; `make test` is all that CI runs.

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test coverage screenshots forms-gallery lint format torture bench lock clean

help: ## Show the targets.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(VENV)/demo.stamp ## A demo archive on http://127.0.0.1:8000 (ARGS=--once: make it and exit).
	$(BIN)/kho demo --home demo $(ARGS)

test: $(VENV)/test.stamp ## Everything that CI runs. Installs what it needs, or names what is missing.
	deploy/install-test-tools
	deploy/build-test-stores & # the tests that need a store wait for it
	$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2 --dist loadgroup -m "not torture" --whole --durations=40 --durations-min=5

coverage: $(VENV)/test.stamp ## What the tests run of the code, in per cent (ARGS=tests/archive: of these tests only).
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2 --dist loadgroup -m "not torture" $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

torture: $(VENV)/test.stamp ## The fault injection that make test leaves out: it waits for minutes (ARGS="-k name": a part).
	$(BIN)/pytest -n 2 --dist loadgroup -m torture $(ARGS)

bench: $(VENV)/bench.stamp ## Each path beside its peer (ARGS=--long: the sizes of the budgets; docs/performance.md).
	$(BIN)/python -W ignore -m bench $(ARGS)

screenshots: $(VENV)/test.stamp ## The pictures of docs/screenshots, from a demonstration in a real browser.
	$(BIN)/python docs/make_screenshots.py

forms-gallery: $(VENV)/test.stamp ## Each form beside its template: docs/forms, build/forms-gallery.pdf (ARGS=FOLDER: the templates).
	$(BIN)/python docs/make_forms_gallery.py $(ARGS)

lint: $(VENV)/test.stamp ## Style and docstrings, types, layers, dependencies.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/deptry .

format: $(VENV)/test.stamp ## Put the code into the house's form.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/python -m tests.repo.markdown

lock: ## Resolve requirements/*.lock again, with hashes and without any index address (ARGS=--upgrade: newest versions).
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	deploy/lock build/lock/bin/uv $(ARGS)

clean: ## Remove what was made, the demo archive and .venv included.
	rm -rf $(VENV) build dist demo .judges .mypy_cache .ruff_cache .hypothesis

$(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "Kho needs Python 3.11 or newer (python3 on the PATH)." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Kho needs Python's venv (Debian: apt-get install python3-venv)." >&2; exit 1; }

# `--no-deps`: a lock is complete, so pip asks no index what a name may need today. `--no-build-isolation`: the build
# backend is in the lock too.
$(VENV)/%.stamp: requirements/%.lock pyproject.toml | $(BIN)/pip
	@echo "Installing requirements/$*.lock into $(VENV) ..."
	$(PIP) --no-deps --require-hashes --requirement $<
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
