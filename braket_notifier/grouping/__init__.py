"""Many notifications in one message, for channels that people read."""
