"""Starts the command line: `python -m braket_notifier.cli`, as `bin/braket-notifier` does, and the installed script."""

import sys

try:
    import signal
except KeyboardInterrupt:  # nothing can handle Ctrl-C before
    sys.exit(130)


def start() -> int:
    """Load and run the command; Ctrl-C before that ends the process without a traceback."""
    handler = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from braket_notifier.cli.main import main  # noqa: PLC0415 - boto3 takes a second to load

    signal.signal(signal.SIGINT, handler)
    return main()


if __name__ == "__main__":
    sys.exit(start())
