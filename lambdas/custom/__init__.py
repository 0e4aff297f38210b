"""The user's handlers, one in each file (docs/handlers.md)."""
