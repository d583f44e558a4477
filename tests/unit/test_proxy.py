"""The proxy that the runtime would go through, as Go reads its environment."""

import pytest

from agent.host.endpoint import Origin
from agent.host.proxy import proxy_for

QUAY = Origin("https", "quay.io", 443)


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://10.0.0.1:3128"}, "http://10.0.0.1:3128"),
        ({"https_proxy": "proxy.lab:3128"}, "http://proxy.lab:3128"),
        ({"HTTPS_PROXY": "https://proxy.lab"}, "https://proxy.lab:443"),
        ({"HTTP_PROXY": "http://10.0.0.1:3128"}, None),
        ({"HTTPS_PROXY": "http://a", "https_proxy": "http://b"}, "http://a:80"),
        ({"HTTPS_PROXY": ""}, None),
    ],
)
def test_the_variable_of_the_scheme_counts(environ: dict[str, str], proxy: str | None) -> None:
    found = proxy_for(QUAY, environ)
    assert (str(found) if found else None) == proxy


@pytest.mark.parametrize(
    ("no_proxy", "host", "port", "direct"),
    [
        ("*", "quay.io", 443, True),
        ("quay.io", "quay.io", 443, True),
        ("quay.io", "cdn.quay.io", 443, True),
        ("quay.io", "notquay.io", 443, False),
        (".quay.io", "quay.io", 443, False),
        (".quay.io", "cdn.quay.io", 443, True),
        ("*.quay.io", "cdn.quay.io", 443, True),
        ("quay.io:443", "quay.io", 443, True),
        ("quay.io:5000", "quay.io", 443, False),
        ("10.0.0.0/8", "10.1.2.3", 5000, True),
        ("10.0.0.0/8", "11.1.2.3", 5000, False),
        ("10.1.2.3", "10.1.2.3", 443, True),
        ("a, QUAY.IO ,b", "quay.io", 443, True),
        ("fd00::/8", "fd00::1", 443, True),
        ("", "localhost", 443, True),
        ("", "127.0.0.1", 5000, True),
        ("", "::1", 5000, True),
        ("/,:,[", "quay.io", 443, False),
    ],
)
def test_no_proxy_is_read_in_all_its_forms(no_proxy: str, host: str, port: int, direct: bool) -> None:
    environ = {"HTTPS_PROXY": "http://10.0.0.1:3128", "NO_PROXY": no_proxy}
    assert (proxy_for(Origin("https", host, port), environ) is None) is direct


def test_credentials_of_a_proxy_are_kept_and_never_shown() -> None:
    proxy = proxy_for(QUAY, {"HTTPS_PROXY": "http://user:hu%40sh@10.0.0.1:3128"})
    assert proxy is not None
    assert proxy.authorization == "Basic dXNlcjpodUBzaA=="
    assert "hu" not in repr(proxy) + str(proxy)


@pytest.mark.parametrize("told", ["ftp://10.0.0.1", "http://[::1", "http://:3128", "http://u:hush@h:x"])
def test_what_is_no_proxy_is_refused_without_showing_it(told: str) -> None:
    with pytest.raises(ValueError, match=r"^HTTPS_PROXY is no URL of a proxy$"):
        proxy_for(QUAY, {"HTTPS_PROXY": told})
