# The commands of voiceos. `make talk` sets everything up and holds a conversation; `make test` runs every check.
PYTHON ?= python3
export PYTHON
BIN := .venv/bin

.PHONY: talk install test faults soak check format dev lock clean help

talk: install  ## set everything up, then converse
	@$(BIN)/voiceos talk

install: .venv/.installed  ## set everything up: environment, PortAudio, models

test: check  ## every check and every test, as CI runs them
	@$(BIN)/python -m pytest -n auto -m "not engines and not card"
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "engines and not card"
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "card and not faults"

faults: dev  ## every fault on a real daemon, at random moments (an hour)
	@VOICEOS_FAULTS_TABLE=docs/faults.md $(BIN)/python -m pytest tests/faults

soak: dev  ## 2,000 conversations with one daemon, with alarms and faults
	@$(BIN)/python -m tests.faults.soak

check: dev  ## formatting, lint and types
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/pyright

format: dev  ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

dev: .venv/.dev  ## the tools that developing needs

.venv/.installed: requirements.lock pyproject.toml device/prepare.sh
	@device/prepare.sh talk
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml device/prepare.sh
	@device/prepare.sh test
	@touch $@

lock:  ## after a change of dependencies
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml --group build -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml --group build --group dev --group bench -c requirements.lock -o requirements-dev.lock

clean:  ## remove the environment
	rm -rf .venv

help:  ## list the commands
	@grep -E '^[a-z]+:.*  ## ' Makefile | sed -E 's/:.*  ## /\t/' | expand -t 12
