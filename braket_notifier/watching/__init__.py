"""Decisions of the sweep beside the statuses of resources."""
