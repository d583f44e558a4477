"""Instruments: one question to the outside each. The only layer that touches sockets, and it has no opinion.

A probe turns its library's exceptions into `Fault`; what it cannot express as a fact of the target it raises as it is,
and the round makes `unknown` of it.
"""
