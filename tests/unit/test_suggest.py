"""The name that was likely meant, by the text alone; and that nothing is invented."""

import pytest

from agent.contract.causes import BY_ID
from agent.contract.reference import parse
from agent.contract.suggest import CAUSES, suggest
from agent.contract.suggest.likely import LOOKS, of_absent, of_text
from agent.contract.suggest.places import official
from agent.contract.suggest.spelling import corrected, distance, index

HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://ghcr.io/a/b:1", "ghcr.io/a/b:1"),
        ("docker://quay.io/a/b:1", "quay.io/a/b:1"),
        ("http://10.0.0.1:5000/app:1", "10.0.0.1:5000/app:1"),
        ("oci://registry-1.docker.io/bitnamicharts/redis:1", "docker.io/bitnamicharts/redis:1"),
        ("https://user:word@registry.corp/Team/app:1", "registry.corp/team/app:1"),
        ("https://hub.docker.com/_/nginx", "docker.io/library/nginx:latest"),
        ("https://hub.docker.com/r/bitnami/redis/tags", "docker.io/bitnami/redis:latest"),
        ("https://hub.docker.com/layers/library/nginx/1.27/images/sha256-ab?context=explore",
         "docker.io/library/nginx:1.27"),
        ("https://quay.io/repository/prometheus/node-exporter?tab=tags", "quay.io/prometheus/node-exporter:latest"),
        ("https://github.com/orgs/o/packages/container/package/app", "ghcr.io/o/app:latest"),
        ("https://github.com/o/r/pkgs/container/app", "ghcr.io/o/app:latest"),
        ("https://gallery.ecr.aws/nginx/nginx", "public.ecr.aws/nginx/nginx:latest"),
        ("https://registry.corp:5000/v2/team/app/manifests/1.0", "registry.corp:5000/team/app:1.0"),
        ("Nginx:latest", "docker.io/library/nginx:latest"),
        ("quay.io/Team/App:V1", "quay.io/team/app:V1"),
        ("localhost:5000/APP", "localhost:5000/app:latest"),
        ("nginx :1.27", "docker.io/library/nginx:1.27"),
        ("nginx: 1.27", "docker.io/library/nginx:1.27"),
        ("app:1.0 ", "docker.io/library/app:1.0"),
        ("nginx:", "docker.io/library/nginx:latest"),
        ("nginx:1.27/", "docker.io/library/nginx:1.27"),
        ("quay.io//a/b:1", "quay.io/a/b:1"),
        ("quay.io\\a\\b:1", "quay.io/a/b:1"),
        ("nginx::1.27", "docker.io/library/nginx:1.27"),
        ("registry.local:/app:1", "registry.local/app:1"),
        ("nginx@1.27", "docker.io/library/nginx:1.27"),
        ("nginx:1.27@", "docker.io/library/nginx:1.27"),
        ("nginx:1@sha256:abc", "docker.io/library/nginx:1"),
        (f"nginx@sha256:{HEX.upper()}", f"docker.io/library/nginx@sha256:{HEX}"),
        (f"nginx:sha256:{HEX}", f"docker.io/library/nginx@sha256:{HEX}"),
        (f"nginx@{HEX}", f"docker.io/library/nginx@sha256:{HEX}"),
        (f"nginx@sha256:{HEX}:1.2", f"docker.io/library/nginx:1.2@sha256:{HEX}"),
        ("rancher/k3s:v1.2.3+k3s1", "docker.io/rancher/k3s:v1.2.3-k3s1"),
        ("team/app:feature/foo", "docker.io/team/app:feature-foo"),
        ("nginx:1,27", "docker.io/library/nginx:1.27"),
        ("nginx:-alpine", "docker.io/library/nginx:alpine"),
        ("\u201cnginx:1.27\u2013alpine\u201d", "docker.io/library/nginx:1.27-alpine"),
        ("docker pull Nginx:lastest", "docker.io/library/nginx:latest"),
        ("image: Redis", "docker.io/library/redis:latest"),
    ],
)  # fmt: skip
def test_what_can_be_no_name_is_mended(written: str, meant: str) -> None:
    found = of_text(written)
    assert found is not None
    assert (found.image, found.confirmed) == (meant, False)
    assert found.reason.endswith("(not looked up)")


