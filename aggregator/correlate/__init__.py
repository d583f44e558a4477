"""A fleet goes in, findings come out: why images cannot be pulled, and on which nodes.

Here live the rules and what they stand on. What one node tells: `view` (out of `current` results, their `history` and
`measures`), in `cell`s; what it takes its failures for: `explain`, `claim`. The fleet: `matrix`, with `answers` in
`column`s, `claims` in `bucket`s, `facts`, `state`s and `symptoms`. The rules: `silence`, `failures`, `warnings`, by
`subject`, `noise` (`chance`), `scope`. What a person reads: `finding`, with `differences`, `evidence`, `confidence`;
`checklist`, `verdict`.

A report of one node changes what this node tells in the matrix, and a report is read off it: one implementation for
one node and for all. Pure: no I/O, no clock, nothing that depends on the order of its input.
"""

from aggregator.correlate.engine import correlate, report_of, take
from aggregator.correlate.incident import Incident, incidents
from aggregator.correlate.matrix import Matrix

__all__ = ["Incident", "Matrix", "correlate", "incidents", "report_of", "take"]
