"""Amazon Braket's responses, events, devices and rate limits."""
