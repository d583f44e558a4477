"""Mask secrets in text that is passed on: details, evidence, messages, logs.

What a secret looks like stands in `agent.contract.secrets`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from agent.contract.letters import lowered, words
from agent.contract.secrets import FORMS, LEAD_CHARACTERS, LONG_CHARACTERS, LONG_FORMS, Form

MASK = "***"
# Stands for each letter of a secret where the rest must keep its place; no text that is passed on holds it otherwise.
BLANK = "\0"

_BLANKS = re.compile(f"{BLANK}+")
_KEY_END = re.compile(r"-----end [a-z0-9 ]{0,40}private key-----")
_HEXADECIMAL = b"0123456789abcdef"
_KEY_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789+/=\\ \r\n\t"
_BY_WORD = {
    word.encode(): [number for number, form in enumerate(FORMS) if word in form.words]
    for word in {word for form in FORMS for word in form.words}
}
_KEY = b"key"
# The words that tell of secrets.
WORDS = frozenset((*_BY_WORD, _KEY))


_BY_PART = {part: [form for form in FORMS if part in form.parts] for form in FORMS for part in form.parts}
# One letter is looked for ten times faster than a word: each part under a letter that it has, or under itself.
_LETTERS = "@%?&="
_BY_GATE = [
    (gate, [(part, forms) for part, forms in _BY_PART.items() if gate == next(filter(part.count, _LETTERS), part)])
    for gate in (*_LETTERS, *(part for part in _BY_PART if not any(letter in part for letter in _LETTERS)))
]
# Before it a digest's name: no secret's end.
_AT, _AT_DIGEST = "@", "@sha"
_LONG = re.compile(rf"[A-Za-z0-9]{{{LONG_CHARACTERS},}}")
_compiled = cache(re.compile)  # when a text needs it first: a command starts faster


def redact(text: str) -> str:
    """Give `text` with every secret that it is known how to recognise replaced by `***`."""
    low = lowered(text)
    spoken = words(low)
    spans = _spans(text, low, spoken, WORDS.intersection(spoken))
    return _with(text, spans, lambda _: MASK) if spans else text


def blanked(text: str, low: str, words: list[bytes], told: frozenset[bytes]) -> str:
    """Give `text`, whose lower case is `low` and has these words, with every letter of a secret replaced by `BLANK`.

    Args:
        told: the words that are in `WORDS`, and maybe others.
    """
    spans = _spans(text, low, words, told)
    return _with(text, spans, lambda length: BLANK * length) if spans else text


def shown(text: str) -> str:
    """Give a part of what was blanked as it is passed on."""
    return _BLANKS.sub(MASK, text) if BLANK in text else text


def redact_all(value: object) -> object:
    """Give a copy of a JSON-like value in which every string has been redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: redact_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact_all(item) for item in value]
    return value


def _spans(text: str, low: str, words: list[bytes], told: frozenset[bytes]) -> list[tuple[int, int]]:
    """Give where the secrets stand, none overlapping another."""
    spans: list[tuple[int, int]] = []
    if not WORDS.isdisjoint(told):
        numbers = {at for word in told for at in _BY_WORD.get(word, ())}
        spans += _found([FORMS[number] for number in numbers], text, low)
    for gate, parts in _BY_GATE:
        if gate in low:
            for part, forms in parts:
                if part in low and (part != _AT or low.count(_AT) > low.count(_AT_DIGEST)):
                    spans += _found(forms, text, low)
    if max(map(len, words), default=0) >= LONG_CHARACTERS and _any_but_digests(words):
        spans += _found(LONG_FORMS, text, low)
        spans += [found.span() for found in _LONG.finditer(text) if _is_random(found[0])]
    if _KEY in told and "private key" in low:
        spans += _keys_without_a_beginning(low)
    return _merged(spans) if spans else spans


def _any_but_digests(words: list[bytes]) -> bool:
    """Tell whether a long word is there that is no hexadecimal number: most long words are digests."""
    return any(len(word) >= LONG_CHARACTERS and word.strip(_HEXADECIMAL) for word in words)


def _is_random(letters: str) -> bool:
    """Tell whether a long run has small letters, capitals and digits: then it is no word, no name and no digest.

    Whatever should have told that a secret follows may be cut off or garbled.
    """
    return not (letters.isalpha() or letters == letters.lower() or letters == letters.upper())


def _found(forms: Iterable[Form], text: str, low: str) -> Iterator[tuple[int, int]]:
    """Give where secrets of these forms stand."""
    for form in forms:
        if form.sign not in low:
            continue
        first = 0
        if form.last:
            place = low.rfind(form.parts[0])
            if " " in low[place:]:
                continue
            first = max(0, place - LEAD_CHARACTERS)
        for found in _compiled(form.pattern, re.DOTALL).finditer(low, first):
            start, end = found.span(found.lastindex or 0)
            if form.holds(text[start:end]):
                yield start, end


def _keys_without_a_beginning(low: str) -> list[tuple[int, int]]:
    """Give what stands in front of a key's end: a long text is cut in its middle, maybe in that of a key."""
    spans, before = [], 0
    for end in _KEY_END.finditer(low):
        spans.append((before + len(low[before : end.start()].rstrip(_KEY_LETTERS)), end.start()))
        before = end.end()
    return spans


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _with(text: str, spans: list[tuple[int, int]], mask: Callable[[int], str]) -> str:
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], mask(end - start)]
        at = end
    return "".join([*parts, text[at:]])
