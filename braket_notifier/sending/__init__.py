"""One notification to one channel: claim, send once, mark."""
