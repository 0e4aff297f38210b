"""The fakes that the gallery and benchmarks need; `tests/memory/` has the others."""
