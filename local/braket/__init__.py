"""An emulator of Amazon Braket."""
