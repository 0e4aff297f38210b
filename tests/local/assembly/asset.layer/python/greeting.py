"""A module that only the layer contains."""
