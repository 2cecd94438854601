# Verbs. Each is a no-op when up to date. `make serve` and `make test` do all that comes before them.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

# One BLAS thread: two processes would otherwise fight over two cores.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: serve test install train evaluate check lock bench-archives fault-archives

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

# The figures of docs/archives.md, written into it.
bench-archives: train
	for figure in speed memory planted identity; do $(BIN)/python -m benchmarks.archives.figures $$figure --write; done

# Kills and failing calls; needs strace.
fault-archives: train
	$(BIN)/python -m benchmarks.archives.faults random --rounds 200
	$(BIN)/python -m benchmarks.archives.faults calls
	$(BIN)/python -m benchmarks.archives.faults calls --error ENOSPC
	$(BIN)/python -m benchmarks.archives.faults calls --error EIO
	$(BIN)/python -m benchmarks.archives.faults dask --rounds 30

# Rebuilds the lock from pyproject.toml: exact versions with hashes, and the name of no registry.
lock:
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/pip install --quiet --disable-pip-version-check uv
	.venv/lock/bin/uv pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 \
		--no-header --quiet --output-file requirements.lock
