"""What does the node's /etc/hosts say of a name?

The file may be large (block lists), so only the lines that hold the name are looked at.

Cannot see: `HOSTALIASES` in a runtime's environment.

Source: hosts(5); Go net/hosts.go: names without regard to case, every line that names it counts, `#` ends a line.
"""

import ipaddress
from collections.abc import Iterator

from agent.host.root import HostFileError, Root

PATH = "/etc/hosts"


def addresses(root: Root, name: str, *, by_glibc: bool = False) -> tuple[str, ...]:
    """Give the addresses of a name in the order of the file; empty where there are none, or no file that can be used.

    `by_glibc`: a last dot makes another name, as glibc compares; Go does not look at it.

    Raises:
        HostFileError: where this process may not read the file.
    """
    try:
        return find(root.read_bytes(PATH), name, by_glibc=by_glibc)
    except FileNotFoundError:
        return ()
    except HostFileError as error:
        if error.forbidden:
            raise
        return ()


def find(content: bytes, name: str, *, by_glibc: bool = False) -> tuple[str, ...]:
    """Find a name in the content of a hosts file; `by_glibc` as in `addresses`."""
    last_dot = "" if by_glibc else "."
    wanted = name.removesuffix(last_dot).lower().encode("utf-8", "surrogateescape")
    if not wanted:
        return ()
    found: dict[str, None] = {}
    for line in _lines_with(content, wanted):
        fields = line.split(b"#", 1)[0].split()
        if wanted in (alias.lower().removesuffix(last_dot.encode()) for alias in fields[1:]):
            address = _address(fields[0])
            if address:
                found[address] = None
    return tuple(found)


def _lines_with(content: bytes, wanted: bytes) -> Iterator[bytes]:
    lowered = content.lower()
    at = lowered.find(wanted)
    while at >= 0:
        end = lowered.find(b"\n", at)
        end = len(content) if end < 0 else end
        yield content[lowered.rfind(b"\n", 0, at) + 1 : end]
        at = lowered.find(wanted, end)


def _address(text: bytes) -> str | None:
    try:
        return str(ipaddress.ip_address(text.decode("ascii")))
    except ValueError:  # a UnicodeDecodeError is one too
        return None
