"""The CA certificates that the node's runtime reads, from where Go's crypto/x509 reads them.

The system's: the first readable of Go's list of files, and every file of all of its directories; SSL_CERT_FILE and
SSL_CERT_DIR of the runtime's environment stand in their place. Then the CA files that the registry's own configuration
names. Blocks that are no certificate are passed over, as Go does, and said.

Cannot see: what a runtime read when it started, where the file has been changed since.

Source: Go crypto/x509 root_linux.go, root_unix.go, cert_pool.go; encoding/pem.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.host.endpoint import TrustSource
from agent.host.root import HostFileError, Root

FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/pki/tls/cacert.pem",  # OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # RHEL 7 and later
    "/etc/ssl/cert.pem",  # Alpine
)
DIRECTORIES = ("/etc/ssl/certs", "/etc/pki/tls/certs")

_BEGIN = b"-----BEGIN CERTIFICATE-----"
# No `-` in the body: a block that was cut off never swallows the next one. No `:`: blocks with headers are passed over.
_BLOCK = re.compile(rb"^-----BEGIN CERTIFICATE-----[ \t\r]*\n([^:-]*)-----END CERTIFICATE-----", re.MULTILINE)

Stamp = tuple[int, int, int, int]


@dataclass(slots=True)
class Bundle:
    """What was read: certificates as DER, each once; where they come from; what was passed over, in words.

    `stamps` tell whether one of the files has changed since.
    """

    certificates: dict[bytes, None] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    stamps: dict[Path, Stamp | None] = field(default_factory=dict)

    def add(self, path: str, content: bytes) -> int:
        """Take the certificates out of a file's content, and give how many it holds."""
        found = 0
        for body in _BLOCK.findall(content):
            try:
                self.certificates[base64.b64decode(b"".join(body.split()), validate=True)] = None
            except binascii.Error:
                continue
            found += 1
        broken = content.count(_BEGIN) - found
        if broken > 0:
            self.remarks.append(f"{path}: {broken} broken PEM block{'s' if broken > 1 else ''} passed over")
        if found:
            self.files.append(path)
        return found

    def watch(self, real: Path) -> None:
        """Remember how a file is now, before it is read."""
        self.stamps[real] = stamp(real)


def stamp(real: Path) -> Stamp | None:
    """Give what changes when a file's content does; none where there is no file."""
    try:
        is_now = real.stat()
    except OSError:
        return None
    return (is_now.st_mtime_ns, is_now.st_ctime_ns, is_now.st_size, is_now.st_ino)


def unchanged(stamps: Mapping[Path, Stamp | None]) -> bool:
    """Tell whether every file is as it was."""
    return all(stamp(real) == before for real, before in stamps.items())


def read(root: Root, source: TrustSource, env: Mapping[str, str], *, strict: bool = True) -> Bundle:
    """Read all certificates of a source.

    Raises:
        HostFileError: a CA file that is named is missing, or (where `strict`) holds no certificate, or this process may
            not read one.
    """
    bundle = Bundle()
    if source.system:
        _add_system(bundle, root, env)
    for path in source.extra:
        _add_extra(bundle, root, path, strict)
    return bundle


def _add_system(bundle: Bundle, root: Root, env: Mapping[str, str]) -> None:
    named = env.get("SSL_CERT_FILE", "")
    for path in (named,) if named else FILES:
        bundle.watch(root.real(path))
        try:
            bundle.add(path, root.read_bytes(path))
        except FileNotFoundError:
            continue
        except HostFileError as error:
            if error.forbidden:  # the runtime may read what this process may not: nothing is known of its trust
                raise
            bundle.remarks.append(str(error))
            continue
        break
    directories = env.get("SSL_CERT_DIR", "")
    for directory in directories.split(":") if directories else DIRECTORIES:
        _add_directory(bundle, root, directory)
    if not bundle.certificates:
        where = f"SSL_CERT_FILE={named}" if named else "any of the usual places"
        bundle.remarks.append(f"no CA certificate is found at {where}")


def _add_directory(bundle: Bundle, root: Root, directory: str) -> None:
    for path, real in _entries(bundle, root, directory):
        bundle.watch(real)
        try:
            bundle.add(path, root.read_bytes(path))
        except FileNotFoundError:
            continue
        except HostFileError as error:
            if error.forbidden:
                bundle.remarks.append(str(error))


def _entries(bundle: Bundle, root: Root, directory: str) -> Iterator[tuple[str, Path]]:
    """Give what is in a directory but for links to its own files, which are there already."""
    try:
        bundle.watch(root.real(directory))
        names = root.list(directory)
    except HostFileError as error:
        bundle.remarks.append(str(error))
        return
    folder = root.real(directory)
    for name in names:
        try:
            if "/" not in str((folder / name).readlink()):
                continue
        except OSError:
            pass  # no link
        yield f"{directory.rstrip('/')}/{name}", root.real(f"{directory}/{name}")


def _add_extra(bundle: Bundle, root: Root, path: str, strict: bool) -> None:
    bundle.watch(root.real(path))
    try:
        found = bundle.add(path, root.read_bytes(path))
    except FileNotFoundError:
        raise HostFileError(path, "is named as CA file, and does not exist") from None
    if not found and strict:
        raise HostFileError(path, "is named as CA file, and holds no certificate")
    if not found:
        bundle.remarks.append(f"{path}: holds no certificate")
