"""Values that every package uses. They need the standard library only."""
