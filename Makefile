# make help lists the targets. Everything runs from .venv, made from the hashed lock on first use.
SHELL := bash
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
READY := $(VENV)/.ready
SERVE ?= 1
export PATH := $(BIN):$(PATH)
export DO_NOT_TRACK := 1

.PHONY: help demo check proofs setup up fmt lint types test dbt lock clean
.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## Link a sandbox household, sync, build and show it (SERVE=0 ends by itself)
	@farthing demo $(if $(filter 0,$(SERVE)),--no-serve)

check: setup ## Style, types, tests with coverage, dbt on generated data
	@$(MAKE) --no-print-directory --jobs=2 --output-sync lint types  # each takes a processor for a minute
	@$(MAKE) --no-print-directory test

proofs: setup ## The slow tests: syncs killed at every stage lose nothing, the analysts' guide does what it says
	pytest -q -m slow

setup: $(READY) ## Make .venv from requirements.lock

$(READY): requirements.lock pyproject.toml .python-version
	@bash scripts/bootstrap $(VENV)
	@touch $@

up: setup ## Run the embedded stack in the foreground
	@farthing up

fmt: setup ## Format Python
	ruff format .
	ruff check --fix .

lint: setup ## ruff, sqlfluff, marimo check
	ruff check .
	ruff format --check .
	$(if $(wildcard dbt_project/models),sqlfluff lint -q dbt_project/models)
	$(if $(wildcard notebooks/*.py),marimo check --strict notebooks)

types: setup ## mypy, strict
	mypy

test: setup ## All tests but the slow ones, dbt on generated data among them, with coverage
	pytest -m "not slow" -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term

dbt: setup ## Build and test the models on generated data
	pytest -q -m integration tests/integration/dbt

lock: setup ## Renew requirements.lock from pyproject.toml
	uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml -o requirements.lock

clean: ## Remove .venv and caches; the lake in .farthing stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache dbt_project/target dbt_project/logs
