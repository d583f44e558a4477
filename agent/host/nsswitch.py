"""Which sources does the node ask for a host name, and which answer ends the asking?

Go reads the file too, but follows only files and dns, in their order; whatever else stands there it hands to glibc
(where it was built with cgo, as distributions do).

Cannot see: what sources answer that are no files and no DNS (mdns, sss, wins …): they are taken as not available, so
that the next source is asked; `[SUCCESS=continue]` and `merge`.

Source: nsswitch.conf(5); glibc nss/nss_action_parse.c; Go net/conf.go and net/nss.go.
"""

import re
from dataclasses import dataclass
from typing import Literal

from agent.host.root import HostFileError, Root

PATH = "/etc/nsswitch.conf"

Status = Literal["success", "notfound", "unavail", "tryagain"]

_STATUSES: tuple[Status, ...] = ("success", "notfound", "unavail", "tryagain")
_WORD = re.compile(r"\[([^\]]*)\]|([^\s\[\]]+)")
_CRITERION = re.compile(r"(!?)(\w+)=(\w+)")


@dataclass(frozen=True, slots=True)
class Source:
    """One source; `ends_on`: the statuses after which no other is asked; `plain`: Go sees nothing special in it."""

    name: str
    ends_on: frozenset[Status] = frozenset({"success"})
    plain: bool = True


DEFAULT = (Source("files"), Source("dns"))


def read(root: Root) -> tuple[Source, ...]:
    """Give the sources for host names, in order; files and dns where the file says nothing, as glibc and Go do.

    Raises:
        HostFileError: where this process may not read the file.
    """
    try:
        return parse(root.read_text(PATH))
    except FileNotFoundError:
        return DEFAULT
    except HostFileError as error:
        if error.forbidden:
            raise
        return DEFAULT


def parse(text: str) -> tuple[Source, ...]:
    """Read the `hosts:` line; the last one counts, and an empty one means no source: glibc knows no name then."""
    sources: tuple[Source, ...] = DEFAULT
    for line in text.split("\n"):
        database, colon, rest = line.split("#", 1)[0].partition(":")
        if colon and database.strip() == "hosts":
            sources = _sources(rest)
    return sources


def left_to_glibc(sources: tuple[Source, ...], name: str = "") -> bool:
    """Tell whether Go hands the lookup (of any name, or of this one) to glibc because of the sources."""
    for source in sources:
        if source.name in ("files", "dns"):
            if not source.plain:
                return True
        elif source.name == "myhostname":
            if is_localhost(name):
                return True
        elif not source.name.startswith("mdns") or name.rstrip(".").lower().endswith(".local"):
            return True
    return bool(sources) and not any(source.name in ("files", "dns") for source in sources)


def as_go_asks(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Give the sources that Go itself asks where it does not leave the lookup to glibc."""
    return tuple(Source(source.name) for source in sources if source.name in ("files", "dns")) or DEFAULT


def is_localhost(name: str) -> bool:
    """Tell whether the `myhostname` source knows the name on every machine."""
    name = name.rstrip(".").lower()
    return name in ("localhost", "localhost.localdomain") or name.endswith((".localhost", ".localhost.localdomain"))


def _sources(text: str) -> tuple[Source, ...]:
    found: list[Source] = []
    for criteria, name in _WORD.findall(text):
        if name:
            found.append(Source(name))
        elif found:
            found[-1] = _with_criteria(found[-1].name, _CRITERION.findall(criteria.lower()))
    return tuple(found)


def _with_criteria(name: str, criteria: list[tuple[str, str, str]]) -> Source:
    ends: set[Status] = {"success"}
    plain = True
    for place, (negated, status, action) in enumerate(criteria):
        meant = {one for one in _STATUSES if (one == status) != bool(negated)}
        ends = ends | meant if action == "return" else ends - meant
        is_default = action == ("return" if status == "success" else "continue")
        is_last_return = action == "return" and place == len(criteria) - 1  # Go counts this one as nothing special
        plain = plain and not negated and status in _STATUSES and (is_default or is_last_return)
    return Source(name, frozenset(ends), plain)
