"""What a registry asks for when it answers 401.

Source: RFC 9110, section 11; the token authentication of the distribution project. Read as leniently as the
runtimes do: one challenge per header, and what cannot be read ends the list of parameters.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_SCHEME = re.compile(rf"\s*({_TOKEN})")
_PARAMETER = re.compile(rf'\s*({_TOKEN})=(?:"((?:[^"\\]|\\.)*)"|({_TOKEN})?)\s*(,?)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ORDER = ("bearer", "basic")  # what runtimes can answer, the one that they prefer first


@dataclass(frozen=True, slots=True)
class Challenge:
    """One demand: `scheme` is `bearer` or `basic`; what was not said is empty."""

    scheme: str
    realm: str = ""
    service: str = ""
    scope: str = ""
    error: str = ""


def choose(headers: Iterable[str]) -> Challenge | None:
    """Give the demand that a runtime would answer, out of all `WWW-Authenticate` headers; none if there is none."""
    offered = [challenge for header in headers if (challenge := _parse(header)).scheme in _ORDER]
    return min(offered, key=lambda challenge: _ORDER.index(challenge.scheme), default=None)


def _parse(header: str) -> Challenge:
    scheme = _SCHEME.match(header)
    if scheme is None:
        return Challenge("")
    found: dict[str, str] = {}
    position, more = scheme.end(), ","
    while more and (match := _PARAMETER.match(header, position)):
        name, quoted, plain, more = match.groups()
        found[name.lower()] = plain or _ESCAPE.sub(r"\1", quoted or "")
        position = match.end()
    known = {name: found[name] for name in ("realm", "service", "scope", "error") if name in found}
    return Challenge(scheme[1].lower(), **known)
