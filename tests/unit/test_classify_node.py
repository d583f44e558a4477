"""What the network and the node print: wrappers tell less than what they wrap, and names tell nothing."""

import pytest

from agent.contract.classify import classify
from agent.contract.classify.rule import Rule, compiled
from agent.contract.classify.rules import cut

URL = "https://r.example.com/v2/a/manifests/1"


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("failed to register layer: ApplyLayer exit status 1 stdout: stderr: operation not permitted", "storage_error"),
        ("failed to register layer: mkdir /usr/x: no space left on device", "disk_full"),
        ("hcsshim::ImportLayer failed in Win32: There is not enough space on the disk. (0x70)", "disk_full"),
        ('hcsshim::ImportLayer failed in Win32: Access is denied. (0x5) path="C:\\x"', "storage_error"),
        ('Error committing the finished image: error adding layer with blob "sha256:0": context canceled', "cancelled"),
        ("processing tar file(unexpected EOF): exit status 1", "connection_reset"),
        ("failed to extract layer sha256:0: failed to get stream processor for application/x: no processor for "
         "media-type: unknown", "unsupported_media_type"),
        ("failed to mount /var/lib/containerd/tmpmounts/x: operation not permitted: unknown", "storage_error"),
        ("mounts: snapshot 12 is not ready, err: no instance 12: not found", "storage_error"),
        ("initializing source docker://a: getting username and password: reading JSON file: permission denied",
         "config_invalid"),
        (f'Get "{URL}": tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly '
         'because of "x509: invalid signature" while trying to verify candidate authority certificate "Proxy CA")',
         "tls_untrusted"),
        (f'Head "{URL}": unsupported protocol scheme ""', "config_invalid"),
        ("503 upstream connect error or disconnect/reset before headers. reset reason: connection timeout",
         "registry_unavailable"),
        ("unable to connect to proxy http://10.0.0.8:3128: dial tcp 10.0.0.8:3128: connect: connection refused",
         "proxy_failed"),
        ("read unix @->/run/containerd/containerd.sock: read: connection reset by peer", "runtime_unavailable"),
        ("connect ECONNREFUSED /var/run/docker.sock", "runtime_unavailable"),
        ("connect ECONNREFUSED 10.0.0.5:443", "connect_refused"),
    ],
)  # fmt: skip
def test_what_is_wrapped_tells_more_than_the_wrapper(message: str, cause: str) -> None:
    assert classify(message).cause == cause


@pytest.mark.parametrize(
    ("phrase", "cause"),
    [
        ("AuthorizedOnly", "proxy_failed"),
        ("Tunnel or SSL Forbidden", "proxy_failed"),
        ("Bad Request. See 'docker run --help'.", "proxy_failed"),
        ("EOF", "connection_reset"),
        ("unexpected EOF", "connection_reset"),
        ("context deadline exceeded", "cancelled"),
        ("unauthorized: authentication required", "auth_failed"),
        ("denied: requested access to the resource is denied", "auth_failed"),
    ],
)
def test_a_bare_phrase_behind_an_https_address_is_the_proxys_unless_go_says_it(phrase: str, cause: str) -> None:
    assert classify(f"Error response from daemon: Get {URL}: {phrase}").cause == cause


def test_of_a_kubelet_list_an_eof_is_read_in_each_place() -> None:
    once = f'rpc error: code = Unknown desc = Get "{URL}": EOF'

    assert classify(f"[{once}, {once}]").cause == "connection_reset"


@pytest.mark.parametrize("rule", cut.RULES, ids=lambda rule: rule.example[-40:])
def test_a_message_that_ends_in_its_telling_words_is_read_and_one_that_goes_on_differently_is_not(
    rule: Rule,
) -> None:
    for ending in ("", "...", "…", '"'):
        assert classify(rule.example + ending).cause == rule.cause
    assert not compiled(rule.pattern).search(f"{rule.example}; was found".lower())


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("E0601 1 manager.go:2110] container start failed: ErrImagePull: net/http: request canceled", "cancelled"),
        (
            'reading image "r.example.com/a@sha256:00": unsupported MediaType: '
            '"application/vnd.docker.distribution.manifest.v1+prettyjws", see https://example.com/issues/377',
            "unsupported_media_type",
        ),
    ],
)
def test_a_needle_that_stands_late_in_its_pattern_or_in_one_of_two_spellings_is_found(message: str, cause: str) -> None:
    assert classify(message).cause == cause


@pytest.mark.parametrize(
    "word", ["servfail", "zscaler", "unknownissuer", "econnreset", "nxdomain", "enospc", "zfs", "407"]
)
def test_a_name_that_holds_a_telling_word_tells_nothing(word: str) -> None:
    assert classify(f'Back-off pulling image "r.example.com/{word}/app-{word}:{word}"').cause == "unknown"


@pytest.mark.parametrize(
    ("message", "passes"),
    [
        (f"Get {URL}: Forbidden", False),
        (f"Get {URL}: Service Unavailable", True),
        (f"Get {URL}: Proxy Authentication Required", False),
        ("dial tcp 10.0.0.5:443: connect: connection refused", True),
        ("dial tcp 10.0.0.5:443: connect: operation not permitted", False),
        ("lookup r.example.com: getaddrinfow: This is usually a temporary error during hostname resolution", True),
        ("** server can't find r.example.com: SERVFAIL", True),
        ("** server can't find r.example.com: NXDOMAIN", False),
        ("failed to open writer: ref layer-sha256:0 locked for 1s (since now): unavailable", True),
    ],
)
def test_what_passes_by_itself_and_what_stays_are_told_apart(message: str, passes: bool) -> None:
    assert classify(message).transient is passes
