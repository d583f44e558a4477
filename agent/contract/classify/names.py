"""Which image and which host a message speaks of."""

import re

from agent.contract.reference import InvalidReferenceError, is_short, parse

# The words in front of an image's name, as kubelet, containerd, CRI-O, podman and Docker print them.
_QUOTED = re.compile(
    r"\b(?:[Ii]mage|reference|pulling|pull|PullImage|source|artifact|fromImage)[ =]\"(?:docker://)?([^\s\"<>]{1,400})\""
)
_SOURCE = re.compile(r"docker://([^\s\"',;<>]{1,400})")
_MANIFEST = re.compile(
    r"[Rr]eading manifest ([^\s:]{1,128}(?::[0-9a-f]{32,128})?) in ([^\s\"':,;<>]{1,300}(?::\d+/[^\s\"':,;<>]{1,300})?)"
)
_BARE = re.compile(
    r"\b(?:unable to pull|failed to pull image|manifest for|pull access denied for|pulling image|short-name|"
    r"image name|repository) \"?([a-z0-9][^\s\"',;<>]{0,400}[A-Za-z0-9])"
)
_URL_HOST = re.compile(r"\bhttps?://(?:[^\s/@\"']{1,200}@)?(\[[0-9a-fA-F:]+\]|[A-Za-z0-9][A-Za-z0-9.-]{0,252})")
_LOOKUP = re.compile(r"\blookup ([A-Za-z0-9][A-Za-z0-9.-]{0,252})")
_NOT_NAME = re.compile(r"\bnot ([A-Za-z0-9*][A-Za-z0-9.-]{1,252})$|wanted to match ([A-Za-z0-9][A-Za-z0-9.-]{1,252})")
_PINGED = re.compile(r"pinging (?:container|docker) registry ([A-Za-z0-9][A-Za-z0-9.-]{0,252})")
_LOGGED = re.compile(r"\bhost=\"?([A-Za-z0-9][A-Za-z0-9.-]{0,252})")
_DIALED = re.compile(r"dial tcp (\[[0-9a-f:]+\]|\d{1,3}(?:\.\d{1,3}){3}):\d+")
# Read at most so much in front of the telling words: a host further away is another's.
_NEAR_CHARACTERS = 2000
_NODE_ITSELF = frozenset(
    "disk_full storage_error runtime_unavailable pull_qps_exceeded image_never_pulled invalid_reference "
    "short_name_ambiguous config_invalid clock_skew".split()
)


def image_of(line: str) -> str | None:
    """Give the image, written out; a later full name replaces a short one that kubelet was given."""
    short = None
    for text in _candidates(line[: 2 * _NEAR_CHARACTERS]):
        written = _written_out(text)
        if written and not is_short(text):
            return written
        short = short or written
    return short


def _candidates(line: str) -> list[str]:
    found = [match[1] for match in _QUOTED.finditer(line)]
    if "docker://" in line:
        found += [match[1].rstrip(":.)]") for match in _SOURCE.finditer(line)]
    if "eading manifest " in line:
        found += [f"{name}{'@' if ':' in tag else ':'}{tag}" for tag, name in _MANIFEST.findall(line)]
    return found or [match[1] for match in _BARE.finditer(line)]


def _written_out(text: str) -> str | None:
    try:
        return str(parse(text))
    except InvalidReferenceError:
        return None


def host_of(line: str, start: int, end: int, cause: str, image: str | None) -> str | None:
    """Give the host that the telling words at (start, end) speak of, without its port."""
    if cause in _NODE_ITSELF:
        return None
    words = line[start:end]
    for pattern in (_LOOKUP, _NOT_NAME):
        if found := pattern.search(words):
            return found[1] or found[2]
    if cause == "proxy_failed" and (found := _DIALED.search(words)):
        return found[1]
    near = line[max(0, start - _NEAR_CHARACTERS) : end]
    for pattern in (_URL_HOST, _PINGED, _LOGGED):
        if every := pattern.findall(near):
            return str(every[-1])
    if found := _LOGGED.search(line, end) or _DIALED.search(near):
        return found[1]
    return image.partition("/")[0].partition(":")[0] if image else None
