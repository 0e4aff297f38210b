"""Samples of every message, and pictures of them."""
