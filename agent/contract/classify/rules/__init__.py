"""What each piece of software prints when a pull fails: one module per kind of fault, one `Rule` per wording.

May live here: tables named `RULES` and nothing else. A new wording is one line in the module of its kind, with the
software that prints it and an example; the tests hold that each example is read as its cause.

Source: the sources of Go's net, net/http and crypto packages, containerd 1.6 to 2.x, containers/image,
containers/storage, CRI-O, moby, distribution, go-containerregistry, Kubernetes' kubelet, and what registries answer.
"""

from agent.contract.classify.rule import Rule
from agent.contract.classify.rules import (
    absent,
    auth,
    blob,
    certificate,
    config,
    connect,
    content,
    credentials,
    cut,
    deadline,
    disk,
    dns,
    likely,
    likely_node,
    naming,
    pages,
    platform,
    policy,
    proxy,
    rate,
    registry,
    reset,
    runtime,
    signature,
    status,
    storage,
    tls,
    unpack,
)

RULES: tuple[Rule, ...] = (
    *proxy.RULES,
    *dns.RULES,
    *connect.RULES,
    *reset.RULES,
    *certificate.RULES,
    *tls.RULES,
    *status.RULES,
    *rate.RULES,
    *auth.RULES,
    *credentials.RULES,
    *absent.RULES,
    *registry.RULES,
    *pages.RULES,
    *blob.RULES,
    *content.RULES,
    *platform.RULES,
    *naming.RULES,
    *signature.RULES,
    *policy.RULES,
    *config.RULES,
    *disk.RULES,
    *storage.RULES,
    *unpack.RULES,
    *runtime.RULES,
    *deadline.RULES,
    *cut.RULES,
    *likely.RULES,
    *likely_node.RULES,
)