@pytest.mark.parametrize(
    "written",
    ["", " ", ":", "a b", "None:None", "Team/app:undefined", "/team/app:1",
     "nginx latest", "${REGISTRY}/app:1", "{{ image }}:1", "nginx:<tag>", "nginx@sha256:abc",
     "nginx", "quay.io/a/b:1", "x" * 500, "https://", "my_host:x/app", "nginx@sha256:" + HEX],
)  # fmt: skip
def test_nothing_is_invented_for_what_is_right_or_beyond_repair(written: str) -> None:
    assert of_text(written) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("nginx:lastest", "docker.io/library/nginx:latest"),
        ("quay.io/a/b:latset", "quay.io/a/b:latest"),
        ("quay.io/a/b:lastet", "quay.io/a/b:latest"),
        ("nginx:LATEST", "docker.io/library/nginx:latest"),
        ("nginx:1.27-alpin", "docker.io/library/nginx:1.27-alpine"),
        ("python:3.12-bookwrom", "docker.io/library/python:3.12-bookworm"),
        ("ngnix:1", "docker.io/library/nginx:1"),
        ("phyton:3.12", "docker.io/library/python:3.12"),
        ("postgresql:16", "docker.io/library/postgres:16"),
        ("prometheus:v2", "docker.io/prom/prometheus:v2"),
        ("quay.io/keycloak:26", "quay.io/keycloak/keycloak:26"),
        ("ghcr.io/nginx:1", "docker.io/library/nginx:1"),
        ("public.ecr.aws/library/nginx:1", "public.ecr.aws/docker/library/nginx:1"),
        ("docker.io/library/certbot/certbot:1", "docker.io/certbot/certbot:1"),
        ("k8s.gcr.io/pause:3.9", "registry.k8s.io/pause:3.9"),
        (f"gcr.io/google_containers/pause@sha256:{HEX}", f"registry.k8s.io/pause@sha256:{HEX}"),
        ("gcr.io/kubebuilder/kube-rbac-proxy:v0.8.0", "quay.io/brancz/kube-rbac-proxy:v0.8.0"),
        ("bitnami/redis:7.0", "docker.io/bitnamilegacy/redis:7.0"),
        ("vault:1.15", "docker.io/hashicorp/vault:1.15"),
        ("hub.docker.com/r/org/app:1", "docker.io/org/app:1"),
        ("hub.docker.com/_/nginx:1", None),  # no name at all: such a text is mended, not looked for
        ("registry.hub.docker.com/nginx:1", "docker.io/library/nginx:1"),
        ("github.com/o/app:1", "ghcr.io/o/app:1"),
        ("docker.pkg.github.com/o/r/app:1", "ghcr.io/o/app:1"),
        ("10.1.2.3:5000/v2/lib/redis:1", "10.1.2.3:5000/lib/redis:1"),
        ("MyOrg/app:1", "docker.io/myorg/app:1"),
    ],
)
def test_an_image_that_is_not_there_was_likely_another(written: str, meant: str | None) -> None:
    if meant is None:
        with pytest.raises(ValueError, match="no repository name"):
            parse(written)
        return
    found = of_absent(parse(written))
    assert found is not None
    assert found.image == meant


@pytest.mark.parametrize(
    "written",
    ["nginx:1", "app:1", "cart:2", "team/app:test", "registry.local/nginx:1", "registry.local/app:tests", "app:late",
     "lastest:1", f"nginx:lastest@sha256:{HEX}", f"gcr.io/kubebuilder/kube-rbac-proxy@sha256:{HEX}", "nginx:1.27.99",
     "quay.io/team:1", "docker.io/library/dart:1", "registry.k8s.io/pause:3.99", "node:v2"],
)  # fmt: skip
def test_a_name_that_looks_right_gets_no_other(written: str) -> None:
    assert of_absent(parse(written)) is None


