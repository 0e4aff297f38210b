"""The composition root: each function's adapters, built from the environment on first use and kept."""
