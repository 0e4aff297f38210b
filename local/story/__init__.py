"""The story that `make run` plays."""
