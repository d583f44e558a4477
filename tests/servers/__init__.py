"""Real servers that several tests start, one module each."""
