"""Which image and which host a message speaks of."""

import re
from collections.abc import Iterator

from agent.contract.reference import InvalidReferenceError, is_short, written_out

# Each pattern begins with what is seldom, the quotation mark or a rare word, and then looks back: so it is found fast.
# The words in front of an image's name, as kubelet, containerd, CRI-O, podman and Docker print them.
_BEFORE_QUOTE = "image Image reference pulling pull PullImage source artifact fromImage".split()
_QUOTED = re.compile(
    '"(?<=[ =]")(?:' + "|".join(f'(?<=\\b{word}.")' for word in _BEFORE_QUOTE) + r")(?:docker://)?([^\s\"<>]{1,400})\""
)
_SOURCE = re.compile(r"docker://([^\s\"',;<>]{1,400})")
_MANIFEST = re.compile(
    r"eading manifest ([^\s:]{1,128}(?::[0-9a-f]{32,128})?) in ([^\s\"':,;<>]{1,300}(?::\d{1,5}/[^\s\"':,;<>]{1,300})?)"
)
# Unquoted, so it must look like an image's name: with a path, a tag or a registry.
_BEFORE_BARE = (
    *("unable to pull ", "failed to pull image ", "manifest for ", "pull access denied for ", "pulling image "),
    *("short-name ", "image name ", "repository "),
)
_BARE = re.compile(
    "(?:" + "|".join(_BEFORE_BARE) + r")\"?(?!(?:linux|windows)/)([a-z0-9][^\s\"',;<>]{0,400}?)[.:]?(?=[\s\"',;)\]]|$)"
)
_LOOKS_LIKE_ONE = re.compile(r"[a-z0-9][/:.][A-Za-z0-9]")
_URL_HOST = re.compile(r"https?://(?:[^\s/@\"']{1,200}@)?(\[[0-9a-fA-F:]+\]|[A-Za-z0-9][A-Za-z0-9.-]{0,252})")
_LOOKUP = re.compile(r"lookup (?<=\blookup )([A-Za-z0-9][A-Za-z0-9.-]{0,252})()")
_NOT_NAME = re.compile(r", not ([A-Za-z0-9][A-Za-z0-9.-]{1,252})$|wanted to match ([A-Za-z0-9][A-Za-z0-9.-]{1,252})")
_PINGED = re.compile(r"pinging (?:container|docker) registry ([A-Za-z0-9][A-Za-z0-9.-]{0,252})")
_LOGGED = re.compile(r"host=(?<!\w.....)\"?([A-Za-z0-9][A-Za-z0-9.-]{0,252})")
_DIALED = re.compile(r"dial tcp (\[[0-9a-f:]+\]|\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}()")
_NAMED_IN = {
    "dns_failed": (_LOOKUP,),
    "tls_name_mismatch": (_NOT_NAME,),
    "proxy_failed": (_DIALED, _LOOKUP),
}
# Here the words hold the request's own address; elsewhere an address in them is the documentation's.
_URL_INSIDE = frozenset(("blob_unavailable", "registry_unavailable", "proxy_failed"))
# Read at most so much in front of the telling words: a host further away is another's.
_NEAR_CHARACTERS = 2000
_NODE_ITSELF = frozenset(
    "disk_full storage_error runtime_unavailable pull_qps_exceeded image_never_pulled invalid_reference "
    "short_name_ambiguous config_invalid clock_skew".split()
)


def image_of(line: str) -> str | None:
    """Give the image, written out; the one full name that follows replaces a short one that kubelet was given."""
    short = None
    full: dict[str, str] = {}  # by registry, the first of each
    for text in _candidates(line[: 2 * _NEAR_CHARACTERS]):
        is_guessed = is_short(text)
        if short and is_guessed:
            continue
        try:
            name = written_out(text)
        except InvalidReferenceError:
            continue
        if is_guessed:
            short = name
        elif not short:
            return name
        else:
            full.setdefault(text.partition("/")[0], name)
    return next(iter(full.values())) if len(full) == 1 else short


def _candidates(line: str) -> Iterator[str]:
    bare = True
    for match in _QUOTED.finditer(line) if '"' in line else ():
        bare = False
        yield match[1]
    if "docker://" in line:
        for match in _SOURCE.finditer(line):
            bare = False
            yield match[1].rstrip(":.)]")
    if "eading manifest " in line:
        for match in _MANIFEST.finditer(line):
            bare = False
            yield f"{match[2]}{'@' if ':' in match[1] else ':'}{match[1]}"
    if bare and ("pull" in line or "manifest for " in line or "name " in line or "repository " in line):
        yield from (match[1] for match in _BARE.finditer(line) if _LOOKS_LIKE_ONE.search(match[1]))


def host_of(line: str, start: int, end: int, cause: str, image: str | None) -> str | None:
    """Give the host that the telling words at (start, end) speak of, without its port."""
    if cause in _NODE_ITSELF:
        return None
    words = line[start:end]
    if named := _NAMED_IN.get(cause):
        for pattern in named:
            if found := pattern.search(words):
                return found[1] or found[2]
    before = line[max(0, start - _NEAR_CHARACTERS) : start]
    for part in (before, words) if cause in _URL_INSIDE else (before,):
        if "://" in part and (every := _URL_HOST.findall(part)):
            return str(every[-1])
    for lead, pattern, text in (
        *(("pinging ", _PINGED, before), ("host=", _LOGGED, before), ("host=", _LOGGED, line[end:])),
        ("dial tcp", _DIALED, words),
    ):
        if lead in text and (found := pattern.search(text)):
            return found[1]
    return image.partition("/")[0].partition(":")[0] if image else None
