"""Which channels receive a transition, and why; pure."""
