"""The agents' side: who may speak, what a report changes, ack after commit, directives."""
