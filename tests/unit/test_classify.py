"""What a message says: the innermost cause, of several attempts the telling one, and never a word of a name."""

import time

import pytest

from agent.contract.classify import classify

CONTAINERD = 'failed to pull and unpack image "{image}": failed to resolve reference "{image}": failed to do request: '
HEAD = 'Head "https://r.example.com/v2/team/app/manifests/1": '
PODMAN = (
    "Error: initializing source docker://{image}: pinging container registry r.example.com: "
    'Get "https://r.example.com/v2/": '
)
IMAGE = "r.example.com/team/app:1"

SPOKEN = {
    CONTAINERD + HEAD + "dial tcp 10.0.0.5:443: connect: connection refused": "connect_refused",
    CONTAINERD + HEAD + "dial tcp 10.0.0.5:443: i/o timeout": "connect_timeout",
    CONTAINERD + HEAD + "dial tcp: lookup r.example.com on 10.0.0.2:53: server misbehaving": "dns_failed",
    CONTAINERD + HEAD + "dial tcp: lookup r.example.com: i/o timeout": "dns_failed",
    CONTAINERD + HEAD + "net/http: TLS handshake timeout": "tls_timeout",
    CONTAINERD + HEAD + "read tcp 10.0.0.9:41222->10.0.0.5:443: i/o timeout": "registry_unavailable",
    CONTAINERD + HEAD + "proxyconnect tcp: dial tcp: lookup proxy.corp: no such host": "proxy_failed",
    CONTAINERD + HEAD + "proxyconnect tcp: tls: first record does not look like a TLS handshake": "proxy_failed",
    CONTAINERD + HEAD + "Forbidden": "proxy_failed",
    CONTAINERD + HEAD + "EOF": "connection_reset",
    PODMAN + "tls: failed to verify certificate: x509: certificate signed by unknown authority": "tls_untrusted",
    PODMAN + "dial tcp 10.0.0.5:443: connect: no route to host": "connect_timeout",
    PODMAN + "http: server gave HTTP response to HTTPS client": "tls_protocol",
    PODMAN + "remote error: tls: certificate required": "auth_failed",
    "Error: initializing source docker://r.example.com/team/app:1: Requesting bearer token: invalid status code "
    "from registry "
    "503 (Service Unavailable)": "registry_unavailable",
    'failed to resolve reference "r.example.com/team/app:1": failed to authorize: failed to fetch oauth token: '
    "unexpected status "
    "from POST request to https://auth.example.com/token: 503 Service Unavailable": "registry_unavailable",
    'failed to resolve reference "r.example.com/team/app:1": failed to authorize: failed to fetch anonymous token: Get '
    '"https://auth.example.com/token?service=r": dial tcp 10.0.0.6:443: connect: connection refused': "connect_refused",
    'failed to resolve reference "r.example.com/team/app:1": pull access denied, repository does not exist or may '
    "require "
    "authorization: server message: insufficient_scope: authorization failed": "auth_failed",
    "failed to copy: httpReadSeeker: failed open: failed to do request: Get "
    '"https://cdn.example.com/blobs/sha256:00": dial tcp '
    "10.0.0.7:443: connect: connection refused": "connect_refused",
    "failed to copy: httpReadSeeker: failed open: unexpected status code https://cdn.example.com/blob/00: 403 "
    "Forbidden": ("blob_unavailable"),
    "copying system image from manifest list: reading blob sha256:00: fetching blob: StatusCode: 503, <html>": (
        "blob_unavailable"
    ),
    "failed to extract layer sha256:00: write /var/lib/containerd/x/timeout.py: no space left on device: unknown": (
        "disk_full"
    ),
    "docker: Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit.": (
        "rate_limited"
    ),
    'error parsing HTTP 429 response body: invalid character "<" looking for beginning of value': "rate_limited",
    "validate service connection: validate CRI v1 image API for endpoint "
    '"unix:///run/containerd/containerd.sock": rpc error: '
    'code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix '
    '/run/containerd/containerd.sock: connect: connection refused"': "runtime_unavailable",
    'rpc error: code = NotFound desc = failed to pull and unpack image "r.example.com/a:1": no match for platform '
    "in manifest: "
    "not found": "wrong_architecture",
    "rpc error: code = DeadlineExceeded desc = context deadline exceeded": "cancelled",
    "Error: error from registry: manifest unknown": "image_not_found",
    "Error response from daemon: Get https://r.example.com/v2/: unauthorized: incorrect username or password": (
        "auth_failed"
    ),
    "something nobody has ever read": "unknown",
    "": "unknown",
    'Back-off pulling image "r.example.com/team/app:1"': "unknown",
}


@pytest.mark.parametrize(("message", "cause"), SPOKEN.items(), ids=range(len(SPOKEN)))
def test_the_innermost_cause_of_a_chain_is_given(message: str, cause: str) -> None:
    told = message.replace("{image}", IMAGE)
    assert classify(told).cause == cause
    assert classify(f"rpc error: code = Unknown desc = {told}").cause == cause
    escaped = told.replace('"', '\\"')
    assert classify(f'E1122 1 kuberuntime_image.go:55] "Failed to pull image" err="{escaped}" image="x"').cause == cause


