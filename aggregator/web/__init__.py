"""The readers' side: the report, the snapshot, one node's fitness, metrics; and traces on demand, which agents make.

Nothing in here changes what is known of the fleet.
"""
