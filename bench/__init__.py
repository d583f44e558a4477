"""What Pullscope costs, each figure beside a peer or a limit that is measured in the same run.

May live here: one module per figure with a `measure()`, the sites and peers that they need, and `python -m bench`,
which prints them all. Absolute times differ between machines; ratios hold. No test asserts any of them.
"""
