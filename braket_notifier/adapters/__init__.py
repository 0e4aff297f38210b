"""The thin edges: one module for each outside thing, never importing one another."""
