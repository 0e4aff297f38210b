"""The library and the command line of the Braket status notifier."""

__version__ = "0.1.0"
#: The words in every stack's description by which `preflight` recognises the notifier's stacks.
PRODUCT = "Braket status notifier"
