"""Something that only the layer brings."""
