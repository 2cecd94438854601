# Verbs. Each is a no-op when up to date. `make serve` and `make test` do all that comes before them.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

# One BLAS thread: two processes would otherwise fight over two cores.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: serve test install train evaluate check lock reliability speed contract container

serve: train
	$(BIN)/asn-themes serve

test: train
	$(BIN)/python -m pytest

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	@echo "installing into .venv from requirements.lock (a minute or two the first time)"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

train: install
	$(BIN)/asn-themes train --if-changed

evaluate: install
	$(BIN)/asn-themes evaluate --cv

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/asn-themes labels check

# The long campaigns against the real server; docs/reliability.md has what they found.
reliability: train
	$(BIN)/python -m pytest tests/service/test_hostile.py
	$(BIN)/python -m benchmarks.campaigns slow
	$(BIN)/python -m benchmarks.campaigns overload
	$(BIN)/python -m benchmarks.campaigns sigterm --rounds 100
	$(BIN)/python -m benchmarks.campaigns swap --rounds 1000
	$(BIN)/python -m benchmarks.campaigns soak --seconds 900
	$(MAKE) contract speed container

# 20,000 requests made from the contract.
contract: train
	benchmarks/contract.sh 1400

# Requests a second beside an empty Flask handler and a scikit-learn pipeline on the same server; needs wrk.
speed: train
	$(BIN)/python -m benchmarks.speed

# The RUN step of the Dockerfile in a clean prefix.
container: train
	ASN_THEMES_CONTAINER=1 $(BIN)/python -m pytest tests/test_container.py

# Rebuilds the lock from pyproject.toml: exact versions with hashes, and the name of no registry.
lock:
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/pip install --quiet --disable-pip-version-check uv
	.venv/lock/bin/uv pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 \
		--no-header --quiet --output-file requirements.lock
	.venv/lock/bin/uv pip compile pyproject.toml --extra html --generate-hashes --universal --python-version 3.11 \
		--no-header --quiet --output-file requirements-serve.lock
