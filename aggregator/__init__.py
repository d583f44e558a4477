"""The aggregator: puts the nodes side by side and names cause, scope and fix.

Of the agent it knows the contract only.
"""
