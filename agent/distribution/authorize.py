"""What is shown to a registry that answered 401: basic credentials, or a token of the service that it names.

The token service's host walks through dns, tcp and tls like any other.

Source: the token authentication and the OAuth2 pages of the distribution project.
"""

import base64
from urllib.parse import urlencode, urlsplit, urlunsplit

from agent.check import Look
from agent.distribution.challenge import Challenge
from agent.distribution.follow import Answer, Patience, Request, follow, origin_of
from agent.distribution.tokens import KEPT, TOKEN_BYTES, Key, TokenError, read
from agent.distribution.walk import goes_on
from agent.host.credentials import Credential
from agent.host.endpoint import Endpoint, Origin
from agent.probes.fault import Fault

CLIENT = "pullscope"


async def authorize(
    look: Look,
    via: Endpoint,
    challenge: Challenge,
    scope: str,
    credential: Credential | None,
    patience: Patience,
    *,
    refused: str | None = None,
) -> str | None:
    """Give the value of an Authorization header; none where this identity has nothing to show.

    Args:
        refused: the value that the registry did not accept: it is not given again.

    Raises:
        Fault: what the token service did instead of giving a token; `token_service` in the evidence names its host.
        Blocked: where its dns, tcp or tls failed.
    """
    if challenge.scheme == "basic":
        return None if credential is None or not credential.username else basic(credential)
    key = Key(challenge.realm, challenge.service, scope, credential.fingerprint if credential else "")
    kept = KEPT.get(key)
    if kept is not None and f"Bearer {kept}" != refused:
        return f"Bearer {kept}"
    KEPT.forget(key)
    answer = await _ask(look, via, challenge, scope, credential, patience)
    _check(answer, credential, takes_200_only=not goes_on(look.node))
    host = answer.origin.host
    try:
        token = read(answer.response.body)
    except TokenError as error:
        raise _fault("registry_unavailable", host, answer.response.status, f"answers no token: {error}") from error
    KEPT.keep(key, token)
    return f"Bearer {token.text}"


def service_of(challenge: Challenge) -> Origin:
    """Give where the token service is.

    Raises:
        Fault: where the registry names none that could be asked.
    """
    try:
        return origin_of(challenge.realm)
    except Fault as fault:
        detail = f"the registry names a token service that cannot be: {fault.detail}"
        raise Fault(fault.cause, detail, realm=challenge.realm[:120]) from fault


def basic(credential: Credential) -> str:
    """Write a user name and its secret as a header value."""
    return "Basic " + base64.b64encode(f"{credential.username}:{credential.secret}".encode()).decode("ascii")


async def _ask(
    look: Look, via: Endpoint, challenge: Challenge, scope: str, credential: Credential | None, patience: Patience
) -> Answer:
    origin = service_of(challenge)
    asked = [("service", challenge.service)] if challenge.service else []
    asked += [("scope", one) for one in scope.split()]
    headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
    if credential is not None and not credential.username:
        form = [*asked, ("grant_type", "refresh_token"), ("refresh_token", credential.secret), ("client_id", CLIENT)]
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        request = Request("POST", challenge.realm, TOKEN_BYTES, headers, body=urlencode(form).encode())
        return await follow(look, via, request, patience)
    parts = urlsplit(challenge.realm)
    query = "&".join(part for part in (parts.query, urlencode(asked)) if part)
    url = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
    shown = {origin: basic(credential)} if credential is not None else {}
    return await follow(look, via, Request("GET", url, TOKEN_BYTES, headers, shown), patience)


def _check(answer: Answer, credential: Credential | None, *, takes_200_only: bool) -> None:
    """Raise what the token service's status says, unless it is a token's."""
    host, status = answer.origin.host, answer.response.status
    who = f"the credentials of {credential.source}" if credential else "a node without credentials"
    if answer.response.truncated:
        raise _fault("registry_unavailable", host, status, "answers more than a token can be")
    if status == 429:
        raise _fault("rate_limited", host, status, f"answers {status}")
    if status in (401, 403):
        raise _fault("auth_failed", host, status, f"refuses {who} ({status})")
    if not 200 <= status < 300 or (takes_200_only and status != 200):
        raise _fault("registry_unavailable", host, status, f"answers {status}")


def _fault(cause: str, host: str, status: int, what: str) -> Fault:
    return Fault(cause, f"the token service {host} {what}", token_service=host, token_status=status)
