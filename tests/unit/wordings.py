"""All that a rule's pattern can say, with `~` for what may be any letters.

So a test can ask which words every match of a pattern has. The standard library's own parser reads the pattern.
"""

import re
from collections.abc import Iterable
from typing import Any

_MOST = 20_000  # a pattern with more wordings than this is several rules
_LETTER = re.compile(r"[a-z0-9~]")


def wordings(pattern: str) -> list[str]:
    """Give each wording of a pattern once; lookarounds and anchors say nothing."""
    return _sequence(re._parser.parse(pattern))  # type: ignore[attr-defined]  # private, and there is no other


def widest(pattern: str) -> int:
    """Give how many characters a match of the pattern has at most."""
    return int(re._parser.parse(pattern).getwidth()[1])  # type: ignore[attr-defined]  # private, as above  # private, as above


def begins_with_letters(pattern: str) -> bool:
    """Tell whether every match begins with one of a few letters, which is what a search can look for."""
    kind, of = re._parser.parse(pattern)[0]  # type: ignore[attr-defined]  # private, as above  # private, as above
    if str(kind) == "BRANCH":
        return all(str(branch[0][0]) == "LITERAL" for branch in of[1])
    return str(kind) == "LITERAL" or (str(kind) == "IN" and all(str(member) == "LITERAL" for member, _ in of))


def _sequence(parsed: Iterable[tuple[Any, Any]]) -> list[str]:
    told = [""]
    for kind, of in parsed:
        told = list(dict.fromkeys(before + after for before in told for after in _said(str(kind), of)))
        assert len(told) < _MOST, "too many wordings: make it several rules"
    return told


def _said(kind: str, of: Any) -> list[str]:
    match kind:
        case "LITERAL":
            return [chr(of)]
        case "SUBPATTERN":
            return _sequence(of[3])
        case "BRANCH":
            return [wording for branch in of[1] for wording in _sequence(branch)]
        case "MAX_REPEAT" | "MIN_REPEAT":
            return _repeated(*of)
        case "IN":
            return _one_of(of)
        case "ASSERT" | "ASSERT_NOT" | "AT":
            return [""]
    return ["~"]


def _repeated(least: int, most: int, of: Any) -> list[str]:
    inner = _sequence(of)
    if most > 1:
        inner = ["~"] if _LETTER.search("".join(inner)) else [" "]
    return inner if least else ["", *inner]


def _one_of(members: list[tuple[Any, Any]]) -> list[str]:
    if any(str(kind) not in ("LITERAL", "CATEGORY") or str(of) == "CATEGORY_DIGIT" for kind, of in members):
        return ["~"]
    letters = [
        chr(of) if str(kind) == "LITERAL" else " " if str(of) == "CATEGORY_SPACE" else "~" for kind, of in members
    ]
    return letters if all(map(_LETTER.match, letters)) else ["~"] if any(map(_LETTER.match, letters)) else [" "]
