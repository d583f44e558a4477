"""Which tag was likely meant: words that tags are made of, and neighbours in a registry's list.

Source: semver.org; the tags that the large registries hold.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from agent.contract.suggest.spelling import SHORTEST, corrected, distance, index

LISTED = 3  # neighbours that are named: enough to choose from
LONG = 9  # letters from which on two slips are still a misspelling
_WORDS = """
latest stable alpine debian ubuntu bookworm bullseye buster stretch trixie jammy focal noble bionic nightly management
master develop release windowsservercore nanoserver distroless unprivileged snapshot
"""
_VERSION = re.compile(r"(?P<prefix>[A-Za-z_-]{0,40}?)(?P<v>[vV]?)(?P<numbers>\d{1,9}(?:\.\d{1,9}){0,4})(?P<rest>.*)")
_DIGITS = re.compile(r"\d+")
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_SEPARATORS = str.maketrans("+_", "--")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A tag that is there, and what makes it likely. `sure`: it is the wanted one, written in another way."""

    tag: str
    reason: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class _Version:
    prefix: str
    numbers: tuple[int, ...]
    rest: str


@cache
def _known() -> dict[str, list[str]]:
    return index(_WORDS.split())


def respelled(tag: str) -> str | None:
    """Give the tag with its words spelled as tags are; none where they are, or are nobody's."""
    if tag.lower() == "latest":
        return "latest" if tag != "latest" else None
    parts = re.split(r"([^A-Za-z]+)", tag)
    fixed = "".join(corrected(part.lower(), _known()) or part for part in parts)
    return fixed if fixed != tag else None


def neighbours(asked: str, tags: Iterable[str], *, implied: bool = False) -> list[Neighbour]:
    """Give the tags of a list that may have been meant, the likeliest first.

    Args:
        implied: no tag was named, so `latest` was asked for.
    """
    held = [tag for tag in dict.fromkeys(tags) if tag != asked]
    for look in (_same, _spelled, _longer, _shorter, _built):
        found = look(asked, held)
        if found:
            return found[:LISTED]
    if asked == "latest":
        why = "no tag was named, so latest was asked for" if implied else "there is no latest"
        return [Neighbour(tag, f"{why}; this is the newest version there") for tag in _newest(held)[:1]]
    return _beside(asked, held)[:LISTED]


def _same(asked: str, held: Sequence[str]) -> list[Neighbour]:
    """Look for what is written in another way and means the same."""
    wanted = _key(asked)
    return [Neighbour(tag, "the same tag is written so there", sure=True) for tag in held if _key(tag) == wanted]


def _key(tag: str) -> str:
    """Give what is left of a tag without case, `v`, kind of separator, and zeros at the end of the version."""
    low = tag.lower().translate(_SEPARATORS)
    found = _version(low)
    if found is None or found.prefix:
        return low
    numbers = list(found.numbers)
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return ".".join(map(str, numbers)) + found.rest


def _spelled(asked: str, held: Sequence[str]) -> list[Neighbour]:
    """Look for a misspelling; digits that differ are another version and none."""
    if len(asked) < SHORTEST:
        return []
    most = 2 if len(asked) >= LONG else 1
    digits = _DIGITS.findall(asked)
    near = sorted(
        (apart, tag) for tag in held if (apart := distance(asked, tag, most)) <= most and _DIGITS.findall(tag) == digits
    )
    return [Neighbour(tag, "it is spelled so there", sure=True) for _, tag in near]


def _longer(asked: str, held: Sequence[str]) -> list[Neighbour]:
    """Look for the versions that a shorter one stands for: the newest of them."""
    wanted = _version(asked)
    if wanted is None:
        return []
    found = [
        (other.numbers, tag)
        for tag in held
        if (other := _version(tag)) is not None
        and (other.prefix, other.rest) == (wanted.prefix, wanted.rest)
        and other.numbers[: len(wanted.numbers)] == wanted.numbers
    ]
    newest = [tag for _, tag in sorted(found, reverse=True)]
    return [Neighbour(tag, f"it is the newest of {asked} there") for tag in newest]


def _shorter(asked: str, held: Sequence[str]) -> list[Neighbour]:
    """Look for the tag without the variant that was asked for."""
    found = [
        tag for tag in held if len(tag) > 1 and asked.startswith(tag) and asked[len(tag)] in "-_+" and _version(tag)
    ]
    longest = sorted(found, key=len, reverse=True)
    return [Neighbour(tag, f"there is no variant {asked[len(tag) + 1 :]} of it") for tag in longest]


def _built(asked: str, held: Sequence[str]) -> list[Neighbour]:
    """Look for a commit that was cut, not cut, or has a branch in front."""
    if not _COMMIT.fullmatch(asked):
        return []
    found = [tag for tag in held if asked in tag or (_COMMIT.fullmatch(tag) and asked.startswith(tag))]
    return [Neighbour(tag, "it names the same commit", sure=True) for tag in sorted(found, key=len)]


def _newest(held: Sequence[str]) -> list[str]:
    plain = [(found.numbers, tag) for tag in held if (found := _version(tag)) and not found.rest and not found.prefix]
    return [tag for _, tag in sorted(plain, reverse=True)]


def _beside(asked: str, held: Sequence[str]) -> list[Neighbour]:
    """Look for the nearest version of the same line: the same variant, the same numbers but the last one or two."""
    wanted = _version(asked)
    if wanted is None or len(wanted.numbers) < 2:
        return []
    alike = [
        (other.numbers, tag)
        for tag in held
        if (other := _version(tag)) is not None
        and (other.prefix, other.rest, len(other.numbers)) == (wanted.prefix, wanted.rest, len(wanted.numbers))
    ]
    for same in range(len(wanted.numbers) - 1, 0, -1):
        line = [(numbers, tag) for numbers, tag in alike if numbers[:same] == wanted.numbers[:same]]
        older = sorted((one for one in line if one[0] < wanted.numbers), reverse=True)
        newer = sorted(one for one in line if one[0] > wanted.numbers)
        if line:
            nearest = [*newer[:1], *older[:1]] if not older else [*older[:1], *newer[:1]]
            return [Neighbour(tag, "it is the nearest version") for _, tag in nearest]
    return []


def _version(tag: str) -> _Version | None:
    found = _VERSION.fullmatch(tag)
    if found is None:
        return None
    return _Version(found["prefix"], tuple(int(part) for part in found["numbers"].split(".")), found["rest"])
