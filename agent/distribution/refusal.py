"""What an answer that is not the wanted one means: its cause, and one line for a tired person.

Source: the error codes of the distribution specification; runbook 009.
"""

import msgspec

from agent.distribution.follow import Answer
from agent.host.credentials import Credential
from agent.probes.fault import Fault
from agent.probes.http import Response

MESSAGE_CHARACTERS = 120  # of what the registry says for itself: enough to know it by
API_HEADER = "docker-distribution-api-version"
CLIENT_WANTED = b"SSL certificate"  # in nginx's page, which it sends instead of breaking the handshake
PORTAL = "something else than a registry answers (captive portal or proxy page)"


def is_html(response: Response) -> bool:
    """Tell whether a page for people came where a registry would speak: a portal, a proxy, a login."""
    start = response.body[:256].lstrip().lower()
    return response.media_type in ("text/html", "application/xhtml+xml") or start.startswith((b"<!doctype", b"<html"))


def portal(answer: Answer) -> Fault:
    """Say that a page came instead of a registry's answer."""
    if answer.response.status == 400 and CLIENT_WANTED in answer.response.body:
        detail = f"{answer.origin.target} demands a client certificate that the node has not (HTTP 400)"
        return Fault("auth_failed", detail, host=answer.origin.host, status=400)
    return Fault(
        "registry_unavailable",
        f"{answer.origin.target}: {PORTAL}",
        host=answer.origin.host,
        status=answer.response.status,
        content_type=answer.response.media_type,
    )


def refused(answer: Answer, what: str, credential: Credential | None) -> Fault:
    """Give the fault behind the status with which `what` (an image, a registry) was refused."""
    status, host = answer.response.status, answer.origin.target
    cause, words = _meaning(status)
    if status in (401, 403):
        who = f"the credentials of {credential.source}" if credential else "a node without credentials"
        words = f"refuses {what} to {who}" + ("; or it does not exist" if credential is None and status == 401 else "")
    elif cause == "image_not_found":
        words = f"has no {what}"
    message = said(answer.response)
    detail = f"{host} {words} (HTTP {status})" + (f": {message}" if message else "")
    evidence = {"host": answer.origin.host, "status": status}
    return Fault(cause, detail, **evidence | ({"message": message} if message else {}))


def _meaning(status: int) -> tuple[str, str]:
    if status == 429:
        return "rate_limited", "allows no more requests for now"
    if status in (401, 403):
        return "auth_failed", ""
    if status in (404, 410):
        return "image_not_found", ""
    if status == 407:
        return "proxy_failed", "is a proxy that demands credentials"
    if status == 406:
        return "unsupported_media_type", "has the image in no form that the runtime takes"
    if 300 <= status < 400:
        return "registry_unavailable", "redirects to nowhere"
    return "registry_unavailable", "does not serve" if status >= 500 else "answers what no registry answers"


def said(response: Response) -> str:
    """Give the first message of an error answer in the registries' form; empty where there is none."""
    try:
        document = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""
    errors = document.get("errors") if isinstance(document, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    if not isinstance(first, dict):
        return ""
    texts = [text for key in ("code", "message") if isinstance(text := first.get(key), str) and text]
    return " ".join(": ".join(texts).split())[:MESSAGE_CHARACTERS]
