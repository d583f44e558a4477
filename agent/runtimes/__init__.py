"""Real pulls through the node's own runtimes: timed, bounded, one at a time, and nothing left behind.

`order` says what is to be pulled and how it went; `crictl` and `podman` pull; `leftover` remembers, on disk, what is to
be undone if this process is killed; `images` lists what the node really uses.
"""
