"""Doors of registries that refuse: who asks, or what is asked for."""

from tests.lab.living.door import Door, Serve, http
from tests.lab.living.doors.answers import AT_ONCE, HTML, JSON, TOO_MANY, errors, page
from tests.servers.images import Image
from tests.servers.registry import Registry, Reply

_BASIC = JSON | {"WWW-Authenticate": 'Basic realm="Registry"'}
_UNAUTHORIZED = errors("UNAUTHORIZED", "authentication required")
_DENIED = errors("DENIED", "requested access to the resource is denied")


def _bearer(realm: str) -> Reply:
    return Reply(401, JSON | {"WWW-Authenticate": f'Bearer realm="{realm}",service="lab"'}, _UNAUTHORIZED)


def _own_tokens(reply: Reply) -> Serve:
    """Serve a registry whose own token service answers so."""

    def arrange(registry: Registry, _: Image) -> None:
        registry.on("/token", reply)
        registry.rules.append(lambda asked: _bearer(f"https://{asked.headers['host']}/token"))

    return http(arrange=arrange)


DOORS = (
    Door("401 without a challenge", "auth_failed", http(("/", Reply(401, JSON, _UNAUTHORIZED)))),
    Door("401, Basic", "auth_failed", http(("/", Reply(401, _BASIC, _UNAUTHORIZED)))),
    Door("403 from a registry", "auth_failed", http(("/manifests/", Reply(403, JSON, _DENIED)))),
    Door("403 from everything", "auth_failed", http(("/", Reply(403, HTML, page("403 Forbidden"))))),
    Door("the token service's name is gone", "dns_failed", http(("/", _bearer("https://nobody.lab/token")))),
    Door(
        "the token service refuses connections", "connect_refused", http(("/", _bearer("https://auth.lab:444/token")))
    ),
    Door("the token service answers 401", "auth_failed", _own_tokens(Reply(401, JSON, _UNAUTHORIZED))),
    Door("the token service answers 403", "auth_failed", _own_tokens(Reply(403, JSON, _DENIED))),
    Door("the token service answers 429", "rate_limited", _own_tokens(Reply(429, JSON | AT_ONCE, TOO_MANY))),
    Door("the token service answers 500", "registry_unavailable", _own_tokens(Reply(500, HTML, page("500")))),
    Door("the token is none", "registry_unavailable", _own_tokens(Reply(200, HTML, page("Please log in")))),
    Door("a token and still 401", "auth_failed", _own_tokens(Reply(200, JSON, b'{"token": "lab"}'))),
    Door("401 in words of its own", "auth_failed", http(("/", Reply(401, JSON, _UNAUTHORIZED, reason="Who are you")))),
    Door("403 without a word", "auth_failed", http(("/", Reply(403, JSON, b"", reason="")))),
    Door(
        "no such tag",
        "image_not_found",
        http(("/manifests/", Reply(404, JSON, errors("MANIFEST_UNKNOWN", "manifest unknown")))),
    ),
    Door(
        "no such repository",
        "image_not_found",
        http(("/manifests/", Reply(404, JSON, errors("NAME_UNKNOWN", "repository name not known to registry")))),
    ),
    Door("404 with a page", "image_not_found", http(("/manifests/", Reply(404, HTML, page("404 Not Found"))))),
)
