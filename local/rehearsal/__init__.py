"""Faults to try in a run that stays up, and each alarm's first look: docs/rehearse.md."""
