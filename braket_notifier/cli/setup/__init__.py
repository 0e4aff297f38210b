"""The parts of `init`: its questions, their answers in notifier.toml, and the page for an administrator."""
