"""Pure functions by tables: no socket, no sleep, the whole tier in seconds."""
