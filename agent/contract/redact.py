"""Mask secrets in text that is passed on: details, evidence, messages, logs.

Masked are: `Authorization` values, basic auth in URLs, tokens and signatures in query strings, JSON web tokens.
"""

import re
from functools import cache

MASK = "***"

# (words of which one must stand in the text in lower case, pattern, replacement): most texts hold none and cost little.
_PATTERNS = (
    (
        ("authorization",),
        r"(?i)\b((?:proxy-)?authorization\"?\s*[:=]\s*\"?(?:basic|bearer|digest|negotiate)?\s*)[^\s\",;]+",
        r"\1***",
    ),
    (("basic", "bearer"), r"(?i)\b((?:basic|bearer)\s+)[a-z0-9._~+/-]{16,}=*", r"\1***"),
    # The scheme's length is bounded, so that a long text of letters and dots is read in linear time.
    (("@",), r"(?i)([a-z][a-z0-9+.-]{0,30}://)[^/\s@\"']+@", r"\1***@"),
    (
        ("=",),
        r"(?i)([?&;](?:[a-z0-9_-]*(?:token|signature|credential|secret|password|passwd|key|code|jwt)|sig|auth|"
        r"x-amz-[a-z-]+|x-goog-[a-z-]+|se|sp|sv|verify)=)[^&\s\"'<>]+",
        r"\1***",
    ),
    (("eyj",), r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}", MASK),
    (
        ("token", "password", "secret", "auth"),
        r"(?i)(\"?(?:access_token|refresh_token|identitytoken|registrytoken|password|secret|auth)\"?\s*[:=]\s*\"?)"
        r"(?!//)[^\s\",;&}]{4,}",
        r"\1***",
    ),
)
_compiled = cache(re.compile)  # when a text needs it first: a command starts faster


def redact(text: str) -> str:
    """Give `text` with every secret that it is known how to recognise replaced by `***`."""
    low = text.lower()
    for words, pattern, replacement in _PATTERNS:
        if any(word in low for word in words):
            text = _compiled(pattern).sub(replacement, text)
    return text


def redact_all(value: object) -> object:
    """Give a copy of a JSON-like value in which every string has been redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: redact_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact_all(item) for item in value]
    return value
