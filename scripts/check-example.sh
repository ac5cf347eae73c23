#!/usr/bin/env bash
# Runs the README's first example twice in an empty folder and compares what it prints.
set -euo pipefail
target=${CARGO_TARGET_DIR:-target}
example=$(realpath "$target/release/examples/outlier_detection")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for origin in generated loaded; do
    "$example" | sed -E 's/\([0-9a-f]{32}\)//' >"$origin.txt"
    diff - "$origin.txt" <<END
gaussian_distributed_points: $origin
  first number 0.771320643266746
outlier_estimator: $origin
  mean 0.48534879111973994, standard deviation 0.27497659243084727
$(tail -n 1 "$origin.txt" | grep -E '^[0-9]+ of 100 numbers are outliers$')
END
done
echo "2 passed, 0 failed"
