"""The checks of doctor and preflight; each yields findings."""
