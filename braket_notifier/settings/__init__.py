"""The file notifier.toml, read and checked."""
