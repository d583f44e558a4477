"""Split a message into the attempts that it tells of: one pull tries several credentials, hosts and names.

Kubelet joins the errors of all credentials as `[first, second]`; containers/image says
`(Mirrors also failed: […]): last`; CRI-O 1.33 and later says `pull image err: …; artifact err: …`; podman counts
`3 errors occurred: * … * …`.
"""

import re

# What begins a runtime's error in kubelet's list. A comma alone separates nothing: messages are full of them.
_NEXT_IN_LIST = re.compile(
    r", (?=(?:rpc error: code|failed to (?:pull|resolve|copy|authorize)|unable to pull|initializing source|pull "
    r"image err|"
    r"copying system image|error reading|error response from daemon|reading manifest)\b)"
)
_ARTIFACT = re.compile(r"; artifact err: ")
_COUNTED = re.compile(r" \* (?=error|initializing|reading|unable|get |pinging)")
# Several events of `kubectl describe`, one behind the other.
_EVENT = re.compile(r" warning (?=failed)")
_MIRRORS = "mirrors also failed: ["
_MIRRORS_END = "]): "


def split(low: str) -> list[tuple[int, int]]:
    """Give the attempts of a lower-cased line as (start, end), the one to be believed first of equals in front."""
    spans = [(0, len(low))]
    if "[" in low and _MIRRORS in low:
        spans = _mirrors(low)
    if ";" in low and "; artifact err: " in low:
        spans = _cut(low, spans, _ARTIFACT)
    if " occurred" in low and ("errors occurred" in low or "error occurred" in low):
        spans = _cut(low, spans, _COUNTED)
    if " warning failed" in low:
        spans = _cut(low, spans, _EVENT)
    if "[" in low and "]" in low:
        spans = _cut(low, spans, _NEXT_IN_LIST)
    return spans


def _mirrors(low: str) -> list[tuple[int, int]]:
    start = low.index(_MIRRORS) + len(_MIRRORS)
    end = low.find(_MIRRORS_END, start)
    if end < 0:
        return [(0, len(low))]
    return [(end + len(_MIRRORS_END), len(low)), (0, end)]


def _cut(low: str, spans: list[tuple[int, int]], separator: re.Pattern[str]) -> list[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    for start, end in spans:
        at = start
        for found in separator.finditer(low, start, end):
            parts.append((at, found.start()))
            at = found.end()
        parts.append((at, end))
    return parts