TRAPS = (
    "timeout",
    "denied",
    "x509",
    "429",
    "401",
    "not-found",
    "unauthorized",
    "manifest-unknown",
    "eof",
    "proxyconnect",
)


@pytest.mark.parametrize("word", TRAPS)
def test_a_word_inside_a_name_means_nothing(word: str) -> None:
    for image in (
        f"r.example.com/team/{word}:1",
        f"r.example.com/{word}/app:1",
        f"r.example.com/team/app:{word}",
        f"{word}.example.com/a:1",
    ):
        assert classify(f'Back-off pulling image "{image}"').cause == "unknown"
        refused = (
            CONTAINERD.format(image=image)
            + f'Head "https://{image}": dial tcp 10.0.0.5:443: connect: connection refused'
        )
        assert classify(refused).causes == ["connect_refused"]
        assert classify(f'secret "{word}": {refused}').causes == ["connect_refused"]
        assert classify(f"reading manifest {word} in r.example.com/{word}: manifest unknown").causes == [
            "image_not_found"
        ]


def test_of_several_credentials_the_telling_answer_comes_first() -> None:
    told = classify(
        f'Failed to pull image "{IMAGE}": [rpc error: code = Unknown desc = failed to pull and unpack image '
        f'"{IMAGE}": failed to '
        'copy: httpReadSeeker: failed open: failed to do request: Get "https://cdn.example.com/x": EOF, rpc '
        "error: code = Unknown "
        f'desc = failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": unexpected '
        f"status from HEAD "
        "request to https://r.example.com/v2/team/app/manifests/1: 401 Unauthorized]"
    )
    assert told.causes == ["connection_reset", "auth_failed"]
    assert told.host == "cdn.example.com"


def test_a_dead_mirror_and_a_dead_upstream_are_both_told() -> None:
    told = classify(
        "initializing source docker://r.example.com/a:1: (Mirrors also failed: [m.example.com/a:1: pinging "
        "container registry "
        'm.example.com: Get "https://m.example.com/v2/": dial tcp 10.0.0.8:443: connect: connection refused]): '
        "r.example.com/a:1: "
        'pinging container registry r.example.com: Get "https://r.example.com/v2/": dial tcp: lookup '
        "r.example.com: no such host"
    )
    assert told.causes == ["dns_failed", "connect_refused"]


def test_image_and_host_are_told() -> None:
    told = classify(CONTAINERD.format(image=IMAGE) + HEAD + "dial tcp 10.0.0.5:443: i/o timeout")
    assert (told.image, told.host, told.transient) == (IMAGE, "r.example.com", True)
    short = classify('Failed to pull image "nginx": toomanyrequests: slow down')
    assert (short.image, short.host) == ("docker.io/library/nginx:latest", "docker.io")
    assert classify("reading manifest 1.2 in quay.io/a/b: manifest unknown").image == "quay.io/a/b:1.2"
    assert classify("write /var/lib/containerd/x: no space left on device").host is None


def test_the_proxy_is_the_host_of_its_own_fault() -> None:
    told = classify(
        PODMAN.format(image=IMAGE) + "proxyconnect tcp: dial tcp 10.0.0.8:3128: connect: connection refused"
    )
    assert told.host == "10.0.0.8"


def test_a_silent_resolver_passes_and_a_missing_name_stays() -> None:
    assert classify("dial tcp: lookup a on 10.0.0.2:53: read udp 1.1.1.1:5->10.0.0.2:53: i/o timeout").transient
    assert not classify("dial tcp: lookup a on 10.0.0.2:53: no such host").transient


def test_the_telling_words_and_the_detail_hold_no_secret_and_no_line_end() -> None:
    told = classify(
        'Get "https://user:hunter2secret@r.example.com/v2/?token=abcdef0123456789":\n dial tcp 10.0.0.5:443: i/o '
        "timeout "
        "Authorization: Bearer abcdefghijklmnopqrstuvwx"
    )
    for text in (told.detail, told.matched):
        assert "hunter2secret" not in text
        assert "abcdef" not in text
        assert "\n" not in text
    assert told.host == "r.example.com"


@pytest.mark.parametrize(
    "filler",
    [
        "a",
        "a.",
        "a/",
        "x509: ",
        'dial tcp "',
        "lookup ",
        "denied: ",
        "[",
        "\\",
        "ß",
        "İ",
        "eyJ-",
        "status 4",
        "https://",
    ],
)
def test_a_line_of_any_length_is_read_in_bounded_time(filler: str) -> None:
    long = filler * (1_000_000 // len(filler))
    started = time.process_time()
    told = classify(long + ": dial tcp 10.0.0.5:443: connect: connection refused")
    # Generous for a shared machine: a pattern that backtracks needs minutes here.
    assert time.process_time() - started < 2
    assert "connect_refused" in told.causes or told.cause != "unknown"


def test_letters_that_grow_when_lowered_shift_nothing() -> None:
    assert classify("İİİİ: connection refused").matched == "connection refused"
