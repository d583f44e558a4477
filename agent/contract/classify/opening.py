"""Write a pattern so that each of its alternatives begins with a letter.

Then the standard library looks for these letters alone and tries the pattern only there, which is ten times faster
than trying it at every letter. `(?:x509: )?certificate` becomes `x509: certificate|certificate`: it means the same.

Cannot see: what begins with a class or with a repetition; it stays as it is and is slower.
"""

import re

_GROUP = "(?:"
_LOOKBEHIND = re.compile(r"\(\?<([=!])((?:[^()\\|]|\\.)+)\)(\w)(?![?*{])")
_OPTIONAL = re.compile(r"(\\\W|[^\\\[\](){}|*+?])\?(?!\?)")
# More alternatives than this cost more to compile than they save.
MOST_ALTERNATIVES = 40


def opened(pattern: str) -> list[str]:
    """Give the alternatives of the pattern, their leading groups multiplied out."""
    alternatives = [start for alternative in _split(pattern) for start in _opened(alternative)]
    return alternatives if len(alternatives) <= MOST_ALTERNATIVES else [pattern]


def _opened(alternative: str) -> list[str]:
    if behind := _LOOKBEHIND.match(alternative):
        # The letter first, then the look at what stands in front of it.
        kind, before, letter = behind.groups()
        return [f"{letter}(?<{kind}{before}{letter}){alternative[behind.end() :]}"]
    if not alternative.startswith(_GROUP):
        return _optional(alternative)
    end = _closing(alternative)
    inner, rest = alternative[len(_GROUP) : end], alternative[end + 1 :]
    if rest[:1] in ("*", "+", "{"):
        return [alternative]
    may_lack = rest.startswith("?") and not rest.startswith("??")
    rest = rest[1:] if may_lack else rest
    given = [inside + rest for inside in _split(inner)] + ([rest] if may_lack else [])
    return [start for branch in given for start in _opened(branch)]


def _optional(alternative: str) -> list[str]:
    r"""Give both forms of what begins with one optional character: `\(?client` is `\(client` or `client`."""
    found = _OPTIONAL.match(alternative)
    if not found:
        return [alternative]
    rest = alternative[found.end() :]
    return [found[1] + rest, *_opened(rest)]


def _split(pattern: str) -> list[str]:
    """Split a pattern at the bars that stand in no group and no class."""
    cuts = [at for at, depth in _outside(pattern) if pattern[at] == "|" and not depth]
    return [pattern[start + 1 : end] for start, end in zip([-1, *cuts], [*cuts, len(pattern)], strict=True)]


def _closing(pattern: str) -> int:
    return next(at for at, depth in _outside(pattern) if pattern[at] == ")" and not depth)


def _outside(pattern: str) -> list[tuple[int, int]]:
    """Give the place and the depth of each character that is neither escaped nor in a class; `)` has its group's."""
    places, depth, at = [], 0, 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "\\":
            at += 2
            continue
        if letter == "[":
            at = _end_of_class(pattern, at)
        depth -= letter == ")"
        places.append((at, depth))
        depth += letter == "("
        at += 1
    return places


def _end_of_class(pattern: str, at: int) -> int:
    at += 2 if pattern[at + 1] == "^" else 1
    at += 2 if pattern[at] == "\\" else 1  # a bracket in the first place is a member
    while pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at
