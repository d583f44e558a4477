"""The side that hears all nodes: intake, store, correlation and the report. Of the agent it knows the contract only."""
