"""The front doors of the lab's registries, as nginx configuration."""

from dataclasses import dataclass, replace
from pathlib import Path

# Headers as Docker Hub gives them: room enough, so that the report has something to count.
_HEADROOM = """
    add_header ratelimit-limit "5000;w=21600" always;
    add_header ratelimit-remaining "4321;w=21600" always;
"""
# Clients of containers/image try again for more than a minute, unless they are told when.
_TOO_MANY = (
    _HEADROOM
    + """
        add_header Retry-After 0 always;
        default_type application/json;
        return 429 '{{"errors":[{{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}}]}}';
"""
)
# Read from the registry's own store; images.lab sends its clients here.
_BLOBS = """
    location ~ "^/store/sha256:(?<head>[0-9a-f][0-9a-f])(?<tail>[0-9a-f]+)$" {{
        default_type application/octet-stream;
        alias {storage}/$head/$head$tail/data;
    }}
"""
_REDIRECT = """
    location ~ "^/v2/.+/blobs/(?<digest>sha256:[0-9a-f]+)$" {{ return 307 https://blobs.lab/store/$digest; }}
"""


@dataclass(frozen=True)
class Site:
    """One front door: its host, what it does apart from passing on, and the registry's port behind it."""

    host: str
    port: int = 0
    locations: str = ""

    def with_429(self, path: str) -> "Site":
        """Give the same door with every path that begins so refused as too many."""
        return replace(self, locations=f"    location ~ {path} {{{{{_TOO_MANY}}}}}\n{self.locations}")


REGISTRY = Site("registry.lab", port=5001, locations=_HEADROOM)
IMAGES = Site("images.lab", port=5002, locations=_REDIRECT)
BLOBS = Site("blobs.lab", locations=_BLOBS)


def nginx_configuration(site: Site, address: str, certificate: Path, folder: Path, storage: Path) -> str:
    """Write the whole configuration of one nginx that serves this door only."""
    temporary = "".join(
        f"    {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    passing = f"location / {{ proxy_pass http://127.0.0.1:{site.port}; }}" if site.port else ""
    return f"""
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
{temporary}
    access_log {folder}/access.log;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-Proto https;
    proxy_http_version 1.1;
server {{
    listen {address}:443 ssl http2;
    server_name {site.host};
    ssl_certificate {certificate};
    ssl_certificate_key {certificate};
    client_max_body_size 0;
{site.locations.format(storage=storage)}
    {passing}
}}
}}
"""
