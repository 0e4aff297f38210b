"""The library and the command line of the Braket status notifier."""

__version__ = "0.1.0"
