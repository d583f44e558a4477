"""What does containers' policy.json let this node pull at all?

The most particular scope that is named counts: the repository, the paths above it, the host, its domains, the
transport, and the default. One requirement of the type `reject` is enough to refuse.

Cannot see: whether a signature that is required is there, and good; scopes of single tags; the policy of a user's own.

Source: containers-policy.json(5); containers/image, docker/reference and signature/policy_eval.go.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from agent.host.fault import Fault
from agent.host.root import HostFileError, Root

PATH = "/etc/containers/policy.json"


def check(root: Root, registry: str, path: str) -> None:
    """Raise what the policy says against pulling a repository; silent where there is none.

    Raises:
        HostFileError: where the file is broken.
        Fault: `policy_blocked` where it rejects the repository.
    """
    try:
        policy = _object(msgspec.json.decode(root.read_bytes(PATH)), "the policy")
    except FileNotFoundError:
        return
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise HostFileError(PATH, f"is no JSON: {error}") from error
    if not isinstance(policy.get("default"), list):
        raise HostFileError(PATH, "default: expected a list of requirements")
    scopes = _object(_object(policy.get("transports", {}), "transports").get("docker", {}), "transports.docker")
    scope = next((one for one in _scopes(registry, path) if one in scopes), None)
    required = policy["default"] if scope is None else scopes[scope]
    if not isinstance(required, list) or not required:
        raise HostFileError(PATH, f"transports.docker[{scope!r}]: expected a list of requirements")
    if any(isinstance(one, dict) and one.get("type") == "reject" for one in required):
        where = "default" if scope is None else scope or "the transport docker"
        raise Fault("policy_blocked", f"{registry}/{path} is rejected by {PATH} ({where})", file=PATH)


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise HostFileError(PATH, f"{what}: expected an object")
    return value


def _scopes(registry: str, path: str) -> Iterator[str]:
    """Give what may name a repository, the most particular first."""
    name = f"{registry}/{path}"
    while name:
        yield name
        name = name.rpartition("/")[0]
    host = registry
    while "." in host:
        host = host.partition(".")[2]
        yield f"*.{host}"
    yield ""
