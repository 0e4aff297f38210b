"""Slack: the two kinds of channel, and its answers."""
