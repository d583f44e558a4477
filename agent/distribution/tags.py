"""Which tags does a repository have, and is one image there?

Asks as the pull does: the places in the runtime's order, as the identities that the node has. Bounded in requests,
bytes and, by the look's patience, in time; of a long list the beginning and what stands around the wanted tag are read.

Cannot see: what lies between the pages that were read; tags of a registry that shows its list to nobody.

Source: the distribution specification, "listing tags"; Docker Hub's usage page: neither a list nor HEAD is a pull.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import msgspec

from agent.check import Blocked, CannotLook, Look
from agent.contract import oci
from agent.contract.reference import Reference
from agent.distribution.follow import Answer
from agent.distribution.session import Session
from agent.distribution.walk import identities
from agent.host.credentials import Credential
from agent.host.endpoint import Endpoint
from agent.host.root import HostFileError
from agent.probes.fault import Fault

PLACES_AT_MOST = 3  # mirrors and the registry: a pull that failed asked them all, this one need not
PAGES_AT_MOST = 5  # of one place: the beginning, around the tag, and what follows
PAGE_TAGS = 1000  # what the large registries give at most
PAGE_BYTES = 512 * 1024  # ten thousand tags of fifty characters: more is cut, and what came is read
REFUSALS = frozenset({401, 403, 429})
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_QUOTED_TAG = re.compile(r'"([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})"')
_NEXT = re.compile(r"<([^<>]{1,2000})>\s*;[^,]{0,200}\brel=\"?next\"?")


@dataclass(slots=True)
class Tags:
    """The tags that were read. `whole`: there are no others; `refused`: the registry does not want to be asked."""

    names: list[str] = field(default_factory=list)
    whole: bool = False
    refused: bool = False


async def read(look: Look, reference: Reference, found: Tags) -> None:
    """Read the tags of the image's repository, of a long list those around its own tag, into `found` as they come."""
    wholes = []
    for endpoint in _places(look, reference):
        there = Tags(found.names)
        try:
            for credential in identities(look.node, endpoint, reference.path):
                there.refused = False
                await _at(Session(look, endpoint, credential), reference, there)
                if not there.refused:
                    break
        except (Blocked, CannotLook, Fault, HostFileError):
            there.whole = False
        wholes.append(there.whole)
        found.refused = found.refused or there.refused
    found.whole = bool(wholes) and all(wholes)


async def digest_of(look: Look, reference: Reference) -> str | None:
    """Ask by HEAD whether an image is there: its digest, or an empty text where that is not told; none: it is not.

    Raises:
        Fault, Blocked, CannotLook, HostFileError: where no place could be asked.
    """
    places = _places(look, reference)
    problem: Exception | None = None if places else CannotLook(f"there is no place for {reference.registry}")
    for endpoint in places:
        for credential in identities(look.node, endpoint, reference.path):
            try:
                answer = await _head(look, endpoint, credential, reference)
            except (Blocked, CannotLook, Fault, HostFileError) as error:
                problem = error
                break
            if 200 <= answer.response.status < 300:
                return answer.response.header("docker-content-digest")
            if answer.response.status in REFUSALS:
                problem = Fault("auth_failed", f"{answer.origin.target} refuses")
            elif answer.response.status in (404, 410):
                break
            else:
                problem = Fault("registry_unavailable", f"{answer.origin.target} does not tell")
    if problem is not None:
        raise problem
    return None


def _places(look: Look, reference: Reference) -> Sequence[Endpoint]:
    try:
        named = look.node.endpoints(reference.registry, reference.path)
    except (Fault, HostFileError):
        return ()
    return [one for one in named if "resolve" in one.may][:PLACES_AT_MOST]


async def _head(look: Look, endpoint: Endpoint, credential: Credential | None, reference: Reference) -> Answer:
    repository = endpoint.path_of(reference.path)
    return await Session(look, endpoint, credential).ask(
        "HEAD",
        f"/{repository}/manifests/{reference.selector}",
        scope=f"repository:{repository}:pull",
        accept=oci.ACCEPT,
    )


async def _at(session: Session, reference: Reference, found: Tags) -> None:
    """Read the list of one place: its first page, the pages around the tag, then on from the first."""
    repository = session.endpoint.path_of(reference.path)
    following: str | None = f"n={PAGE_TAGS}"
    around = list(_around(reference.tag or ""))
    for page in range(PAGES_AT_MOST):
        is_first = page == 0
        if not is_first and around:
            query, goes_on = around.pop(0), False
        elif following is not None:
            query, goes_on = following, True
        else:
            break
        answer = await session.ask(
            "GET",
            f"/{repository}/tags/list?{query}",
            scope=f"repository:{repository}:pull",
            accept="application/json",
            max_bytes=PAGE_BYTES,
        )
        if answer.response.status != 200:
            found.refused = answer.response.status in REFUSALS
            found.whole = is_first and answer.response.status == 404
            break
        found.names += _tags(answer)
        if goes_on:
            following = None if answer.response.truncated else _next(answer)
            found.whole = following is None and not answer.response.truncated
            if found.whole:
                return


def _around(tag: str) -> Iterator[str]:
    """Give the queries for the pages in which neighbours of a tag begin; lists are in the order of their letters."""
    for start in dict.fromkeys((tag[:-1], tag[1:-1] if tag[:1] in "vV" else f"v{tag[:-1]}")):
        if len(start) > 1:
            yield f"n={PAGE_TAGS}&last={quote(start, safe='')}"


def _tags(answer: Answer) -> list[str]:
    """Read one page; of one that was cut, the tags that came whole."""
    body = answer.response.body
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        _, named, rest = body.decode("utf-8", errors="replace").partition('"tags"')
        return _QUOTED_TAG.findall(rest) if named and answer.response.truncated else []
    tags = document.get("tags") if isinstance(document, dict) else None
    return [tag for tag in tags if isinstance(tag, str) and _TAG.fullmatch(tag)] if isinstance(tags, list) else []


def _next(answer: Answer) -> str | None:
    """Give the query of the next page. Only the query: the rest of the address is ours, whatever a server names."""
    for header in answer.response.all("link"):
        found = _NEXT.search(header)
        if found is not None:
            try:
                return urlsplit(found[1]).query or None
            except ValueError:
                return None
    return None
