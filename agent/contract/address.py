"""Where a server listens, and whether others than this machine can reach it.

Off loopback both sides of the link, and every reader, show a token: there is no open door by default.
"""

import hmac
import ipaddress
import logging
from dataclasses import dataclass
from pathlib import Path

from agent.contract.strict import ConfigError

log = logging.getLogger(__name__)

MAX_TOKEN_BYTES = 16 * 1024  # a projected service account token has 1 to 2 KiB


@dataclass(frozen=True, slots=True)
class Listen:
    """Host and port of a server; an empty host is every address of the machine, port 0 is any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)


def parse_listen(text: str) -> Listen:
    """Read `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` or `:8080`.

    Raises:
        ValueError: with what was expected.
    """
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535 or (":" in host and not bracketed):
        raise ValueError(f"expected HOST:PORT such as 127.0.0.1:8080, got {text!r}")
    return Listen(host[1:-1] if bracketed else host, int(port))


def is_loopback(host: str) -> bool:
    """Tell whether `host` can only be this machine itself. A name other than `localhost` may be anything."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_token(path: str) -> str:
    """Read the token in a file. It is read anew each time that it is shown: such files are rotated.

    Raises:
        ConfigError: where there is none.
    """
    try:
        with Path(path).open("rb") as file:
            token = file.read(MAX_TOKEN_BYTES + 1).decode("ascii").strip()
    except OSError as error:
        raise ConfigError(f"{path}: the token cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is no token: not ASCII") from error
    if not token or len(token) > MAX_TOKEN_BYTES or any(not char.isprintable() or char == " " for char in token):
        raise ConfigError(f"{path}: is no token: expected one line of text without spaces")
    return token


def shows_token(authorization: str, path: str | None) -> bool:
    """Tell whether an `Authorization` header shows the token in a file; without a file, or a token in it, none does."""
    try:
        wanted = f"Bearer {read_token(path)}" if path else ""
    except ConfigError as error:
        log.error("nobody can be let in: %s", error)
        return False
    return bool(wanted) and hmac.compare_digest(authorization.encode("utf-8", "surrogateescape"), wanted.encode())
