"""A folder of certificates for one host, in Docker's layout: `*.crt` are trusted, `*.cert` and `*.key` are a client's.

Source: containers-certs.d(5); Docker's certs.d; containerd's `loadCertFiles`.
"""

from agent.host.endpoint import TrustSource
from agent.host.root import HostFileError, Root


def trust_of(root: Root, folder: str, *, strict: bool, verify: bool = True) -> TrustSource:
    """Give what a folder adds to the system's trust; nothing where it is not there.

    Args:
        strict: a client certificate without its key (or the other way round) is a mistake, as to containers/image;
            else the certificate's own file is taken for its key, as containerd does.

    Raises:
        HostFileError: where the folder cannot be read, or holds half a pair.
    """
    names = root.list(folder)
    extra = tuple(f"{folder}/{name}" for name in names if name.endswith(".crt"))
    client: tuple[str, str] | None = None
    for name in names:
        stem, _, kind = name.rpartition(".")
        if kind == "key" and strict and f"{stem}.cert" not in names:
            raise HostFileError(folder, f"missing client certificate {stem}.cert for key {name}")
        if kind != "cert":
            continue
        if f"{stem}.key" not in names and strict:
            raise HostFileError(folder, f"missing key {stem}.key for client certificate {name}")
        key = f"{stem}.key" if f"{stem}.key" in names else name
        client = client or (f"{folder}/{name}", f"{folder}/{key}")
    return TrustSource(extra=extra, verify=verify, client=client)
