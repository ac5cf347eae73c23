# `make` lists the targets; `make test` is what guards main.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
PYTHON := .venv/bin/python
TWINS := $(abspath $(or $(CARGO_TARGET_DIR),target)/debug/examples/twins)
PYTHON_CODE := python examples crates/persistable-bench/python crates/persistable-reliability/python
# The real code on threads of shuttle is compiled once more, in a folder of its own.
SHUTTLE := RUSTFLAGS="--cfg shuttle" CARGO_TARGET_DIR=$(or $(CARGO_TARGET_DIR),target)/shuttle cargo
# Starts the servers that tests talk to, and stops them when the command ends. No test may be skipped for want of one.
WITH_SERVERS := PERSISTABLE_TEST_ALL=1 scripts/servers/with s3 azure sftp https --
export CARGO_TERM_COLOR ?= auto

# Debian packages of the names of their programs.
define install
@missing=""; for tool in $(1); do command -v $$tool >/dev/null || missing+=" $$tool"; done; [ -z "$$missing" ] || \
	{ apt-get update -qq && apt-get install -qq -y $$missing; } || { echo "Please install:$$missing" >&2; exit 1; }
endef

help:            ## List the targets
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 18

test: lint rust-test spec-test example-test python-test reliability-test  ## Run every test of the project, installing what they need

lint:            ## Check formatting, modules, prose, lints and rustdoc, warnings denied
	python3 scripts/check-architecture.py
	python3 scripts/check-modules.py
	python3 scripts/check-prose.py
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	$(SHUTTLE) clippy -p persistable-models --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features --exclude persistable-bench --exclude persistable-examples

rust-test: setup ## Run the Rust tests and the examples in the documentation, on servers that it starts on loopback
	cargo test --workspace --all-features --exclude persistable-bench --no-run
	$(WITH_SERVERS) cargo test --workspace --all-features --exclude persistable-bench
	$(SHUTTLE) test -p persistable-models
	cargo check -p persistable --no-default-features
	cargo test -p persistable --test it -- compile_fail::a_payload_io

stores-test:     ## Test the kinds of stores only, on servers that it starts on loopback (a part of rust-test)
	$(WITH_SERVERS) cargo test -p persistable-objects -p persistable-store --all-features

spec-test: setup ## Check the vectors of the specification with the reference in Python
	$(PYTHON) -B spec/reference.py check

engines: python-build ## Run steps on Ray, SLURM and MPI, which it installs and starts on loopback (a minute; not part of test)
	.venv/bin/pip install --quiet --disable-pip-version-check -r python/engines/requirements.txt
	PERSISTABLE_TEST_ENGINES=1 scripts/engines/with slurm mpi ray -- $(PYTHON) -m pytest python/engines

example-test:    ## Run the examples in Rust twice in an empty folder: generated, then loaded
	cargo build --release -p persistable-examples --example outlier_detection --example monte_carlo
	scripts/check-example.sh

polars-test:     ## Compile and test the payload IO for polars that the documentation shows (minutes; not part of test)
	cargo test --manifest-path examples/polars/Cargo.toml --target-dir $(or $(CARGO_TARGET_DIR),target)/polars

python-test: python-build twins ## Check and test the Python package
	$(PYTHON) -m ruff check $(PYTHON_CODE)
	$(PYTHON) -m ruff format --check $(PYTHON_CODE)
	$(PYTHON) -m mypy
	$(PYTHON) -m mypy.stubtest persistable._core --ignore-disjoint-bases
	PERSISTABLE_TWINS=$(TWINS) PERSISTABLE_TEST_ALL=1 scripts/servers/with s3 azure gcs sftp https -- $(PYTHON) -m pytest

python-build: setup ## Build the Python package and install it into .venv, as an editable one
	.venv/bin/maturin develop --release --quiet

twins:           ## Build the steps in Rust that the Python tests share artifacts with, out of what rust-test compiles
	cargo build --workspace --all-features --exclude persistable-bench --example twins

reliability: python-build tools ## Do to the library all that may happen to it, and write docs/reliability.md (about an hour; 15 GB of disk)
	cargo build --release -p persistable-reliability
	scripts/servers/with s3 sftp -- cargo run --release -p persistable-reliability -- --write
	PERSISTABLE_MODELS_ITERATIONS=20000 $(SHUTTLE) test --release -p persistable-models
	fuzz/run.sh 60

reliability-test: python-build tools ## The same with a sample of each fault (minutes)
	cargo build -p persistable-reliability
	scripts/servers/with s3 sftp -- cargo run -p persistable-reliability -- --quick

# The last release of 1.x lies in a folder of its own, since its package has the same name.
FORMER := .venv/persistable-1
bench: export PERSISTABLE_BENCH_FORMER := $(abspath $(FORMER))
bench: python-build $(FORMER) ## Run the benchmarks and write docs/performance.md (a few minutes)
	cargo run --release -p persistable-bench -- --write
	scripts/servers/with s3 -- cargo run --release -p persistable-bench -- remote --write

$(FORMER): $(PYTHON)
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --target $@ persistable==1.3.1

doc:             ## Build the documentation
	cargo doc --workspace --no-deps --all-features --exclude persistable-bench --exclude persistable-examples

setup: $(PYTHON) ## Install what the tests need: strace, and Python packages into .venv
	$(call install,strace)

tools: setup     ## Install what the reliability tests need besides: bindfs and faketime
	$(call install,bindfs faketime)

$(PYTHON): spec/requirements.txt python/requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r spec/requirements.txt -r python/requirements.txt
	@touch $(PYTHON)

clean:           ## Remove what was built
	cargo clean
	rm -rf .venv

.PHONY: help test lint rust-test stores-test engines spec-test example-test python-test python-build twins reliability reliability-test bench doc setup tools clean
