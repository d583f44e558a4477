"""Image references as people write them, written out."""

import pytest

from agent.contract.reference import InvalidReferenceError, is_short, parse

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "written_out"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.27", "docker.io/library/nginx:1.27"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("index.docker.io/library/nginx", "docker.io/library/nginx:latest"),
        ("team/app", "docker.io/team/app:latest"),
        ("quay.io/team/app:v1", "quay.io/team/app:v1"),
        ("localhost/app", "localhost/app:latest"),
        ("localhost:5000/app", "localhost:5000/app:latest"),
        ("127.0.0.1:5000/a/b/c:1", "127.0.0.1:5000/a/b/c:1"),
        ("[::1]:5000/app:1", "[::1]:5000/app:1"),
        (f"quay.io/team/app@{DIGEST}", f"quay.io/team/app@{DIGEST}"),
        (f"quay.io/team/app:v1@{DIGEST}", f"quay.io/team/app:v1@{DIGEST}"),
        ("quay.io/a__b/c-d.e:x", "quay.io/a__b/c-d.e:x"),
    ],
)
def test_a_reference_is_always_written_out(text: str, written_out: str) -> None:
    assert str(parse(text)) == written_out
    assert str(parse(written_out)) == written_out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("Nginx:latest", "lower case"),
        ("quay.io/Team/app", "lower case"),
        ("a/b:c:d", "tag"),
        ("nginx:", "tag"),
        ("nginx:-x", "tag"),
        ("nginx:" + "x" * 129, "tag"),
        ("https://quay.io/team/app", "registry host"),
        ("quay.io/", "repository"),
        ("quay.io:0/app", "port"),
        ("quay.io:65536/app", "port"),
        ("quay.io:" + "1" * 5000 + "/app", "port"),
        ("[::1]:70000/app", "port"),
        ("quay.io//app", "repository"),
        ("a/b@sha256:abc", "digest"),
        (f"a/b@{DIGEST.upper()}", "digest"),
        ("a/b@", "digest"),
        ("a b", "repository"),
        ("quay.io/" + "x" * 250, "longer"),
        ("nginx\n", "repository"),
    ],
)
def test_what_can_name_no_image_is_refused_with_the_part_that_is_wrong(text: str, words: str) -> None:
    with pytest.raises(InvalidReferenceError, match=words):
        parse(text)


def test_repository_and_selector_are_what_a_registry_is_asked_for() -> None:
    reference = parse(f"quay.io/team/app:v1@{DIGEST}")
    assert reference.repository == "quay.io/team/app"
    assert reference.selector == DIGEST
    assert parse("nginx").selector == "latest"


@pytest.mark.parametrize(
    ("text", "short"),
    [("nginx", True), ("team/app", True), ("quay.io/app", False), ("localhost/app", False), (f"app@{DIGEST}", True)],
)
def test_a_short_name_is_one_without_a_registry(text: str, short: bool) -> None:
    assert is_short(text) is short
