# The commands of voiceos. `make talk` sets everything up and holds a conversation; `make test` runs every check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: talk test check install dev lock clean

talk: install
	@$(BIN)/voiceos talk

install: $(VENV)/.installed

test: check
	@$(BIN)/python -m pytest

check: dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright

dev: $(VENV)/.dev

$(VENV)/.installed: requirements.lock pyproject.toml device/prepare.sh
	@PYTHON=$(PYTHON) device/prepare.sh talk
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.installed
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

lock:  ## after a change of dependencies
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml --group build -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml --group build --group dev --group bench -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV)
