"""The words that agent and aggregator share: causes, results, reports, the wire form, the classifier of messages.

Pure: no module in here does I/O or imports a library that could.
"""
