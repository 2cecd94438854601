# Verbs. Each is a no-op when up to date. `make serve` and `make test` do all that comes before them.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

# One BLAS thread: two processes would otherwise fight over two cores.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: serve test install train evaluate figures sweep learning-curve quality stream-prior bench-quality card check \
	check-kernel check-arm64 bench bench-archives fault-archives reliability contract speed container label-studio lock

serve: train
	$(BIN)/asn-themes serve

test: train
	$(BIN)/python -m pytest

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml $(wildcard classifier/_kernel*.[ch])
	@echo "installing into .venv from requirements.lock (a minute or two the first time)"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

train: install
	$(BIN)/asn-themes train --if-changed

evaluate: install
	$(BIN)/asn-themes evaluate --cv

# Writes the stated figures into docs/training.md.
figures: install
	$(BIN)/asn-themes evaluate --cv | $(BIN)/python -m benchmarks.document docs/training.md evaluate

# Rewrite the tables of docs/training.md: what each lever of the recipe gives, and what more labels would.
sweep: install
	$(BIN)/python -m benchmarks.sweep

learning-curve: install
	$(BIN)/python -m benchmarks.learning_curve

# Rewrite the tables of docs/quality.md; the last two need the texts of the real paragraphs, in REAL.
REAL ?= ../shared/real

quality: install
	$(BIN)/python -m benchmarks.quality

stream-prior: train
	$(BIN)/python -m benchmarks.stream_prior $(REAL)/background.jsonl

bench-quality: install
	$(BIN)/python -m benchmarks.baselines $(REAL)

card: train
	$(BIN)/asn-themes card -o model.md

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

# The backend behind a real Label Studio in an environment of its own; about ten minutes, half of them installing.
STUDIO := build/label-studio

label-studio: train
	test -x $(STUDIO)/bin/python || $(PYTHON) -m venv $(STUDIO)
	$(STUDIO)/bin/pip install --quiet --disable-pip-version-check -r benchmarks/labelstudio.txt
	$(BIN)/python -m benchmarks.labelstudio $(STUDIO)/bin/label-studio $(STUDIO_OPTIONS)

# The RUN step of the Dockerfile in a clean prefix.
container: train
	ASN_THEMES_CONTAINER=1 $(BIN)/python -m pytest tests/test_container.py

# Rebuilds the lock from pyproject.toml: exact versions with hashes, and the name of no registry.
lock:
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/pip install --quiet --disable-pip-version-check uv
	.venv/lock/bin/uv pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 \
		--no-header --quiet --output-file requirements.lock
	.venv/lock/bin/uv pip compile pyproject.toml --extra html --extra feedback --generate-hashes --universal --python-version 3.11 \
		--no-header --quiet --output-file requirements-serve.lock

# The kernel's property tests on a build that stops at the first bad access, overflow or undefined step.
CHECKED := build/check-kernel
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

check-kernel: install
	rm -rf $(CHECKED) && mkdir -p $(CHECKED)
	cp -r classifier corrections service tests pyproject.toml $(CHECKED)
	rm -f $(CHECKED)/classifier/_kernel*.so
	$(CC) -std=c11 -O1 -g -ffp-contract=off $(SANITIZE) -fPIC -shared \
		-I$$($(BIN)/python -c "import sysconfig; print(sysconfig.get_path('include'))") classifier/_kernel.c \
		-o $(CHECKED)/classifier/_kernel$$($(BIN)/python -c "import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))")
	cd $(CHECKED) && LD_PRELOAD=$$($(CC) -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 \
		$(CURDIR)/$(BIN)/python -m pytest -p no:cacheprovider -o timeout=600 tests/classifier/test_engine.py tests/classifier/test_cut.py

# The kernel cross-compiled for arm64, its tests under qemu-user; fetches Debian packages.
check-arm64: install
	.ci/check-arm64

# Peers have an environment of their own, outside .venv.
PEERS := build/peers

# Rewrites the figures of docs/benchmarks.md; the last step needs perf.
bench: train
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check -r benchmarks/peers.txt
	$(BIN)/python -m benchmarks.bench $(PEERS)/bin/python
	$(BIN)/python -m benchmarks.linear
	$(BIN)/python -m benchmarks.features
	$(BIN)/python -m benchmarks.start
	$(BIN)/python -m benchmarks.stages
