# Two commands are enough: `make run` shows the plugin at work, `make test` proves it.
# Each brings a bare machine (python3, make, git) to where it needs it first, and costs nothing when all is there.

PYTHON ?= python3
# One more than two cores: some tests wait for processes, clocks and browsers most of their time.
WORKERS ?= 3
PY := .venv/bin/python
MISSING_VENV := $(if $(wildcard $(PY)),,missing-venv)
MISSING_STATIC := $(if $(wildcard plugin/static/built/app.js),,missing-static)
CATALOGUES := plugin/translations

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: run test bench fuzz looks build check lint types imports secrets tests audit freeze hashes clean missing-venv missing-static machine messages

run: .make/venv .make/static  ## the sandbox: pretend stores and a pretend SendPulse around the real plugin
	@echo "== starting the sandbox (Ctrl-C ends it)"
	@exec $(PY) -m plugin sandbox

test: machine check tests  ## everything that must hold

check: lint types imports

lint: .make/venv
	@echo "== ruff"
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: .make/venv
	@echo "== mypy --strict"
	@$(PY) -m mypy --strict -p plugin -p tests -p bench
	@$(PY) -m mypy --strict .ci

imports: .make/venv
	@echo "== import contracts"
	@.venv/bin/lint-imports --no-cache

secrets: .make/venv  ## what looks like a secret in a committed file and is not known to be made up (half a minute)
	@echo "== secrets"
	@$(PY) .ci/secrets.py

tests: .make/venv .make/static
	@echo "== pytest, $(WORKERS) at a time"
	@rm -f .coverage .coverage.* .make/coverage.json .make/pytest.xml
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=json:.make/coverage.json --junitxml=.make/pytest.xml
	@$(PY) .ci/skipped.py .make/pytest.xml
	@$(PY) .ci/coverage_floors.py .make/coverage.json

bench: .make/venv .make/static  ## the benchmarks, as ratios in one run
	@sh .ci/prepare python postgresql
	@$(PY) -m bench

fuzz: .make/venv .make/static  ## long searches: 1,000 generated orders a platform (ORDERS=…, SEED=…), 20,000 histories of carts (CARTS=…), FUZZ (20) times as many damaged bodies, 1,000,000 inputs of all kinds (INPUTS=…)
	@ORDERS=$${ORDERS:-1000} SEED=$${SEED:-$$(date +%s)} $(PY) -m pytest -q --show-capture=no -o faulthandler_timeout=0 tests/test_generated_orders.py
	@CARTS=$${CARTS:-20000} SEED=$${SEED:-$$(date +%s)} $(PY) -m pytest -q --show-capture=no -o faulthandler_timeout=0 tests/test_generated_carts.py
	@FUZZ=$${FUZZ:-20} $(PY) -m pytest -q -n auto -o faulthandler_timeout=0 tests/platforms/test_hostile_bodies.py
	@$(PY) -m tests.fuzz --inputs $${INPUTS:-1000000} --seed $${SEED:-$$(date +%s)}

looks: .make/venv .make/static  ## every page and state in both admins, each theme and width, with axe and by Tab, and docs/pictures/sheets (half an hour; ADMIN=saleor: one of them)
	@sh .ci/prepare browser
	@$(PY) -m tests.support.journeys.looks $(ADMIN)

build: .make/venv .make/static  ## dist/*.whl and dist/sandbox/*.whl, by way of the source archives so that nothing git-ignored gets in
	@rm -rf dist
	@$(PY) -m build --no-isolation
	@$(PY) -m build --no-isolation --outdir dist/sandbox plugin/sandbox

audit: .make/venv .make/static  ## known holes in what we build on, and secrets in what we commit
	@sh .ci/audit $(PY)

freeze: .make/venv  ## renew constraints.txt from the newest versions pyproject.toml allows
	@sh .ci/freeze

hashes:  ## renew the hashes in constraints.txt, after a version was changed by hand
	@sh .ci/hashes

clean:
	rm -rf .venv .make dist node_modules plugin/static/built .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis

machine:
	@sh .ci/prepare python postgresql browser network

.make/venv: pyproject.toml constraints.txt .ci/install $(MISSING_VENV)
	@sh .ci/prepare python
	@mkdir -p .make
	@echo "== virtual environment in .venv (once, then only when pyproject.toml or constraints.txt change)"
	@$(PYTHON) -m venv .venv
	@sh .ci/install $(PY)
	@touch $@

.make/static: package.json package-lock.json .ci/static $(wildcard plugin/browser/*) .make/venv $(MISSING_STATIC)
	@echo "== bundling what the browser gets"
	@sh .ci/static $(PY)
	@touch $@

BABEL = $(PY) -m babel.messages.frontend
EXTRACT = $(BABEL) extract --no-location --sort-output --project sendpulse-plugin

messages: .make/venv  ## renew the catalogues: texts marked in templates and views, and the reasons made by worded(…)
	@$(EXTRACT) --mapping-file babel.toml --output $(CATALOGUES)/messages.pot .
	@$(EXTRACT) --no-default-keywords --keyword worded --output $(CATALOGUES)/reasons.pot plugin
	@for domain in messages reasons; do \
		for locale in pl uk de es fr pt_BR; do \
			mkdir -p $(CATALOGUES)/$$locale/LC_MESSAGES; \
			test -f $(CATALOGUES)/$$locale/LC_MESSAGES/$$domain.po || $(BABEL) init -D $$domain -i $(CATALOGUES)/$$domain.pot -d $(CATALOGUES) -l $$locale; \
		done; \
		$(BABEL) update -D $$domain --input-file $(CATALOGUES)/$$domain.pot --output-dir $(CATALOGUES) --no-fuzzy-matching --ignore-obsolete; \
	done
