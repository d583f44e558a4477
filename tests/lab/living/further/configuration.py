"""What a person wrote: names, credentials, and the runtimes' own files."""

from tests.lab.living.further.kind import Further, asking, with_file
from tests.lab.living.tools import BUILDAH, OF_CONTAINERS, PODMAN, THROUGH_CRI, TOOLS

_POLICY = "/etc/containers/policy.json"
_REGISTRIES = "/etc/containers/registries.conf"
_SIGNED = '{"default": [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/etc/ssl/certs/ca-certificates.crt"}]}'

FURTHER: tuple[Further, ...] = (
    Further("upper case in a repository", "invalid_reference", asking(TOOLS, "registry.lab/Team/app:1")),
    Further("a tag that cannot be one", "invalid_reference", asking(TOOLS, "registry.lab/team/app:-1")),
    Further("a digest that is none", "invalid_reference", asking(TOOLS, "registry.lab/team/app@sha256:1234")),
    Further("a short name", "short_name_ambiguous", asking((PODMAN, BUILDAH), "app:1")),
    Further(
        "the policy rejects everything",
        "policy_blocked",
        with_file(OF_CONTAINERS, _POLICY, '{"default": [{"type": "reject"}]}'),
    ),
    Further("the policy wants a signature", "signature_rejected", with_file(OF_CONTAINERS, _POLICY, _SIGNED)),
    Further("the policy cannot be read", "config_invalid", with_file(OF_CONTAINERS, _POLICY, '{"default": [')),
    Further(
        "the registry is blocked",
        "policy_blocked",
        with_file(OF_CONTAINERS, _REGISTRIES, '[[registry]]\nlocation = "registry.lab"\nblocked = true\n'),
    ),
    Further(
        "the registries' file cannot be read",
        "config_invalid",
        with_file(OF_CONTAINERS, _REGISTRIES, "[[registry]\n"),
    ),
    Further(
        "a client certificate without its key",
        "config_invalid",
        with_file(OF_CONTAINERS, "/etc/containers/certs.d/registry.lab/one.cert", "none"),
    ),
    Further(
        "the credentials cannot be read",
        "config_invalid",
        with_file(OF_CONTAINERS, "/run/home/.docker/config.json", '{"auths": '),
    ),
    # A hosts.toml that is no TOML stops no containerd: it goes on without the file.
    Further(
        "a CA of hosts.toml is not there",
        "config_invalid",
        with_file(
            THROUGH_CRI,
            "/etc/containerd/certs.d/registry.lab/hosts.toml",
            'server = "https://registry.lab"\n[host."https://registry.lab"]\n  ca = "/etc/none.pem"\n',
        ),
    ),
)
