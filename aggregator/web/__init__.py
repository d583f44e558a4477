"""The readers' side: the report, the snapshot, one node's fitness, metrics. Nothing in here changes anything."""
