"""Values that every package uses; they need the standard library only."""
