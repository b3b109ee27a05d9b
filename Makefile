# Two commands do everything: `make demo` and `make test`. The environment is made once, in .venv.

PYTHON ?= python3.11
BIN    := .venv/bin

# Where the environment forbids it, too, Python keeps what it has compiled: tests and Ray start many processes, and each
# would compile all that it imports, for 4 s.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test check bench peers readers faults fuzz clean

demo: .venv/ready
	$(BIN)/gristmill demo demo

# On every core. The tests of a file share what they have made, so a process takes whole files.
ON_EVERY_CORE := --numprocesses=logical --maxprocesses=8 --dist=loadfile --no-loadscope-reorder

# Kernels are compiled before: else each process would compile those that its first tests need.
test: .venv/ready-dev
	NUMBA_CACHE_DIR=$${NUMBA_CACHE_DIR:-$(CURDIR)/.pytest_cache/kernels} $(BIN)/python -m ops.kernels
	$(BIN)/python -m pytest -q $(ON_EVERY_CORE)

check: .venv/ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# GRISTMILL_BENCH_CORPUS names a folder of part-*.parquet shards; without it a sample corpus stands in.
bench: .venv/ready-dev
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_pass.py
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_kernels.py
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_language.py
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_lists.py
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_repair.py repair
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_pages.py
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_job.py
	PYTHONPATH=tests/bench:tests/ops:tests $(BIN)/python tests/bench/bench_mix.py
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_rejudge.py
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_dedup.py
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_shuffle.py
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_guard.py
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_verbatim.py
	[ -z "$$GRISTMILL_BENCH_CORPUS" ] || PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_quality.py
	[ -z "$$GRISTMILL_BENCH_CORPUS" ] || PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_importance.py

# Near dedup beside datatrove, data-juicer and Daft, and filters' verdicts and speed beside datatrove's, each in an environment of its own, which takes minutes to make.
peers: .venv/ready-dev
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_peers.py
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_agreement.py
	PYTHONPATH=tests/bench $(BIN)/python tests/bench/bench_filters.py

# MosaicML's and Megatron's own readers open a release; with torch they take 6 GB, and they want another numpy than gristmill.
readers: .venv/ready-dev .venv-readers/ready
	$(BIN)/python -m pytest -q tests/jobs/formats

# Many more random kills than `make test` does.
faults: .venv/ready-dev
	GRISTMILL_KILLS=60 $(BIN)/python -m pytest -q tests/jobs/test_kill.py

# Twenty times as many random examples as `make test` tries, and others each time.
fuzz: .venv/ready-dev
	GRISTMILL_EXAMPLES=20 $(BIN)/python -m pytest -q --timeout=6000 $(ON_EVERY_CORE) $$(grep -rl --include='*.py' '@given' tests)

clean:
	rm -rf .venv .venv-readers demo

# Not compiled at installation: Python compiles what it imports, which is a tenth of what the packages hold.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -qq --no-compile --constraint constraints.txt --editable .
	touch $@

.venv/ready-dev: .venv/ready
	$(BIN)/python -m pip install -qq --no-compile --constraint constraints.txt --editable '.[dev]'
	touch $@

.venv-readers/ready:
	$(PYTHON) -m venv .venv-readers
	.venv-readers/bin/python -m pip install -qq --no-compile mosaicml-streaming==0.13.0 megatron-core==0.16.1
	touch $@
