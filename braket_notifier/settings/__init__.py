"""Reads and checks the file notifier.toml."""
