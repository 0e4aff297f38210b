"""The local Slack workspace and mailboxes."""
