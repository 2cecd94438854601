# Verbs. Each is a no-op when up to date. `make serve` and `make test` do all that comes before them.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

# One BLAS thread: two processes would otherwise fight over two cores.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: serve test install train evaluate figures sweep learning-curve quality stream-prior bench-quality card check \
	check-kernel check-arm64 bench bench-archives fault-archives fault-feedback reliability speed container lock \
	label-studio active audit-planted

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

# Rewrite docs/sampling.md's table and plot (what was run stays in build/active), and docs/audit.md's tables.
active: install
	$(BIN)/python -m benchmarks.active

audit-planted: install
	$(BIN)/python -m benchmarks.planted_labels
	$(BIN)/python -m benchmarks.rankings

card: train
	$(BIN)/asn-themes card -o model.md

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/asn-themes labels check

# The tables of docs/archives.md; one alone with FIGURES=memory, or by `python -m benchmarks.archives.figures memory`.
FIGURES ?= speed memory planted identity

bench-archives: train
	for figure in $(FIGURES); do $(BIN)/python -m benchmarks.archives.figures $$figure --write || exit 1; done
	$(BIN)/python -m benchmarks.archives.stages --write

# Kills, failing calls (these need strace), rows that kill, places that fail (this needs root); into docs/archives.md.
# A campaign that was stopped goes on; one alone with FAULTS="dask --rounds 30".
fault-archives: train
ifdef FAULTS
	$(BIN)/python -m benchmarks.archives.faults $(FAULTS) --write
else
	$(BIN)/python -m benchmarks.archives.places --write
	$(BIN)/python -m benchmarks.archives.faults deadly --write
	$(BIN)/python -m benchmarks.archives.faults calls --write
	$(BIN)/python -m benchmarks.archives.faults ENOSPC --write
	$(BIN)/python -m benchmarks.archives.faults EIO --write
	$(BIN)/python -m benchmarks.archives.faults EROFS --write
	$(BIN)/python -m benchmarks.archives.faults dask --rounds 30 --write
	$(BIN)/python -m benchmarks.archives.faults random --rounds 200 --write
endif

# 200 kills on each database, the table written into docs/reliability.md; needs PostgreSQL's server.
fault-feedback: train
	mkdir -p build
	$(BIN)/python -m benchmarks.feedback_kills --rounds 200 > build/feedback_kills.md
	$(BIN)/python -m benchmarks.document docs/reliability.md feedback-kills < build/feedback_kills.md

# The long campaigns against the real server, about an hour; they write docs/reliability.md. One alone: make reliability-soak.
CAMPAIGNS := hostile contract stops swaps slow overload soak worst

reliability: $(CAMPAIGNS:%=reliability-%) speed container

reliability-%: train
	$(BIN)/python -m benchmarks.reliability $* --write

# Requests a second beside an empty Flask handler and a scikit-learn pipeline on the same server; needs wrk.
speed: train
	$(BIN)/python -m benchmarks.speed --write

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

# The kernel's property tests on a build that stops at the first bad access, overflow or undefined step: what this
# processor runs, and what every x86-64 does.
CHECKED := build/check-kernel
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

check-kernel: $(CHECKED)/dispatched $(CHECKED)/baseline

$(CHECKED)/%: install
	rm -rf $@ && mkdir -p $@
	cp -r classifier corrections service tests pyproject.toml $@
	rm -f $@/classifier/_kernel*.so
	$(CC) -std=c11 -O1 -g -ffp-contract=off $(SANITIZE) $(if $(findstring baseline,$@),-DASN_BASELINE) -fPIC -shared \
		-I$$($(BIN)/python -c "import sysconfig; print(sysconfig.get_path('include'))") classifier/_kernel.c \
		-o $@/classifier/_kernel$$($(BIN)/python -c "import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))")
	cd $@ && LD_PRELOAD=$$($(CC) -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 \
		$(CURDIR)/$(BIN)/python -m pytest -p no:cacheprovider -o timeout=600 tests/classifier/test_engine.py \
		tests/classifier/test_articles.py tests/classifier/test_frequencies.py

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
