"""A word in every made-up secret: a leak, if found anywhere else."""

CANARY = "canary-of-a-secret"
