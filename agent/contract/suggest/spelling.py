"""How far are two words apart, and which known word was likely meant?

Source: Damerau's and Levenshtein's distance in its restricted form: insert, delete, replace, swap two neighbours.
"""

from collections.abc import Iterable

SHORTEST = 5  # letters of a word that is corrected: of shorter ones too many are one letter apart


def distance(first: str, other: str, most: int) -> int:
    """Count the slips that make one word of another, up to `most`; `most + 1` is any greater distance."""
    if abs(len(first) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(first, 1):
        older, before, row = before, row, [at]
        for place, wanted in enumerate(other, 1):
            cost = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != wanted))
            if at > 1 and place > 1 and letter == other[place - 2] and first[at - 2] == wanted:
                cost = min(cost, older[place - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def index(words: Iterable[str]) -> dict[str, list[str]]:
    """Give the words by what is left of each when one letter is missing: a slip away is then a look-up away."""
    found: dict[str, list[str]] = {}
    for word in words:
        for part in (*_parts(word), _letters(word)):
            found.setdefault(part, []).append(word)
    return found


def corrected(word: str, known: dict[str, list[str]]) -> str | None:
    """Give the one known word that is a slip away, or has the same letters in another order; none where two are."""
    if len(word) < SHORTEST or word in known.get(word, ()):
        return None
    near = {one for part in _parts(word) for one in known.get(part, ()) if distance(word, one, 1) == 1}
    near = near or set(known.get(_letters(word), ()))
    return near.pop() if len(near) == 1 else None


def _parts(word: str) -> set[str]:
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}


def _letters(word: str) -> str:
    """Give a key that words of the same letters and the same first one share, and no word is."""
    return f"{word[:1]}={''.join(sorted(word))}"
