"""Text, numbers and times in words, and tolerant reading of JSON."""
