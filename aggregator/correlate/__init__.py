"""A fleet goes in, findings come out: why images cannot be pulled, and on which nodes.

Here live the rules and what they stand on: what one node tells (`view`), the fleet as a matrix (`fleet`, `cell`,
`place`), first causes (`explain`), subjects (`subject`), noise (`history`, `chance`, `noise`), scope and differences
(`scope`, `differences`), and what a person reads of it (`finding`, `evidence`, `checklist`, `verdict`).
Pure: no I/O, no clock, nothing that depends on the order of its input.
"""

from aggregator.correlate.engine import correlate
from aggregator.correlate.incident import Incident, incidents

__all__ = ["Incident", "correlate", "incidents"]
