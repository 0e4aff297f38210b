"""A message as Slack blocks, e-mail and JSON."""
