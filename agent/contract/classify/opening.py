"""Write a pattern so that each of its alternatives begins with a letter.

Then the standard library looks for these letters alone and tries the pattern only there, which is ten times faster
than trying it at every letter. `(?:x509: )?certificate` becomes `x509: certificate|certificate`: it means the same.

Cannot see: what begins with a class or with a repetition; it stays as it is and is slower.
"""

import re

_GROUP = "(?:"
_LOOKBEHIND = re.compile(r"\(\?<([=!])((?:[^()\\|]|\\.)+)\)(\w)(?![?*{])")
_OPTIONAL = re.compile(r"(\\\W|[^\\\[\](){}|*+?])\?(?!\?)")
# One letter, or a class of few.
_LETTERS = re.compile(r"\\\W|[^\\\[\](){}|*+?.^$]|\[(?:\\\W|[^\\\]^-]){1,4}\]")
_RUN = re.compile(r"[a-z0-9 :=_/-]{2,}(?![?*+{])")
# So many ways to begin are listed, and so many letters behind the needle.
MOST_HEADS = 40
TELLING_LETTERS = 6
# More alternatives than this cost more to compile than they save.
MOST_ALTERNATIVES = 40


def opened(pattern: str) -> list[str]:
    """Give the alternatives of the pattern, their leading groups multiplied out."""
    alternatives = [start for alternative in _split(pattern) for start in _opened(alternative)]
    return alternatives if len(alternatives) <= MOST_ALTERNATIVES else [pattern]


def spelled(pattern: str, needles: list[str]) -> list[tuple[str, bool]]:
    """Give what the matches of a pattern begin with, each way as far as single letters tell, and whether that is all.

    A few letters behind a needle is far enough, and the letters so far where there are too many ways.
    """
    ready: list[tuple[str, bool]] = []
    todo = [("", alternative) for alternative in _split(pattern)]
    while todo:
        if len(ready) + len(todo) > MOST_HEADS:
            return [*ready, *((head, False) for head, _ in todo)]
        head, rest = todo.pop()
        told = any(0 <= head.find(needle) <= len(head) - len(needle) - TELLING_LETTERS for needle in needles)
        ways = [] if told else _ways(rest)
        todo += [(head + letters, left) for letters, left in ways]
        if not ways:
            ready.append((head, not rest))
    return ready


def _ways(pattern: str) -> list[tuple[str, str]]:
    """Give what a pattern may begin with, each with the pattern that is left; none where that cannot be listed."""
    if found := _RUN.match(pattern):
        return [(found[0], pattern[found.end() :])]
    if pattern.startswith(("(?<=", "(?<!")):
        return [("", pattern[_closing(pattern) + 1 :])]  # looks back and reads nothing
    if pattern.startswith(_GROUP):
        end = _closing(pattern)
        begins = [("", inside) for inside in _split(pattern[len(_GROUP) : end])]
    elif found := _LETTERS.match(pattern):
        end = found.end() - 1
        letters = found[0][1:-1].replace("\\", "") if found[0].startswith("[") else found[0][-1]
        begins = [(letter, "") for letter in letters]
    else:
        return []
    rest = pattern[end + 1 :]
    if rest[:1] in ("*", "+", "{"):
        return []
    if rest.startswith("?"):
        rest = rest[1:]
        begins.append(("", ""))
    return [(letters, inside + rest) for letters, inside in begins]


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
