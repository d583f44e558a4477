"""Which name was likely meant by a text that can be none: schemes, pages for people, stray signs, upper case.

Cannot see: what a variable that nobody filled in should hold, the registry in front of a leading '/' among them; such a
text gives nothing.

Source: the grammar of github.com/distribution/reference; the addresses of the registries' pages for people.
"""

import re
from functools import cache

from agent.contract.reference import InvalidReferenceError, Reference, parse

MOST_CHARACTERS = 400  # a name has at most 255 and a digest
# A variable or an example that nobody filled in: to fill it would be to invent.
_PLACEHOLDER = re.compile(r"[$<>{}%]|(?i:(?:^|[/:@])(?:none|null|nil|undefined)(?:[/:@]|$))")
_HOST = re.compile(r"(?:[^/:]*\.[^/:]*(?::[0-9]+)?|[^/:]+:[0-9]+|localhost)/|\[[0-9a-fA-F:]+\](?::[0-9]+)?/")
_ODD = {
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    **dict.fromkeys("\u2018\u2019\u201c\u201d\u00ab\u00bb\"'`", ""),
    "\u00a0": " ",
    "\uff1a": ":",
    "\uff0f": "/",
}
_ODD_TABLE = str.maketrans(_ODD)

# Each repair: what it looks for, what it puts there, and why in words.
_REPAIRS = (
    (r"^(?:image|name): *", "", "'image:' is no part of the name"),
    (r"^(?:sudo +)?(?:docker|podman|crictl|nerdctl|skopeo|ctr) (?:[a-z]+ )*?pull +", "", "a command is no part of it"),
    (r"(?<=://)[^/@\s]*:[^/@\s]*@(?!sha(?:256|512):)", "", "credentials are no part of the name"),
    (r"^(?:https?|docker|oci|registry):/+", "", "a name has no scheme"),
    (r"^[^/@\s]*:[^/@\s]*@(?=[^/]+/)", "", "credentials are no part of the name"),
    (r"(?<=[a-z])[?#].*$", "", "what follows '?' or '#' is a page's"),
    (r"^hub\.docker\.com/(?:layers|repository/docker)/([^/]+/[^/:]+)(?:/([^/:]+))?.*$", r"docker.io/\1:\2", "page"),
    (r"^hub\.docker\.com/(?:r/|_/|)((?:[^/:]+/)?[^/:]+)(?:/(?:tags|general|builds))?/?(:[^/]+)?$", r"docker.io/\1\2",
     "page"),
    (r"^quay\.io/repository/([^/]+/[^/:]+)(?:/[a-z/]*)?(:[^/]+)?$", r"quay.io/\1\2", "page"),
    (r"^quay\.io/repository/([^/]+/[^/:]+)/manifest/(sha256:[0-9a-f]{64})$", r"quay.io/\1@\2", "page"),
    (r"^github\.com/orgs/([^/]+)/packages/container/(?:package/)?([^/:]+)(:[^/]+)?$", r"ghcr.io/\1/\2\3", "page"),
    (r"^github\.com/([^/]+)/[^/]+/pkgs/container/([^/:]+)(?:/[0-9]+)?(:[^/]+)?$", r"ghcr.io/\1/\2\3", "page"),
    (r"^gallery\.ecr\.aws/([^/]+/[^:]+)(:[^/]+)?$", r"public.ecr.aws/\1\2", "page"),
    (r"^([^/]+)/v2/(.+)/manifests/(sha256:[0-9a-f]{64})$", r"\1/\2@\3", "that is the protocol's address of it"),
    (r"^([^/]+)/v2/(.+)/manifests/([^/]+)$", r"\1/\2:\3", "that is the protocol's address of it"),
    (r" *([:@/]) *", r"\1", "a name has no spaces"),
    (r"\\", "/", "the parts of a name are divided by '/'"),
    (r"/{2,}", "/", "one '/' is enough"),
    (r"/(?=[:@]|$)", "", "a part is missing behind '/'"),
    (r":{2,}", ":", "one ':' is enough"),
    (r"^([^/]+):/", r"\1/", "the port is missing behind ':'"),
    (r"@?(?<=@)SHA256:", "sha256:", "a digest is lower case"),
    (r":(sha256:[0-9a-fA-F]{64})$", r"@\1", "a digest stands behind '@'"),
    (r"@sha256[-_=/]([0-9a-fA-F]{64})$", r"@sha256:\1", "a digest is written sha256:..."),
    (r"@([0-9a-f]{64})$", r"@sha256:\1", "a digest is written sha256:..."),
    (r"(@sha256:[0-9a-f]{64}):([\w.-]+)$", r":\2\1", "the tag stands before the digest"),
    (r"@+$", "", "the digest behind '@' is missing"),
    (r"^([^@]*:[^@/]+)@sha(?:256)?:?(?:[0-9a-fA-F]{0,63}|[0-9a-fA-F]{65,})$", r"\1",
     "the digest has not 64 digits, so the tag alone is named"),
    (r"^([^@:]+)@(v?[0-9][\w.-]{0,40}|latest|stable)$", r"\1:\2", "a tag stands behind ':'"),
    (r"[:,;]+$", "", "the tag behind ':' is missing, and latest is meant without one"),
)  # fmt: skip
_TAG_REPAIRS = (
    ("+", "-", "a tag cannot hold '+', and most publishers write '-'"),
    ("/", "-", "a tag cannot hold '/', and most builds write '-'"),
    ("~", "-", "a tag cannot hold '~'"),
    (",", ".", "a tag cannot hold ','"),
)


