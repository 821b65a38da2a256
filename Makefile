# One word for each thing a developer does. `./city` needs none of this.
PY = .venv/bin/python
MARK = -p no:cacheprovider -o addopts="--strict-markers --strict-config --import-mode=importlib"

.DEFAULT_GOAL := help
.PHONY: help install check check-long test rules connected chaos browser bench docs servers clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-10s %s\n", $$1, $$2}'

install:  ## .venv with the project, its tests and the developers' tools
	./city install
	$(PY) -m pip install -q -c constraints.txt -e '.[test,dev,bench,postgresql,crosscheck]'

check:  ## format, lint, types
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy

test:  ## the default tests: offline, no servers but the embedded ones
	./city test

rules:  ## the tests of rules alone cover every branch of rules
	$(PY) -m pytest tests/rules -q --cov=rules --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

check-long:  ## properties on random examples, again and again: 10,000 of each kind (hours)
	for run in 1 2 3 4 5 6 7 8 9 10; do TESTS=random $(PY) -m pytest -q -n 4 --timeout 3600 tests/rules tests/ingest tests/streams tests/alerts tests/console || exit 1; done

servers:  ## install the real servers for connected, chaos and browser (Debian packages, jars from Maven Central)
	tests/support/install-servers

connected:  ## contract and end-to-end tests on Mosquitto, Apache Kafka, InfluxDB and PostgreSQL
	$(PY) -m pytest $(MARK) -m connected -q -rs --timeout 600

chaos:  ## kills and freezes, minutes long
	$(PY) -m pytest $(MARK) -m chaos -q -rs --timeout 1800

browser:  ## the pages in a real Chromium
	$(PY) -m pytest $(MARK) -m browser -q -rs

bench:  ## speed beside a peer, one JSON line each
	for bench in tests/bench/bench_*.py; do $(PY) $$bench || exit 1; done

docs:  ## run every command that the docs show
	$(PY) -m pytest tests/docs -q

clean:  ## everything that can be made again
	rm -rf .venv build runs .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
