"""What the aggregator asks of agents, over their links: to look now, to trace an image, to pull or not to pull.

Each module decides by itself and purely, with time as a number; `desk` wires them to the links.
"""
