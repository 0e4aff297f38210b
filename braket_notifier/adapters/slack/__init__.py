"""Slack: the two kinds of channel, and the opener through which slack-sdk sends."""
