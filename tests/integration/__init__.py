"""Each probe and service against the real thing on loopback; never a mock of a library."""
