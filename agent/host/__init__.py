"""What this node is configured to do: resolver, trust, endpoints, credentials, runtimes, facts.

Everything is read under a `Root`; nothing in here opens a connection to a registry or a resolver.
"""
