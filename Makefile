# Every target makes what it needs. `make demo ARGS="--decide approve-first"` hands arguments on.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo serve wheel migrate test lint eval bench migration clean

help:  ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

ASSETS := api/pages/static/vendor/htmx.min.js
CLIENT := tests/clients/vendor/bundle.js

demo: .venv/.run $(ASSETS)  ## Run the main job on the bundled feed, up to proposals that wait for you
	$(BIN)/artel demo $(ARGS)

serve: .venv/.run $(ASSETS)  ## Start the API, the worker and the scheduler on this machine
	$(BIN)/artel serve $(ARGS)

wheel: .venv/.run $(ASSETS)  ## Build the package, with the files of the pages, into dist/
	@$(BIN)/pip wheel -qq --no-deps -w dist .

migrate: .venv/.run  ## Bring the database up to this version
	$(BIN)/artel migrate $(ARGS)

test: .venv/.test $(ASSETS) $(CLIENT)  ## Run the tests with coverage
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=15 \
		--cov --cov-report=term:skip-covered --cov-fail-under=90 $(ARGS)

lint: .venv/.test  ## Check style, format, types and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

eval: .venv/.test  ## Run the evals offline; fails when a score got worse
	$(BIN)/artel eval $(ARGS)

bench: .venv/.test .venv/.peers $(ASSETS)  ## Print Artel's numbers beside their baselines
	$(BIN)/python -m tests.bench $(ARGS)

migration: .venv/.test  ## Write the next migration: make migration NAME="what changes"
	@test -n "$(NAME)" || { echo 'Say what changes: make migration NAME="…"'; exit 1; }
	$(BIN)/python .ci/migration.py "$(NAME)"
	$(BIN)/ruff check -q --fix memory/migrations/versions
	$(BIN)/ruff format -q memory/migrations/versions

clean:  ## Remove the virtual environment, caches and what was built; data stays
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage *.egg-info

.venv/.test: EXTRA = [test,evals]
# uv needs a fraction of pip's time. Where it is not there or cannot, pip does it and says what is wrong;
# pip's own warnings are hidden (-qq), its errors are not.
.venv/.run .venv/.test: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Artel needs Python 3.11 or later: make PYTHON=python3.12 …'; exit 1; }
	@echo 'Setting up .venv: a minute or two, once'
	@$(PYTHON) -m venv .venv
	@uv pip install -q --compile-bytecode --python $(BIN)/python -c constraints.txt -e '.$(EXTRA)' 2>/dev/null || \
		$(BIN)/pip install -qq -c constraints.txt -e '.$(EXTRA)'
	@touch .venv/.run $@

# What the pages load from themselves: npm brings it, or the npm of a Python package.
$(ASSETS): package.json .ci/assets.py | .venv/.run
	@$(BIN)/python .ci/assets.py
	@touch $@

# LangGraph's own client for browsers, which the tests drive.
$(CLIENT): $(addprefix tests/clients/,package.json client.js) .ci/assets.py .ci/client.py | .venv/.test
	@$(BIN)/python .ci/client.py

# What we are measured against has an environment of its own: it wants other versions of the SDKs than we do.
.venv/.peers: tests/bench/llm/peers.txt | .venv/.test
	@$(PYTHON) -m venv .venv/peers
	@.venv/peers/bin/pip install -qq -r tests/bench/llm/peers.txt
	@touch $@
