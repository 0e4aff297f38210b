"""What the notifier costs, measured: each benchmark prints a table, a line per goal, and keeps both with a picture."""
