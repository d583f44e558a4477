"""What does a reader want? Form, filters and patience out of a request; what makes no sense is refused in one line."""

import re

from aiohttp import web

MAX_WAIT_S = 600.0  # longer than proxies hold a connection; a caller asks again
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(s|m)?")
_UNITS_S = {None: 1.0, "s": 1.0, "m": 60.0}
_FORMS = {
    "application/json": "json",
    "application/x-ndjson": "json",
    "application/*": "json",
    "text/plain": "text",
    "text/html": "text",
}


def check_parameters(request: web.Request, *known: str) -> None:
    """Refuse a request with parameters that nobody reads, or one of them twice.

    Raises:
        web.HTTPBadRequest: with the parameter's name.
    """
    for name in request.query:
        if name not in known:
            may = f"; known here: {', '.join(known)}" if known else ""
            raise refusal(f"unknown parameter {name[:40]!r}{may}")
        if len(request.query.getall(name)) > 1:
            raise refusal(f"the parameter {name!r} stands twice")


def form_of(request: web.Request) -> str:
    """Give `json` or `text`: by `?format=`, else by `Accept`; whoever wants neither gets text.

    Raises:
        web.HTTPBadRequest: for another format.
    """
    wanted = request.query.get("format")
    if wanted is not None:
        if wanted not in ("json", "text"):
            raise refusal(f"format: expected json or text, got {wanted[:40]!r}")
        return wanted
    best, form = 0.0, "text"
    for part in request.headers.get("Accept", "").split(","):
        kind, *options = (piece.strip().lower() for piece in part.split(";"))
        weight = next((_weight(option) for option in options if option.startswith("q=")), 1.0)
        if kind in _FORMS and weight > best:
            best, form = weight, _FORMS[kind]
    return form


def wait_of(request: web.Request) -> float:
    """Give how many seconds the answer may be held: `?wait=120s`, `2m` or `120`.

    Raises:
        web.HTTPBadRequest: where it is no duration, or too long a one.
    """
    text = request.query.get("wait", "0")
    found = _DURATION.fullmatch(text)
    seconds = float(found[1]) * _UNITS_S[found[2]] if found else -1.0
    if not 0 <= seconds <= MAX_WAIT_S:
        raise refusal(f"wait: expected a duration such as 120s, at most {MAX_WAIT_S:.0f}s, got {text[:40]!r}")
    return seconds


def refusal(why: str) -> web.HTTPBadRequest:
    """Give the exception that answers 400 with one line."""
    return web.HTTPBadRequest(text=f"{why}\n")


def _weight(option: str) -> float:
    try:
        return min(1.0, max(0.0, float(option[2:])))
    except ValueError:
        return 0.0