@cache
def _repairs() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    return tuple((re.compile(pattern), put, why) for pattern, put, why in _REPAIRS)


def mended(text: str) -> tuple[Reference, str] | None:
    """Give the image that a text likely means, and what was wrong with it; none where nothing was, or too much."""
    if len(text) > MOST_CHARACTERS or _PLACEHOLDER.search(text):
        return None
    reasons: list[str] = []
    clean = text.translate(_ODD_TABLE)
    if clean != text:
        reasons.append("it holds quotes or signs of a text program")
    if clean != (clean := clean.strip()) and not reasons:
        reasons.append("there are spaces beside it")
    for pattern, put, why in _repairs():
        repaired = pattern.sub(put, clean)
        if repaired != clean:
            reasons.append("that is the address of a page about it" if why == "page" else why)
            clean = repaired
    found = _lower(_tag(clean.strip(), reasons), reasons)
    try:
        return (parse(found), "; ".join(dict.fromkeys(reasons))) if reasons else None
    except InvalidReferenceError:
        return None


def _tag(text: str, reasons: list[str]) -> str:
    """Put what a tag may hold in the place of what it may not."""
    name, at, digest = text.partition("@")
    host, path, colon, tag = _parts(name)
    for sign, put, why in _TAG_REPAIRS:
        if sign == "/" and "/" not in host + path:
            continue  # the beginning may be a host whose port is no number
        if sign in tag:
            tag = tag.replace(sign, put)
            reasons.append(why)
    if tag.startswith(("-", ".")):
        tag = tag.lstrip("-.")
        reasons.append("a tag begins with a letter or a digit")
    return f"{host}{path}{colon if tag else ''}{tag}{at}{digest}"


def _lower(text: str, reasons: list[str]) -> str:
    """Write all but the tag in lower case."""
    name, at, digest = text.partition("@")
    host, path, colon, tag = _parts(name)
    if path != path.lower() or digest != digest.lower():
        reasons.append("the repository must be lower case" if path != path.lower() else "a digest is lower case")
    return f"{host.lower()}{path.lower()}{colon}{tag}{at}{digest.lower()}"


def _parts(name: str) -> tuple[str, str, str, str]:
    """Divide a name into host with its '/', path, colon and tag; what looks like a port and is no number is a tag."""
    host = _HOST.match(name)
    path, colon, tag = name[host.end() if host else 0 :].partition(":")
    return host[0] if host else "", path, colon, tag
