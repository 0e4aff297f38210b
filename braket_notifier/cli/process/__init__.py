"""The notifier as one process on one machine, for the tasks that its user may read."""
