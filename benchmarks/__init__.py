"""Benchmarks: each prints a table and a line per goal, and writes both with a picture."""
