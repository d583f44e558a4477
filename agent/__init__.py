"""The agent: what runs on every node and looks with the eyes of the node's own runtime.

Here live: the contract that the aggregator shares (`agent.contract`), what this node is configured to do
(`agent.host`), instruments (`agent.probes`), questions (`agent.checks`), real pulls (`agent.runtimes`), and what makes
them run. No Kubernetes API, no database.
"""
