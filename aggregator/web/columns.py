"""How does a line fit into 80 columns, and still do what it says when it is pasted into a shell?

Prose is wrapped at spaces. A command is continued with a backslash: at a space outside quotes where there is one, else
in the middle of a word, where a shell joins the halves only if the second one stands in the first column. A comment
behind a command goes above it.

Cannot see: here-documents; nothing in the catalogue has one.

Source: POSIX shell, 2.2 Quoting.
"""

import textwrap
from collections.abc import Iterator

WIDTH = 80  # a terminal as it opens


def ascii_only(text: str) -> str:
    """Give text that any terminal shows as it is: no control characters, nothing beyond ASCII."""
    text = "".join(letter if letter.isprintable() else " " for letter in text.replace("…", "...").replace("≥", ">="))
    return text.encode("ascii", "backslashreplace").decode("ascii")


def prose(text: str, first: str, rest: str) -> list[str]:
    """Wrap prose; `first` stands before the first line, `rest` before the others."""
    return textwrap.wrap(
        ascii_only(text), WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    ) or [first.rstrip()]


def command(text: str, indent: str) -> list[str]:
    """Wrap a command so that it can be pasted."""
    line, comment = _split_comment(ascii_only(text))
    lines = prose(comment, f"{indent}# ", f"{indent}# ") if comment else []
    words = list(_words(line))
    current = indent
    for number, word in enumerate(words):
        last = number == len(words) - 1
        gap = " " if current.strip() else ""
        if len(current) + len(gap) + len(word) + (0 if last else 2) <= WIDTH:
            current += gap + word
            continue
        if current.strip():
            lines.append(f"{current} \\")
        current = f"{indent}  "
        if len(current) + len(word) + (0 if last else 2) > WIDTH:
            *pieces, word = _cut(word, WIDTH - len(current) - 2)
            for piece in pieces:
                lines.append(f"{current}{piece}")
                current = ""
        current += word
    return [*lines, current]


def _words(line: str) -> Iterator[str]:
    """Split at spaces outside quotes."""
    word = ""
    for part, breaks in _parts(line):
        if breaks:
            if word:
                yield word
            word = ""
        else:
            word += part
    if word:
        yield word


def _parts(line: str) -> Iterator[tuple[str, bool]]:
    """Give single characters (an escaped one with its backslash), and whether each is a space outside quotes."""
    quote, position = "", 0
    while position < len(line):
        letter = line[position]
        if letter == "\\" and quote != "'":
            letter = line[position : position + 2]
        elif letter in "'\"" and quote in ("", letter):
            quote = "" if quote else letter
        yield letter, letter == " " and not quote
        position += len(letter)


def _split_comment(line: str) -> tuple[str, str]:
    position, after_space = 0, True
    for part, breaks in _parts(line):
        if part == "#" and after_space:
            outside = not _open_quote(line[:position])
            if outside:
                return line[:position].rstrip(), line[position + 1 :].strip()
        after_space = breaks
        position += len(part)
    return line, ""


def _open_quote(text: str) -> str:
    """Give the quote that is open at the end of a text."""
    quote = ""
    for part, _ in _parts(text):
        if part in ("'", '"') and quote in ("", part):
            quote = "" if quote else part
    return quote


def _cut(word: str, room: int) -> list[str]:
    """Cut a word that is longer than a line; single quotes are closed before a cut and opened again after it."""
    pieces, piece, quote = [], "", ""
    for part, _ in _parts(word):
        if len(piece) + len(part) + 1 > room:
            pieces.append(f"{piece}'\\" if quote == "'" else f"{piece}\\")
            piece, room = "'" if quote == "'" else "", WIDTH - 3
        piece += part
        if part in ("'", '"') and quote in ("", part):
            quote = "" if quote else part
    return [*pieces, piece]
