"""Doors behind which no registry answers as one: 5xx, nonsense, resets, limits."""

import asyncio
import contextlib
import json

from tests.lab.living.door import Door, Place, http, in_tls, reset
from tests.servers.registry import Reply

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}


def errors(code: str, message: str) -> bytes:
    """Give the body of a registry's refusal."""
    return json.dumps({"errors": [{"code": code, "message": message}]}).encode()


def page(title: str) -> bytes:
    """Give a web server's own page."""
    return f"<html>\r\n<head><title>{title}</title></head>\r\n<body>{title}</body>\r\n</html>\r\n".encode()


TOO_MANY = errors("TOOMANYREQUESTS", "You have reached your pull rate limit. You may increase the limit by upgrading.")
AT_ONCE = {"Retry-After": "0"}  # clients of containers/image wait for longer and longer without it, a minute in all


async def _reset_after_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")
        reset(writer)


async def _end_after_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")
        writer.close()


async def _nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.lab ESMTP ready\r\n\r\n")
        await writer.drain()


DOORS = (
    Door("reset after the request", "connection_reset", in_tls(Place.context, _reset_after_request)),
    Door("end after the request", "connection_reset", in_tls(Place.context, _end_after_request)),
    Door("no HTTP", "registry_unavailable", in_tls(Place.context, _nonsense)),
    Door("500", "registry_unavailable", http(("/", Reply(500, JSON, errors("UNKNOWN", "unknown error"))))),
    Door("500 in words of its own", "registry_unavailable", http(("/", Reply(500, HTML, page("x"), reason="Oops")))),
    Door("502 with a page", "registry_unavailable", http(("/", Reply(502, HTML, page("502 Bad Gateway"))))),
    Door("503", "registry_unavailable", http(("/", Reply(503, JSON, errors("UNAVAILABLE", "service unavailable"))))),
    Door("503 with a page", "registry_unavailable", http(("/", Reply(503, HTML, page("503 Service Unavailable"))))),
    Door("504 for manifests only", "registry_unavailable", http(("/manifests/", Reply(504, HTML, page("504"))))),
    Door("it redirects to itself", "registry_unavailable", http(("/", Reply(307, {"Location": "/again"})))),
    Door("429", "rate_limited", http(("/", Reply(429, JSON | AT_ONCE, TOO_MANY)))),
    Door("429 for manifests", "rate_limited", http(("/manifests/", Reply(429, JSON | AT_ONCE, TOO_MANY)))),
    Door("429 for blobs", "rate_limited", http(("/blobs/", Reply(429, JSON | AT_ONCE, TOO_MANY)))),
    Door("429 with a page", "rate_limited", http(("/", Reply(429, HTML | AT_ONCE, page("429 Too Many Requests"))))),
    Door("429 without a word", "rate_limited", http(("/", Reply(429, AT_ONCE, reason="")))),
    Door("a captive portal", "registry_unavailable", http(("/", Reply(200, HTML, page("Please log in"))))),
)
