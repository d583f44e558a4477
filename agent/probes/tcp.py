"""One TCP connection to one address.

Cannot see: a middlebox that answers in the server's name.

Source: connect(2), ip(7), icmp(7).
"""

import asyncio
import errno
import ipaddress

from agent.probes.fault import Fault
from agent.probes.stream import Stream

# What the kernel says where there is no way to the address: by its routes (EINVAL: a blackhole, EACCES: a prohibition),
# or because a router or a firewall on the way says so.
NO_WAY = {
    errno.ENETUNREACH: "network is unreachable",
    errno.EHOSTUNREACH: "no route to host",
    errno.EHOSTDOWN: "host is down",
    errno.ENETDOWN: "network is down",
    errno.EADDRNOTAVAIL: "no address of this family on the node",
    errno.EAFNOSUPPORT: "no such address family on the node",
    errno.EINVAL: "the node's routes lead nowhere",
    errno.EACCES: "forbidden by a route or rule of the node",
    errno.EPERM: "forbidden by a rule of the node",
}


async def redial(like: Stream, patience_s: float) -> Stream:
    """Open another connection to where one leads, by the way that it came. Raises as `dial`, and `proxy_failed`."""
    return await (like.again(patience_s) if like.again else dial(like.address, like.port, patience_s))


async def dial(address: str, port: int, patience_s: float) -> Stream:
    """Open a connection to an IP literal.

    Raises:
        Fault: connect_refused, connect_timeout (no way there, too) or connection_reset; `errno` in the evidence.
    """
    try:
        async with asyncio.timeout(patience_s):
            reader, writer = await asyncio.open_connection(address, port)
    except OSError as error:  # TimeoutError is one, too
        fault = _fault(error, address, port, patience_s)
        if fault is None:
            raise
        raise fault from error
    return Stream(reader, writer, address, port)


def _fault(error: OSError, address: str, port: int, patience_s: float) -> Fault | None:
    """Give the fact about the target; none where the instrument ran out of something (ports, descriptors)."""
    where = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    number = error.errno
    if number == errno.EADDRNOTAVAIL and ":" not in address:
        return None  # no local port is free
    if isinstance(error, TimeoutError):
        within = "the system's patience" if number else f"{patience_s:g} s"
        return Fault("connect_timeout", f"{where} does not answer within {within}", address=address)
    code = errno.errorcode.get(number or 0, "")
    if isinstance(error, ConnectionRefusedError):
        return Fault("connect_refused", f"{where} refuses the connection", address=address, errno=code)
    if isinstance(error, ConnectionError):
        return Fault("connection_reset", f"{where} cuts the connection off", address=address, errno=code)
    if number in NO_WAY:
        return Fault("connect_timeout", f"{where}: {NO_WAY[number]}", address=address, errno=code)
    return None


def place(target: str) -> tuple[str, int]:
    """Read `quay.io:443` or `[2001:db8::1]:443`.

    Raises:
        ValueError: where it is neither.
    """
    host, colon, port = target.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not bare or (":" in bare and bare == host) or not port.isascii() or not port.isdigit():
        raise ValueError(f"{target!r} is no host and port")
    return bare, int(port)


def is_literal(host: str) -> bool:
    """Tell whether a host is an IP address, of which no resolver is asked."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