@pytest.mark.parametrize(
    ("cause", "image", "message", "meant"),
    [
        ("invalid_reference", None, 'Failed to apply default image tag "quay.io/bio/Mimodd:0.1": couldn\'t parse image '
         'reference "quay.io/bio/MiModD:0.1": invalid reference format: repository name must be lowercase',
         "quay.io/bio/mimodd:0.1"),
        ("invalid_reference", None, 'Error parsing reference: "bazel/MyImage:tag" is not a valid repository/tag: '
         "invalid reference format", "docker.io/bazel/myimage:tag"),
        ("invalid_reference", None, "Error: parsing reference \"quay.io/A/b\": repository name must be lowercase",
         "quay.io/a/b:latest"),
        ("invalid_reference", None, 'Invalid image name "docker://Alpine", cannot parse',
         "docker.io/library/alpine:latest"),
        ("invalid_reference", None, "repository name (library/Redis) must be lowercase",
         "docker.io/library/redis:latest"),
        ("invalid_reference", None, "#19 ERROR: invalid reference format: repository name must be lowercase", None),
        ("invalid_reference", None, "docker: invalid reference format.", None),
        ("invalid_reference", None, "", None),
        ("image_not_found", "docker.io/library/nginx:1", 'failed to resolve reference "docker.io/nginx:1": not found',
         "docker.io/library/nginx:1"),
        ("image_not_found", "docker.io/library/nginx:1", 'reference "docker.io/library/nginx:1": not found', None),
        ("image_not_found", "docker.io/library/nginx:1", "mirror.docker.io/nginx:1 docker.io/org/nginx: x", None),
        ("image_not_found", None, "manifest unknown", None),
        ("image_not_found", "a b", "manifest unknown", None),
        ("auth_failed", "docker.io/library/ngnix:1", "pull access denied", "docker.io/library/nginx:1"),
        ("auth_failed", None, "pull access denied for ngnix, repository does not exist or may require 'docker login'",
         "docker.io/library/nginx:latest"),
        ("auth_failed", None, "pull access denied for team/ngnix, repository does not exist", None),
        ("auth_failed", None, "denied", None),
        ("registry_unavailable", "k8s.gcr.io/pause:3.9", "503", "registry.k8s.io/pause:3.9"),
        ("dns_failed", "MyOrg/app:1", "no such host", "docker.io/myorg/app:1"),
        ("auth_failed", "docker.io/bitnami/redis:1", "pull access denied", None),
        ("short_name_ambiguous", "docker.io/a/b:1", "", "docker.io/a/b:1"),
        ("short_name_ambiguous", "docker.io/library/nignx:1", "", "docker.io/library/nginx:1"),
        ("dns_failed", "dockerhub.io/org/app:1", "no such host", "docker.io/org/app:1"),
        ("dns_failed", "quay.io/org/app:lastest", "no such host", None),
        ("rate_limited", "docker.io/library/ngnix:1", "429", None),
        ("unknown", None, "Nginx", None),
        ("a_cause_of_a_newer_agent", "docker.io/library/ngnix:1", "", None),
    ],
)  # fmt: skip
def test_a_message_is_read_for_what_was_meant(cause: str, image: str | None, message: str, meant: str | None) -> None:
    found = suggest(cause, image, message)
    assert (found.image if found else None) == meant


def test_no_secret_is_suggested() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9abcdef"
    found = of_text(f"https://me:{token}@registry.corp/app:1")
    assert found is not None
    assert token not in f"{found}"
    assert of_text(f"https://registry.corp/app:{token}") is None
    assert of_text("https://me:word@") is None
    assert of_text(f"docker://app:1@sha256:{HEX}") is not None


def test_slips_are_counted() -> None:
    assert [distance("latest", other, 2) for other in ("latest", "latset", "lastest", "lates", "fastest", "fast")] == [
        0, 1, 1, 1, 2, 3,
    ]  # fmt: skip
    known = index(["nginx", "mongo", "monga"])
    assert corrected("ngnix", known) == "nginx"
    assert corrected("mongi", known) is None  # two are as near
    assert corrected("nginx", known) is None
    assert corrected("gin", known) is None


def test_no_official_image_is_taken_for_another() -> None:
    assert [name for name in official() if of_absent(parse(f"{name}:1"))] == []


def test_the_causes_that_a_name_can_explain_are_those_that_are_looked_at() -> None:
    assert set(LOOKS) == CAUSES
    assert set(BY_ID) >= CAUSES
