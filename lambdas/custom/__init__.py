"""What a user adds: one file is one handler (docs/handlers.md)."""
