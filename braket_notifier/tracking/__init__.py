"""Rows of snapshots: detect, record, reconcile."""
