"""One module per command, imported only when that command is called: the start-up of one must not pay for the others.

Each module has one click command called `command`.
"""

NAMES = ("run", "trace", "classify", "correlate", "report", "agent", "aggregator")
