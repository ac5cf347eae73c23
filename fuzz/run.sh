#!/usr/bin/env bash
# fuzz/run.sh SECONDS [TARGET…]: fuzzes each target for so long with libFuzzer, beginning with the seeds of
# `persistable-fuzz` and whatever was found before. It needs a stable Rust and a C++ compiler, and neither nightly nor
# cargo-fuzz: coverage comes from flags that stable has. An input that fails is left in fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:?give the seconds for each target}
shift
if [ $# -eq 0 ]; then
    for file in fuzz_targets/*.rs; do set -- "$@" "$(basename "$file" .rs)"; done
fi
coverage="-Cpasses=sancov-module -Ccodegen-units=1"
for pass in level=4 inline-8bit-counters pc-table trace-compares; do coverage+=" -Cllvm-args=-sanitizer-coverage-$pass"; done
# With --target, the flags are not those of build scripts and macros.
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="--cfg fuzzing $coverage" cargo build --release --quiet --target "$host"
programs=${CARGO_TARGET_DIR:-target}/$host/release
cargo run --quiet --manifest-path ../Cargo.toml -p persistable-fuzz -- --write-seeds "$PWD/corpus"
mkdir -p artifacts
failed=0
for target in "$@"; do
    log=artifacts/$target.log
    result="no failure"
    "$programs/$target" "corpus/$target" -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="artifacts/$target-" -print_final_stats=1 >"$log" 2>&1 || { failed=1; result="FAILED: see fuzz/$log"; }
    inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    covered=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 || true)
    echo "$target: ${inputs:-?} inputs in $seconds s, ${covered:-no coverage}, $result"
done
exit $failed
