"""The one catalogue of causes: what each means, how bad it is, and how it is fixed.

Code, remedies, docs, metrics and tests are drawn from it. Ids are stable. Steps may name `{host}`, `{registry}`,
`{image}`, `{repository}` and `{node}`; `remedy_for` fills in what a finding knows.

Source: runbook 009 (Image Pull Failures), whose sections `see` names.
"""

from typing import Literal

import msgspec


class Remedy(msgspec.Struct, frozen=True):
    """How a cause is fixed: one sentence, the commands in order, and the section of the runbook."""

    summary: str
    steps: list[str]
    see: str


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `of_node`: the fault is the node's own, whatever it asked. `transient`: a retry may help by itself."""

    id: str
    title: str
    meaning: str
    severity: Literal["failure", "warning"] = "failure"
    transient: bool = False
    of_node: bool = False
    summary: str
    steps: tuple[str, ...]
    see: str

    @property
    def remedy(self) -> Remedy:
        """The remedy with its placeholders as they stand."""
        return Remedy(self.summary, list(self.steps), self.see)


_NETWORK = "runbook 009, Fix 4: Network Issues"
_AUTH = "runbook 009, Fix 3: Registry Authentication Failed"
_RATE = "runbook 009, Fix 1: Docker Hub Rate Limit Exceeded"
_MISSING = "runbook 009, Fix 2: Image Does Not Exist"
_ARCH = "runbook 009, Fix 5: Wrong Architecture"
_NODE = "runbook 009, Diagnosis Step 3: Test Image Pull Manually"

