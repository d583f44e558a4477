"""The living corpus: every tool that pulls images meets every fault, and what it really prints must be read right.

May live here: the tools (`tool.py`), the doors (`doors/`: hosts that are broken all the time, each in its own way), the
further faults of a node (`further/`), how the lab's own faults are met (`labfaults.py`), how a tool's words are judged
(`reading.py`), and what runs all of it side by side (`corpus.py`).
"""
