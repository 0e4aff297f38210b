"""Slack by bot token and by incoming webhook."""
