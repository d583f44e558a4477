"""Serves every door, until told to end: `python -m tests.lab.living.serve CERTIFICATE KEY READY`.

READY is a file that is made when all of them listen.
"""

import asyncio
import contextlib
import signal
import sys
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.lab.living.door import PROXY_PORT, Place, odd_proxy
from tests.lab.living.doors import DOORS, PROXY_ADDRESS, content_of, host_of, own_address_of
from tests.servers.tls import Identity, serve_raw


async def serve(authority: Identity, ready: Path) -> None:
    """Serve until SIGTERM."""
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for door in DOORS:
            if door.serve is not None:
                place = Place(host_of(door), own_address_of(door), content_of(door), folder, authority)
                await stack.enter_async_context(door.serve(place))
        await stack.enter_async_context(serve_raw(odd_proxy, host=PROXY_ADDRESS, port=PROXY_PORT))
        await asyncio.to_thread(ready.touch)
        await end.wait()


def main(certificate: str, key: str, ready: str) -> None:
    """Read the lab's authority and serve."""
    loaded = load_pem_private_key(Path(key).read_bytes(), password=None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)
    authority = Identity(x509.load_pem_x509_certificate(Path(certificate).read_bytes()), loaded)
    asyncio.run(serve(authority, Path(ready)))


if __name__ == "__main__":
    main(*sys.argv[1:])
