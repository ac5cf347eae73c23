#!/bin/sh
# Stands before rustc for the crates of the workspace: switches on the code that breaks the store, for `src/self_test.rs`.
exec "$@" --cfg persistable_sabotage
