"""Messages that were taken apart and put together wrongly: truncated, escaped, spliced, repeated, with odd letters.

The messages are the rules' own examples, and the corpus where it is at hand.
"""

import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from agent.contract.classify.rules import RULES
from tests.fuzz.canaries import secret

CORPUS = Path(os.environ.get("PULLSCOPE_CORPUS", Path(__file__).parents[2] / "../shared/corpus")) / "pull_errors.jsonl"
LONG_CHARACTERS = 3_000_000
LONG_ONE_IN = 20_000  # a long line costs as much as some hundred others
SECRET_ONE_IN = 3

_ODD = (
    *"\x00\x01\x07\x08\x0b\x0c\r\x1b\x1c\x7f\x85\xa0\xad\u2028\u200b\u202e\ufeff\ufffd",
    *"İßſµΩ“”…💥中",
    *('\\"', "\\\\", "\\n", "\\u003c", "\\u000a", "\\x1b[31m", "\x1b[0m", "(", "[", "]): ", "; artifact err: ", " * "),
    *("https://", "@", "://", "=", '":"', "&", "%40", "%3D", "eyJ", "{", "}", "'", "`", "  "),
)
_WRAPS = (
    "rpc error: code = Unknown desc = {}",
    'E1122 1 kuberuntime_image.go:55] "Failed to pull image" err="{}" image="r.example.com/a:1"',
    'time="2026-11-22T10:00:00Z" level=error msg="PullImage \\"r.example.com/a:1\\" failed" error="{}"',
    "Nov 22 10:00:00 node-1 kubelet[123]: {}",
    '{{"log":"{}\\n","stream":"stderr"}}',
    "[{}, rpc error: code = Unknown desc = {}]",
    "\x1b[31mError:\x1b[0m {}",
)


def messages() -> list[str]:
    """Give whole messages to begin with."""
    known = [rule.example for rule in RULES]
    if CORPUS.exists():
        known += [str(json.loads(line)["message"]) for line in CORPUS.read_text().splitlines()]
    return known


def inputs(seed: int, count: int) -> Iterator[tuple[bytes, str | None]]:
    """Give so many lines without their ends, each with the secret in it, if any."""
    luck = random.Random(seed)
    known = messages()
    for _ in range(count):
        text = luck.choice(known)
        for _ in range(luck.randrange(4)):
            text = luck.choice(_MUTATIONS)(text, luck, known)
        canary = None
        if luck.randrange(SECRET_ONE_IN) == 0:
            form, canary = secret(luck)
            text = _beside_a_word(text, form, luck)
        text = luck.choice(_LAST)(text, luck)
        if luck.randrange(LONG_ONE_IN) == 0:
            text = _long(text, luck)
        yield _encoded(text, luck, at_the_ends=canary is not None), canary


def _cut(text: str, luck: random.Random, _: list[str]) -> str:
    return text[: luck.randrange(len(text) + 1)]


def _tail(text: str, luck: random.Random, _: list[str]) -> str:
    return text[luck.randrange(len(text) + 1) :]


def _odd_letters(text: str, luck: random.Random, _: list[str]) -> str:
    at = luck.randrange(len(text) + 1)
    return text[:at] + "".join(luck.choices(_ODD, k=luck.randrange(1, 5))) + text[at:]


def _any_letters(text: str, luck: random.Random, _: list[str]) -> str:
    at = luck.randrange(len(text) + 1)
    return text[:at] + "".join(chr(luck.randrange(0x110000)) for _ in range(luck.randrange(1, 9))) + text[at:]


def _spliced(text: str, luck: random.Random, known: list[str]) -> str:
    other = luck.choice(known)
    return text[: luck.randrange(len(text) + 1)] + other[luck.randrange(len(other) + 1) :]


def _joined(text: str, luck: random.Random, known: list[str]) -> str:
    return text + luck.choice((": ", "; ", ", ", " ", "; artifact err: ", " * ")) + luck.choice(known)


def _repeated(text: str, luck: random.Random, _: list[str]) -> str:
    start = luck.randrange(len(text) + 1)
    return text + text[start : start + luck.randrange(1, 40)] * luck.randrange(1, 60)


def _wrapped(text: str, luck: random.Random, _: list[str]) -> str:
    return luck.choice(_WRAPS).replace("{}", text).replace("{{", "{").replace("}}", "}")


def _upper(text: str, luck: random.Random, _: list[str]) -> str:
    return text.upper() if luck.randrange(2) else text.swapcase()


_MUTATIONS: tuple[Callable[[str, random.Random, list[str]], str], ...] = (
    *(_cut, _tail, _odd_letters, _any_letters, _spliced, _joined, _repeated, _wrapped, _upper),
)


def _beside_a_word(text: str, form: str, luck: random.Random) -> str:
    places = [at for at, letter in enumerate(text) if letter == " "]
    at = luck.choice(places) if places else len(text)
    return f"{text[:at]} {form} {text[at:]}"


def _as_it_is(text: str, _: random.Random) -> str:
    return text


def _escaped(text: str, luck: random.Random) -> str:
    for _ in range(luck.randrange(1, 4)):
        text = json.dumps(text, ensure_ascii=luck.randrange(2) == 0)
    return text


def _event(text: str, luck: random.Random) -> str:
    return text[:1021] + "..." if len(text) > 1024 else text


_LAST: tuple[Callable[[str, random.Random], str], ...] = (_as_it_is, _as_it_is, _as_it_is, _escaped, _event)


def _long(text: str, luck: random.Random) -> str:
    filler = luck.choice(_ODD) + luck.choice(("", " ", "a", "connection refused "))
    half = filler * (LONG_CHARACTERS // 2 // len(filler))
    return luck.choice((f"{half}{text}{half}", f"{text} {half}{half}", f"{half}{half} {text}"))


def _encoded(text: str, luck: random.Random, *, at_the_ends: bool) -> bytes:
    """Give the text as bytes, some of which are no text; those stand at an end where a secret must keep its form."""
    line = text.encode("utf-8", "surrogatepass").replace(b"\n", b" ")
    if luck.randrange(20) == 0:
        at = luck.choice((0, len(line))) if at_the_ends else luck.randrange(len(line) + 1)
        line = line[:at] + luck.randbytes(luck.randrange(1, 9)).replace(b"\n", b"\xff") + line[at:]
    return line
