"""The letters of a text in lower case, and its words: what both the classifier and the masking of secrets read."""

_SPACE = ord(" ")
# Every byte that is no letter and no digit ends a word, `_` too: error codes read `MANIFEST_UNKNOWN`.
_WORDS_ONLY = bytes(
    letter if chr(letter) in "abcdefghijklmnopqrstuvwxyz0123456789" else _SPACE for letter in bytes(range(256)).lower()
)


def lowered(text: str) -> str:
    """Give the text in lower case, every letter at its place (a few letters grow when lowered: those are masked)."""
    low = text.lower()
    return low if len(low) == len(text) else text.encode("ascii", "replace").decode().lower()


def words(text: str) -> list[bytes]:
    """Give the words of a text in lower case, in order; as bytes, because that is three times as fast."""
    return text.encode("ascii", "replace").translate(_WORDS_ONLY).split()
