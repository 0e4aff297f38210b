"""What to tell whom about Braket's quantum tasks and hybrid jobs; a library that knows nothing of Lambda."""
