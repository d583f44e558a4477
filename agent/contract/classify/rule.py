"""One rule: words that a piece of software prints, and the cause that they name.

A pattern is read against one line in lower case. It begins and ends at the edge of a word, and never inside a name:
`timeout` in `registry/timeout-app:1` is no timeout. Every repetition in it is bounded, so that reading stays linear.
"""

import functools
import re

import msgspec

LIKELY = 0  # loose words that leave little doubt where no other rule speaks at all: read only there
HINT = 1  # says where or how a pull ended, not why: counts only where nothing tells more
WORDS = 2  # a registry's or runtime's own name of the fault; wrappers repeat it around facts
FACT = 3  # the fault itself, as the layer saw it that failed

# These or a letter or a digit in front: the words are part of a host, path, tag or file name. Looked at after a match,
# because a pattern that begins with a lookbehind is tried at every letter of the line.
NAME_LETTERS = frozenset("_/.@%+:-")
_NAME_AFTER = r"(?![\w/@%-]|[.:]\w)"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """`needle`: words of which one alternative (`|` between) stands in each match of `pattern`, as it is written.

    The longest word of each alternative must be a whole word of every match: rare words make reading fast. Without a
    `pattern` the needle is it. `by`: the software that prints it, with versions where they differ. `transient`
    overrides the catalogue's answer where the words know better: a silent resolver passes, NXDOMAIN stays.
    """

    cause: str
    needle: str
    pattern: str = ""
    by: str
    example: str
    weight: int = FACT
    transient: bool | None = None


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern once, and so that it ends where a name ends."""
    return re.compile(f"(?:{pattern}){_NAME_AFTER}")
