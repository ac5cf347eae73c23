"""The parts of the stub of `persistable._core`. They are there for type checkers alone."""
