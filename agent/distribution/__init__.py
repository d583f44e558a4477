"""The registry protocol as a check speaks it: challenges, tokens, redirects, endpoints in the runtime's order.

Everything here goes through a `Look`, so every host that an answer names becomes a target of its own. No socket is
opened and no verdict is given here.
"""
