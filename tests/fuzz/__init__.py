"""What nobody would send to `pullscope classify`, a million times: `python -m tests.fuzz`.

May live here: the makers of inputs, the secrets that must never come out, and the run that counts and compares. A short
run of it is part of the tests.
"""
