"""Bring a message to one plain line: bounded, unescaped, without control characters and colours.

Kubelet's log quotes a runtime's message that quotes a registry's: `\\\\\\"` is a quotation mark, however deep. What
is no letter, mark or space to the eye is left out, so that it splits neither a word nor a secret. Typographic quotation
marks become those that programs print, and a placeholder becomes one word.

Cannot see: a backslash that is meant: `C:\\new` loses a letter.
"""

import re

# A line longer than this is read at its head and its tail: the chain's outer words and its innermost cause.
LINE_CHARACTERS = 64 * 1024
# What stands beside the cut may be half a secret whose other half told what it is: so much of one word is left out.
SECRET_CHARACTERS = 8 * 1024

# The first backslash of some: a pattern that begins with one letter is found fast, and each run is read once.
_FIRST = r"\\(?<!\\\\)\\*"
_COLOURS = re.compile(rf"(?:\x1b|{_FIRST}(?:u001[bB]|x1[bB]|033|e)|#033|\^\[)\[[0-9;?]{{0,20}}[A-Za-z]")
_QUOTES = re.compile(rf"{_FIRST}([\"'`])")
_SPACES = re.compile(rf"{_FIRST}[nrt]")
_JSON_ESCAPES = re.compile(rf"{_FIRST}u([0-9a-fA-F]{{4}})")
# What people and tools put in the place of a host, an address or a digest: without its spaces it is one word, as those.
_MASKED = re.compile(
    r"<[A-Za-z]{1,30}(?:[ _-][A-Za-z]{1,30}){1,4}>|\{\{ ?[\w.-]{1,60}(?: [\w.-]{1,60})? ?\}\}|"
    r"\[(?:[A-Z]{1,20}[ _]){0,3}(?:REDACTED|REMOVED|MASKED|HIDDEN|IP|HOST|HOSTNAME|ADDRESS|REGISTRY|URL|"
    r"REPOSITORY|IMAGE)\]"
)
_MARKS = str.maketrans({"\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2018": "'", "\u2019": "'", "\uff1a": ":"})
_ENDS = " \t\r\n\"'"
_AROUND = " \t\r\n`"  # a message that was copied with its mark of code


def plain(text: str) -> str:
    """Give the message as one line."""
    if len(text) > LINE_CHARACTERS:
        text = _head_and_tail(text)
    if "[" in text and ("\x1b" in text or "\\" in text or "^" in text or "#" in text):
        text = _COLOURS.sub("", text)
    if "\\" in text:
        text = _unescaped(text)
    if "<" in text or "{{" in text or "[" in text:
        text = _MASKED.sub(_word, text)
    if not text.isascii():
        text = text.translate(_MARKS)
    if text.isprintable() and "  " not in text:
        return text.strip(_AROUND)
    text = " ".join(text.split()).strip(_AROUND)
    if not text.isprintable():
        text = text.translate({ord(letter): None for letter in set(text) if not letter.isprintable()})
    return text


def _unescaped(text: str) -> str:
    """Read what is behind backslashes; most lines that have any have those in front of quotation marks only."""
    if "\\u" in text:
        text = _JSON_ESCAPES.sub(_letter, text)
    if '\\"' in text or "\\'" in text or "\\`" in text:
        text = _QUOTES.sub(r"\1", text)
    if "\\n" in text or "\\r" in text or "\\t" in text:
        text = _SPACES.sub(" ", text)
    return text


def _head_and_tail(text: str) -> str:
    """Give both ends of a text, each up to the last whole word."""
    half = LINE_CHARACTERS // 2
    head, tail = text[:half], text[-half:]
    kept = max(half - SECRET_CHARACTERS, *(head.rfind(end) + 1 for end in _ENDS))
    found = (tail.find(end, 0, SECRET_CHARACTERS) for end in _ENDS)
    left_out = min((at for at in found if at >= 0), default=SECRET_CHARACTERS)
    return f"{head[:kept]} … {tail[left_out:]}"


def _word(found: re.Match[str]) -> str:
    return f"<{found[0].strip('<>{}[] ').replace(' ', '_')}>"


def _letter(found: re.Match[str]) -> str:
    letter = chr(int(found[1], 16))
    return letter if letter.isprintable() else " "