CATALOGUE = (
    Cause(
        id="rate_limited",
        title="the registry's pull rate limit is used up",
        meaning="The registry answers 429, or says that no pulls are left for this source in this window.",
        transient=True,
        summary="Pull with credentials, through a mirror, or wait for the window to pass.",
        steps=(
            "oc get secret pull-secret -n openshift-config -o jsonpath='{{.data.\\.dockerconfigjson}}' | base64 -d > /tmp/ps.json",
            "jq -s '.[0] * .[1]' /tmp/ps.json ~/.docker/config.json > /tmp/merged.json  # after: docker login {registry}",
            "oc set data secret/pull-secret -n openshift-config --from-file=.dockerconfigjson=/tmp/merged.json",
            "rm /tmp/ps.json /tmp/merged.json",
            "or mirror the image: skopeo copy docker://{image} docker://YOUR-REGISTRY/IMAGE",
        ),
        see=_RATE,
    ),
    Cause(
        id="image_not_found",
        title="the image does not exist in its registry",
        meaning="The registry knows no such repository or tag, or hides it from who may not read it.",
        summary="Correct the name or the tag, or push the image again.",
        steps=(
            "skopeo list-tags docker://{repository}",
            "kubectl get pods -A -o jsonpath='{{..image}}' | tr ' ' '\\n' | grep -F '{repository}'",
            "correct the image in the workload and roll it out: kubectl set image deployment/NAME CONTAINER={repository}:TAG",
        ),
        see=_MISSING,
    ),
    Cause(
        id="auth_failed",
        title="the registry refuses this node's credentials, or there are none",
        meaning="401 or 403 of registry or token service, or a client certificate is demanded that the node has not.",
        summary="Give the node or the pod credentials that may read this repository.",
        steps=(
            "skopeo inspect --no-tags docker://{image}  # with and without credentials",
            "kubectl get secret -n NAMESPACE --field-selector type=kubernetes.io/dockerconfigjson",
            "kubectl create secret docker-registry pull-secret -n NAMESPACE --docker-server={registry} --docker-username=USER",
            "name it in the pod: spec.imagePullSecrets, or in the service account",
        ),
        see=_AUTH,
    ),
    Cause(
        id="dns_failed",
        title="the registry's name does not resolve",
        meaning="No resolver of the node gives an address: NXDOMAIN, SERVFAIL, REFUSED, silence, or none configured.",
        summary="Repair the node's resolvers or the name in DNS.",
        steps=(
            "cat /etc/resolv.conf",
            "dig {host} A; dig {host} AAAA",
            "dig @8.8.8.8 {host}  # against a resolver that is known to be good",
        ),
        see=_NETWORK,
    ),
    Cause(
        id="connect_refused",
        title="nothing listens at the registry's address",
        meaning="The TCP connection is answered with a reset or an ICMP rejection.",
        transient=True,
        summary="Start the service behind the address, or open the firewall that rejects.",
        steps=(
            "curl -sv --connect-timeout 5 https://{host}/v2/ -o /dev/null",
            "nc -vz {host} 443",
            "look at the registry's own health and at firewalls that REJECT",
        ),
        see=_NETWORK,
    ),
    Cause(
        id="connect_timeout",
        title="the registry's address does not answer",
        meaning="No answer to TCP in time, no route to the host, or the network is unreachable.",
        transient=True,
        summary="Find what drops the packets between the node and the registry.",
        steps=(
            "ip route get $(getent ahosts {host} | awk 'NR==1{{print $1}}')",
            "curl -sv --connect-timeout 5 https://{host}/v2/ -o /dev/null",
            "compare egress firewall, NAT and security groups of the failing nodes with the others'",
        ),
        see=_NETWORK,
    ),
    Cause(
        id="connection_reset",
        title="the connection is cut in the middle",
        meaning="Reset, end of file or broken pipe after the connection stood.",
        transient=True,
        summary="Find the middlebox or server that cuts connections.",
        steps=(
            "curl -sv https://{host}/v2/ -o /dev/null",
            "ping -M do -s 1472 {host}  # a path MTU below 1500 shows here",
            "look at the registry's and its load balancer's logs",
        ),
        see=_NETWORK,
    ),
    Cause(
        id="tls_timeout",
        title="the TLS handshake gets no answer",
        meaning="TCP connects, but the handshake does not end in time: an inspecting firewall, path MTU, an overloaded server.",
        transient=True,
        summary="Look for TLS inspection, path MTU trouble or an overloaded registry.",
        steps=("openssl s_client -connect {host}:443 -servername {host} </dev/null", "ping -M do -s 1472 {host}"),
        see=_NETWORK,
    ),
    Cause(
        id="tls_untrusted",
        title="the registry's certificate is not trusted by the node",
        meaning="The chain leads to no certificate in the trust that the node's runtime uses for this host.",
        summary="Add the issuing CA to the node's trust, or let the server send its whole chain.",
        steps=(
            "openssl s_client -connect {host}:443 -servername {host} -showcerts </dev/null",
            "cp ca.crt /usr/local/share/ca-certificates/ && update-ca-certificates  # RHEL: /etc/pki/ca-trust/source/anchors, update-ca-trust",
            "systemctl restart containerd  # a runtime reads its trust when it starts",
        ),
        see=_NETWORK,
    ),
    Cause(
        id="tls_expired",
        title="the registry's certificate is out of its dates",
        meaning="A certificate of the chain has expired or is not yet valid by the node's clock.",
        summary="Renew the certificate at the registry; check the node's clock.",
        steps=(
            "openssl s_client -connect {host}:443 -servername {host} </dev/null | openssl x509 -noout -dates",
            "date -u",
        ),
        see=_NETWORK,
    ),
    Cause(
        id="tls_name_mismatch",
        title="the certificate is for another name",
        meaning="No subject alternative name of the certificate covers the host that was asked.",
        summary="Issue a certificate that names the host, or correct the host name.",
        steps=(
            "openssl s_client -connect {host}:443 -servername {host} </dev/null | openssl x509 -noout -ext subjectAltName",
        ),
        see=_NETWORK,
    ),
    Cause(
        id="tls_protocol",
        title="no common TLS can be agreed on",
        meaning="Plain HTTP behind the port, a handshake that is refused, or a version or cipher that is too old.",
        summary="Serve TLS 1.2 or later at the port, or declare the registry as plain HTTP where that is meant.",
        steps=(
            "openssl s_client -connect {host}:443 -servername {host} -tls1_2 </dev/null",
            "curl -sv http://{host}/v2/ -o /dev/null",
        ),
        see=_NETWORK,
    ),
    Cause(
        id="clock_skew",
        title="the node's clock is wrong",
        meaning="The node's time differs from the aggregator's and the registries' by more than certificates and tokens bear.",
        of_node=True,
        summary="Set the node's clock and keep it synchronised.",
        steps=("chronyc tracking || timedatectl status", "chronyc makestep"),
        see=_NODE,
    ),
    Cause(
        id="proxy_failed",
        title="the node cannot reach or pass its proxy",
        meaning="The proxy's name, TCP, TLS, a 407 or its answer to CONNECT keeps the node from the registry.",
        transient=True,
        summary="Repair the proxy or the runtime's proxy settings.",
        steps=(
            "systemctl show containerd crio --property=Environment",
            "curl -sv -x PROXY https://{host}/v2/ -o /dev/null",
        ),
        see=_NETWORK,
    ),
    Cause(
        id="registry_unavailable",
        title="the registry does not serve",
        meaning="5xx, an HTTP answer that does not come in time, or nonsense instead of an answer.",
        transient=True,
        summary="Look at the registry's or the token service's own health.",
        steps=("curl -sv https://{host}/v2/ -o /dev/null", "look at the registry's status page and logs"),
        see=_NETWORK,
    ),
    Cause(
        id="blob_unavailable",
        title="the manifest is there, but its layers cannot be fetched",
        meaning="The registry or the blob host (CDN, object store) that it redirects to refuses or does not answer.",
        transient=True,
        summary="Open the way to the blob host; check the storage behind the registry.",
        steps=("curl -svL https://{host}/v2/ -o /dev/null", "allow the blob host in egress firewall and proxy"),
        see=_NETWORK,
    ),
    Cause(
        id="digest_mismatch",
        title="the content is not what its digest says",
        meaning="A manifest or layer arrives damaged or changed: storage, proxy or cache.",
        summary="Purge the cache or proxy in between, or push the image again.",
        steps=("skopeo copy docker://{image} dir:/tmp/check  # verifies every digest",),
        see=_NETWORK,
    ),
    Cause(
        id="unsupported_media_type",
        title="the manifest is of a kind that the runtime does not read",
        meaning="Schema 1, an artifact that is no image, or an unknown media type.",
        summary="Push the image again as OCI or Docker schema 2.",
        steps=("skopeo inspect --raw docker://{image}", "skopeo copy --format oci docker://{image} docker://{image}"),
        see=_MISSING,
    ),
    Cause(
        id="wrong_architecture",
        title="there is no image for this node's platform",
        meaning="The index names no manifest for the node's os, architecture and variant, or the only one is for another.",
        summary="Build the image for this platform, or keep the pod off these nodes.",
        steps=(
            "docker manifest inspect {image} | jq '.manifests[].platform'",
            "docker buildx build --platform linux/amd64,linux/arm64 --push -t {image} .",
            "or: nodeSelector: kubernetes.io/arch",
        ),
        see=_ARCH,
    ),
    Cause(
        id="invalid_reference",
        title="the text names no image",
        meaning="Upper case in the repository, a bad tag or digest, or a scheme in front.",
        summary="Correct the image name in the workload.",
        steps=("kubectl get pods -A -o jsonpath='{{..image}}' | tr ' ' '\\n' | sort | uniq -c",),
        see=_MISSING,
    ),
    Cause(
        id="short_name_ambiguous",
        title="the short name could be any registry's",
        meaning="The runtime's configuration names no registry, or several, for a name without one.",
        summary="Write the image out with its registry.",
        steps=(
            "kubectl set image deployment/NAME CONTAINER=REGISTRY/{image}",
            "or set unqualified-search-registries in /etc/containers/registries.conf",
        ),
        see=_MISSING,
    ),
    Cause(
        id="signature_rejected",
        title="the image's signature is not accepted",
        meaning="The node's signature policy asks for a signature that is missing or does not verify.",
        summary="Sign the image, or correct the policy.",
        steps=("cat /etc/containers/policy.json", "cosign verify {image}"),
        see=_NODE,
    ),
    Cause(
        id="policy_blocked",
        title="a policy forbids this image or registry",
        meaning="The registry is blocked in the node's configuration, or an admission policy refuses it.",
        summary="Use an allowed registry, or change the policy.",
        steps=("grep -rn blocked /etc/containers/registries.conf /etc/containers/registries.conf.d",),
        see=_NODE,
    ),
    Cause(
        id="disk_full",
        title="the node's image store is full",
        meaning="No bytes or inodes are left where the runtime keeps its images.",
        of_node=True,
        summary="Free space in the image store, or enlarge it.",
        steps=(
            "df -h /var/lib/containerd /var/lib/containers; df -i /var/lib/containerd /var/lib/containers",
            "crictl rmi --prune",
            "kubectl describe node {node} | grep -A5 Conditions",
        ),
        see=_NODE,
    ),
    Cause(
        id="storage_error",
        title="the node's image store is damaged",
        meaning="The runtime cannot write, unpack or find content in its own store, for another reason than room.",
        summary="Repair or empty the image store.",
        steps=(
            "journalctl -u containerd -u crio --since -1h | grep -i -e snapshot -e content",
            "dmesg | grep -i -e ext4 -e xfs -e 'I/O error'",
        ),
        see=_NODE,
    ),
    Cause(
        id="runtime_unavailable",
        title="the container runtime does not answer",
        meaning="The runtime's socket is missing, refuses, or does not answer in time.",
        of_node=True,
        summary="Start the runtime again and read why it stopped.",
        steps=(
            "systemctl status containerd crio",
            "journalctl -u containerd -u crio --since -1h",
            "systemctl restart containerd",
        ),
        see=_NODE,
    ),
    Cause(
        id="pull_qps_exceeded",
        title="kubelet's own pull limit is reached",
        meaning="More images are asked for per second than registryPullQPS and registryBurst allow.",
        transient=True,
        of_node=True,
        summary="Raise registryPullQPS and registryBurst, or start fewer pods at once.",
        steps=("grep -n registry /var/lib/kubelet/config.yaml",),
        see=_NODE,
    ),
    Cause(
        id="image_never_pulled",
        title="the pod forbids the pull, and the image is not there",
        meaning="imagePullPolicy is Never and the image is not on the node.",
        summary="Change imagePullPolicy, or load the image on the node.",
        steps=("crictl images | grep -F '{repository}'", "set imagePullPolicy: IfNotPresent"),
        see=_NODE,
    ),
    Cause(
        id="cancelled",
        title="the pull was given up before it ended",
        meaning="A deadline passed or there was no progress, and nothing says more.",
        transient=True,
        summary="See what makes the pull slow; raise the runtime's progress timeout.",
        steps=("time crictl pull {image}",),
        see=_NODE,
    ),
    Cause(
        id="pull_slow",
        title="a test pull takes longer than 30 seconds",
        meaning="The pull works, but slower than the runbook's checklist allows.",
        severity="warning",
        transient=True,
        summary="Find the slow part: registry, link or disk.",
        steps=("time crictl pull {image}", "iostat -x 1 5"),
        see="runbook 009, Verification Checklist",
    ),
    Cause(
        id="agent_silent",
        title="nothing is heard from the node",
        meaning="No report for three of the node's intervals: the node, its network or the agent is down.",
        of_node=True,
        summary="Look whether the node is up, and why its agent does not report.",
        steps=(
            "kubectl get node {node} -o wide",
            "kubectl get pods -A --field-selector spec.nodeName={node}",
            "kubectl logs -n pullscope -l app=pullscope-agent --tail=50",
        ),
        see=_NODE,
    ),
    Cause(
        id="config_invalid",
        title="a configuration file of the node cannot be read as meant",
        meaning="A file that the runtime reads for pulls is broken, contradictory or names what is not there.",
        of_node=True,
        summary="Correct the file that is named.",
        steps=("correct the named line, then restart the runtime",),
        see=_NODE,
    ),
    Cause(
        id="unknown",
        title="it fails for a reason that is not known",
        meaning="Something failed, and nothing that was seen says why.",
        severity="warning",
        summary="Read the evidence, and pull by hand on the node.",
        steps=("crictl pull {image}", "podman pull {image}"),
        see=_NODE,
    ),
)

BY_ID = {cause.id: cause for cause in CATALOGUE}


class _Gaps(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key.upper()


def remedy_for(cause_id: str, **known: str | None) -> Remedy:
    """Give the remedy of a cause with what is known filled in, and the rest as upper-case placeholders.

    Args:
        known: any of `host`, `registry`, `image`, `repository`, `node`.
    """
    cause = BY_ID.get(cause_id, BY_ID["unknown"])
    gaps = _Gaps({key: value for key, value in known.items() if value})
    return Remedy(cause.summary, [step.format_map(gaps) for step in cause.steps], cause.see)


def severity_of(cause_id: str) -> Literal["failure", "warning"]:
    """Give a cause's severity; a cause of a newer writer that this one does not know is a failure."""
    cause = BY_ID.get(cause_id)
    return cause.severity if cause else "failure"
