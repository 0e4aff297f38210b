"""The values that travel through the notifier; standard library only."""
