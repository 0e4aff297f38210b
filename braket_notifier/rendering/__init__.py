"""Transitions and digests as messages."""
