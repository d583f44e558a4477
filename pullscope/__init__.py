"""The command: a thin shell over agent and aggregator. How it prints is decided here; what is true, there."""
