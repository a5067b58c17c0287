# Two commands set up everything themselves: `make demo` and `make test`. They need python3 (3.11 or newer) and venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# pip checks every hash; uv does the same faster where it is installed.
INSTALL = if command -v uv >/dev/null 2>&1; \
	then VIRTUAL_ENV=$(VENV) uv pip install --quiet --require-hashes -r $(1); \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); fi

.PHONY: demo test check walk pictures lock clean

demo: $(VENV)/.run  ## the bot on a loopback Discord with sample drafts; ARGS=--once prints the cards and exits
	@$(BIN)/python -m bot demo $(ARGS)

test: $(VENV)/.dev check  ## everything that is checked before a change is accepted
	@$(BIN)/python -m pytest -q -n 2 $(ARGS)

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

walk: $(VENV)/.dev  ## the twelve scenes of what people do with the bot, as text; ARGS="4 8" prints two of them
	@$(BIN)/python -m tests.walk $(ARGS)

pictures: $(VENV)/.dev  ## the pictures in docs/ anew, of the real bot at work; needs a Chromium
	@$(BIN)/python -m tests.walk.pictures docs

lock: $(VENV)/.dev  ## resolves the dependencies of pyproject.toml anew; needs uv
	@uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.txt
	@uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 -c requirements.txt --group dev pyproject.toml -o requirements-dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11'; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(BIN)/python
	@echo 'Installing what the bot needs (once) ...'
	@$(call INSTALL,requirements.txt)
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(BIN)/python
	@echo 'Installing what the tests need (once) ...'
	@$(call INSTALL,requirements-dev.txt)
	@touch $@ $(VENV)/.run
