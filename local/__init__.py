"""The whole notifier on one machine: a Braket emulator, an inbox, a local cloud and a runner."""
