#!/usr/bin/env bash
# Runs the examples in Rust twice in an empty folder, and compares what they print.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
examples=$(realpath "${CARGO_TARGET_DIR:-target}/release/examples")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for origin in generated loaded; do
    "$examples/outlier_detection" | sed -E 's/\([0-9a-f]{32}\)//' >"$origin.txt"
    diff - "$origin.txt" <<END
gaussian_distributed_points: $origin
  first number 0.771320643266746
outlier_estimator: $origin
  mean 0.48534879111973994, standard deviation 0.27497659243084727
$(tail -n 1 "$origin.txt" | grep -E '^[0-9]+ of 100 numbers are outliers$')
END
    # The table of the gallery, and its picture.
    sed -n '/--example monte_carlo$/,/^```/p' "$root/examples/README.md" | sed '1d;$d' >"shown.txt"
    "$examples/monte_carlo" | diff shown.txt -
    diff "$root/examples/pictures/monte_carlo.svg" pictures/monte_carlo.svg
done
echo "4 passed, 0 failed"
