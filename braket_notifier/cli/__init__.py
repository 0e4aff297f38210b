"""What the operator types, on a machine of their own; never part of what Lambda runs."""
