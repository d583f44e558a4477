"""What a name that leads nowhere should likely be: spelling, well-known places, neighbours in a list of tags.

May live here: pure functions from names to names, and the facts that they rest on, each with its source. Nothing is
asked; who can look a name up (`agent.likely`) says so himself.
"""

from agent.contract.suggest.likely import NOT_LOOKED_UP, suggest

__all__ = ["NOT_LOOKED_UP", "suggest"]
