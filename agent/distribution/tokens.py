"""The tokens that a token service gives, kept until they expire: a token is asked for only when the last one has.

Kept for the whole process, bounded, never shown. The key holds a fingerprint of who asked, never a secret.

Source: the token authentication of the distribution project; containerd and containers/image, which refuse the same
answers.
"""

import re
import time
from dataclasses import dataclass

import msgspec

KEPT_AT_MOST = 512  # tokens; a node has one for each repository and identity in use
LIFE_S = 60.0  # of a token whose service does not say: the protocol's default
MARGIN_S = 10.0  # given up this long before the end, so that none expires on its way
TOKEN_BYTES = 1024 * 1024  # of a token service's answer: what containers/image takes at most

_SENDABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")  # what may stand in a header
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)")  # as Go reads one: RFC 3339
_SECONDS = range(-(2**63), 2**63)  # of `expires_in`: Go's int


class TokenError(ValueError):
    """What a token service answered is no token. The message says why, without the answer."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a token is good for, and for whom."""

    realm: str
    service: str
    scope: str
    identity: str


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A token and when it ends, in seconds of the monotonic clock."""

    text: str
    ends_at_s: float


class Tokens:
    """Tokens by what they are good for; the oldest goes when there are too many."""

    def __init__(self) -> None:
        self._kept: dict[Key, Token] = {}

    def get(self, key: Key) -> str | None:
        """Give a token that is still good."""
        token = self._kept.get(key)
        if token is None or token.ends_at_s <= time.monotonic():
            self._kept.pop(key, None)
            return None
        return token.text

    def keep(self, key: Key, token: Token) -> None:
        """Remember a token until it ends."""
        self._kept.pop(key, None)
        while len(self._kept) >= KEPT_AT_MOST:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = token

    def forget(self, key: Key) -> None:
        """Drop a token that was refused."""
        self._kept.pop(key, None)


KEPT = Tokens()


def read(body: bytes) -> Token:
    """Read what a token service answered.

    Raises:
        TokenError: where it holds no token that could be sent.
    """
    try:
        answer = msgspec.json.decode(body.decode("utf-8", errors="replace"))
    except (msgspec.DecodeError, RecursionError):
        raise TokenError("no JSON") from None
    if not isinstance(answer, dict):
        raise TokenError("no object")
    texts = [answer.get("access_token"), answer.get("token")]
    issued = answer.get("issued_at")
    life_s = answer.get("expires_in")
    life_s = 0 if life_s is None else life_s
    other = [*texts, answer.get("refresh_token")]
    if any(text is not None and not isinstance(text, str) for text in other) or type(life_s) is not int:
        raise TokenError("fields of the wrong type")
    if life_s not in _SECONDS:
        raise TokenError("a life that no number holds")
    if issued is not None and not (isinstance(issued, str) and _TIME.fullmatch(issued)):
        raise TokenError("a time of issue that is none")
    text = next((text for text in texts if text), None)
    if text is None:
        raise TokenError("no token in it")
    if not _SENDABLE.fullmatch(text):
        raise TokenError("a token that cannot be sent")
    return Token(text, time.monotonic() + max((life_s if life_s > 0 else LIFE_S) - MARGIN_S, 0.0))
