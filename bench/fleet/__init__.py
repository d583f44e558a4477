"""Fleets with known faults, and how well a report names them.

Here live the world (`knobs`, `world`, `registries`, `topology`), what may break in it (`fault`, `faults`), what its
agents would report (`runs`, `agent`, `noise`, `pods`), what a perfect report would say (`truth`, `subjects`), whole
cases by seed (`case`), and the scorer with its yardstick (`score`, `alerts`, `run`). Everything is drawn from a seed.

Nothing here asks the correlator for its opinion, except `score`, which compares.
"""
