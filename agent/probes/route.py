"""From which of the node's own addresses would a packet to an address leave?

Asks the kernel's routing table by connecting a datagram socket; nothing is sent.

Cannot see: whether the packet arrives.

Source: Go net/addrselect.go (srcAddrs).
"""

import socket

DISCARD_PORT = 9  # any port does: nothing is sent


def source_of(address: str) -> str | None:
    """Give the node's address, or none where there is no route to `address`, an IP literal."""
    try:
        family, _, _, _, target = socket.getaddrinfo(
            address, DISCARD_PORT, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
        )[0]
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect(target)
            return str(sock.getsockname()[0])
    except OSError:
        return None
