"""The checks of doctor and preflight. Each yields findings."""
