"""What happened, and what was said of it: incidents with their times, and the reports of the past.

Pure, but for `memory`, which joins them to the fleet and the store: `ledger` (the life of each incident), `seen` (what
the nodes' own answers say of one), `journal` (a report as its difference to the one before), `delta`, `allowance`.
"""
