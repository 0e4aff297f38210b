"""A word that stands in everything here that nobody may be told: wherever else it is found, something has leaked."""

CANARY = "canary-of-a-secret"
