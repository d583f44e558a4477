"""One file of registry credentials in Docker's form, and which of its entries a repository gets.

Source: containers-auth.json(5) and containers/image, pkg/docker/config; kubelet's credentialprovider keyring.
"""

import base64
import binascii
import fnmatch
import hashlib
from dataclasses import dataclass, field
from typing import Any

from agent.host.dockerd import read_json
from agent.host.endpoint import HUB, HUB_HOST
from agent.host.root import HostFileError, Root

_HUB_NAMES = frozenset({HUB, HUB_HOST, "index.docker.io"})


@dataclass(frozen=True, slots=True)
class Credential:
    """What the node would show to a registry. The secret never appears in its text.

    `username` is empty where the secret is an identity token. `everywhere` tells that it is shown at whatever place the
    runtime asks for the image, mirrors too, as kubelet's are.
    """

    source: str
    registry: str
    username: str
    secret: str = field(repr=False)
    everywhere: bool = False

    @property
    def fingerprint(self) -> str:
        """Something that equal credentials share, and that does not give them away."""
        return hashlib.sha256(f"{self.username}\0{self.secret}".encode()).hexdigest()


def entries(root: Root, path: str, *, bare: bool = False) -> dict[str, Any]:
    """Give the entries of a file by their keys; empty where there is no file.

    Args:
        bare: the old form, in which the entries stand at the top.

    Raises:
        HostFileError: where the file is broken.
    """
    document = read_json(root, path)
    found = document if bare else document.get("auths", {})
    if found is not None and not isinstance(found, dict):
        raise HostFileError(path, "auths: expected an object")
    return found or {}


def decode(path: str, key: str, entry: Any, *, everywhere: bool = False) -> Credential | None:
    """Read one entry; none where it holds nothing, as Docker leaves it beside a credential helper.

    Raises:
        HostFileError: where it is broken.
    """
    if not isinstance(entry, dict):
        raise HostFileError(path, f"auths.{key}: expected an object")
    texts = {name: entry.get(name) or "" for name in ("auth", "username", "password", "identitytoken")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise HostFileError(path, f"auths.{key}: expected texts")
    username, secret = texts["username"], texts["password"]
    if texts["auth"]:
        try:
            decoded = base64.b64decode(texts["auth"], validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            raise HostFileError(path, f"auths.{key}.auth: is no base64") from None
        name, colon, rest = decoded.partition(":")
        username, secret = (name, rest.strip("\0")) if colon else (username, secret)
    if texts["identitytoken"]:
        username, secret = "", texts["identitytoken"]
    return Credential(path, key, username, secret, everywhere) if secret else None


def by_containers(path: str, found: dict[str, Any], registry: str, repository: str) -> Credential | None:
    """Give the entry of the longest namespace, as containers/image and Docker match."""
    name = f"{registry}/{repository}" if repository else registry
    while name:
        if name in found:
            return decode(path, name, found[name])
        name = name.rpartition("/")[0]
    for key, entry in found.items():
        if _host(key) == (HUB if registry in _HUB_NAMES else registry):
            return decode(path, key, entry)
    return None


def by_kubelet(path: str, found: dict[str, Any], registry: str, repository: str) -> list[Credential]:
    """Give every entry that matches, the longest key first: kubelet tries one after the other."""
    credentials = []
    for key in sorted(found, key=len, reverse=True):
        host, _, prefix = key.removeprefix("https://").removeprefix("http://").partition("/")
        prefix = "" if prefix in ("v1/", "v2/", "v1", "v2") else prefix.rstrip("/")
        hub = host in _HUB_NAMES and registry == HUB
        if not (hub or _matches_host(host, registry)) or not repository.startswith(prefix):
            continue
        credential = decode(path, key, found[key], everywhere=True)
        if credential is not None:
            credentials.append(credential)
    return credentials


def _host(key: str) -> str:
    host = key.removeprefix("http://").removeprefix("https://")
    host = host.partition("/")[0] if host != key else host
    return HUB if host in _HUB_NAMES else host


def _matches_host(pattern: str, registry: str) -> bool:
    """Match as kubelet: each label by itself, the port as it is."""
    wanted, _, wanted_port = pattern.partition(":")
    host, _, port = registry.partition(":")
    labels, parts = wanted.split("."), host.split(".")
    if len(labels) != len(parts) or (wanted_port and wanted_port != port) or (not wanted_port and port):
        return False
    return all(fnmatch.fnmatchcase(part, label) for label, part in zip(labels, parts, strict=True))
