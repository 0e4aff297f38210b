"""The fakes that a dry run, the gallery and benchmarks need; `tests/memory/` has the others."""
