"""Every door, in the order of a pull's way; a door's place in the tuple is its number.

Hosts are named by numbers, so that no name helps the reader.
"""

from tests.lab.living.door import Door
from tests.lab.living.doors import answers, connections, content, handshakes, refusals
from tests.servers import images

DOORS: tuple[Door, ...] = (
    *connections.DOORS,
    *handshakes.DOORS,
    *answers.DOORS,
    *refusals.DOORS,
    *content.DOORS,
)
PROXY_ADDRESS = "10.99.2.1"
FIRST_ADDRESS = 20  # in 10.99.2.0/24


def host_of(door: Door) -> str:
    """Give a door's host name."""
    return f"site-{DOORS.index(door) + 1}.lab"


def own_address_of(door: Door) -> str:
    """Give the address that is kept for a door."""
    return f"10.99.2.{FIRST_ADDRESS + DOORS.index(door)}"


def content_of(door: Door) -> images.Image:
    """Give the image behind a door."""
    return images.image(sizes=(2_000 + DOORS.index(door),))


def image_of(door: Door) -> str:
    """Give the name of the image that a door is asked for."""
    tail = f"@{content_of(door).manifest.digest}" if door.by_digest else ":1"
    return f"{host_of(door)}/team/app{tail}"


def names() -> dict[str, str]:
    """Give the address of every door that has one, by its host name."""
    addresses = {host_of(door): own_address_of(door) if door.address is None else door.address for door in DOORS}
    return {host: address for host, address in addresses.items() if address}
