"""Bring a message to one plain line: bounded, unescaped, without control characters.

Kubelet's log quotes a runtime's message that quotes a registry's: `\\\\\\"` is a quotation mark, however deep.
"""

import re

# A line longer than this is read at its head and its tail: the chain's outer words and its innermost cause.
LINE_CHARACTERS = 64 * 1024

_QUOTES = re.compile(r"(?<!\\)\\+([\"'`])")
_SPACES = re.compile(r"(?<!\\)\\+[nrt]")
_JSON_ESCAPES = re.compile(r"(?<!\\)\\+u00(3c|3e|26|22|27)")


def plain(text: str) -> str:
    """Give the message as one line."""
    if len(text) > LINE_CHARACTERS:
        half = LINE_CHARACTERS // 2
        text = f"{text[:half]} … {text[-half:]}"
    if "\\" in text:
        text = _JSON_ESCAPES.sub(lambda found: chr(int(found[1], 16)), text)
        text = _SPACES.sub(" ", _QUOTES.sub(r"\1", text))
    text = " ".join(text.split())
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text
