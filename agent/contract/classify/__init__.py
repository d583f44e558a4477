"""What does the text of a failed pull say? `classify(text)` gives its cause, image, host and telling words.

Here live the engine, and in `rules/` the tables of what each piece of software prints. Pure: no I/O, no state but
compiled patterns. A rule reads one lower-cased line; it never learns from a message corpus line by line.
"""

from agent.contract.classify.engine import classify

__all__ = ["classify"]
