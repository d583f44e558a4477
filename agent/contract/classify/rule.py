"""One rule: words that a piece of software prints, and the cause that they name.

A pattern is read against one line in lower case. It begins and ends at the edge of a word, and never inside a name:
`timeout` in `registry/timeout-app:1` is no timeout. Every repetition in it is bounded or ends at one character, so that
reading stays linear.
"""

import functools
import re

import msgspec

HINT = 1  # says where or how a pull ended, not why: counts only where nothing tells more
WORDS = 2  # a registry's or runtime's own name of the fault; wrappers repeat it around facts
FACT = 3  # the fault itself, as the layer saw it that failed

_NAME_BEFORE = r"(?<![\w/.@%+:-])"  # a letter of a host, path, tag or file name: the words are part of a name
_NAME_AFTER = r"(?![\w/@%-]|[.:]\w)"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """`needle`: whole words, whose longest must stand in the line before `pattern` is tried; alternatives with `|`.

    Without a `pattern`, the needle is it. A test holds that no alternative of a pattern can do without a word of the
    needle. `transient` overrides the catalogue's answer where the words know better: a silent resolver passes,
    NXDOMAIN stays.
    """

    cause: str
    needle: str
    pattern: str = ""
    by: str
    example: str
    weight: int = FACT
    transient: bool | None = None


@functools.cache
def compiled(rule: Rule) -> re.Pattern[str]:
    """Compile a rule's pattern when it is needed first: most lines need a handful of them."""
    return re.compile(_NAME_BEFORE + "(?:" + (rule.pattern or re.escape(rule.needle)) + ")" + _NAME_AFTER)
