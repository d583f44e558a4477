"""Policies that forbid an image or a registry, to everybody or from this place."""

from agent.contract.classify.rule import WORDS, Rule

RULES = (
    Rule(
        cause="policy_blocked",
        needle="is blocked in",
        pattern=r"registry [^\s\"]{1,300} is blocked in [^\s\"]{1,300}",
        by="containers/image, registries.conf",
        example="registry r.example.com is blocked in /etc/containers/registries.conf",
    ),
    Rule(
        cause="policy_blocked",
        needle="blocked by|denied by|disallowed|forbidden by|prohibited by|rejected by",
        pattern=r"(?:rejected|prohibited|blocked|denied|disallowed|forbidden) by (?:[a-z]{2,20} ){0,4}policy",
        by="containers/image policy.json, OpenShift, Artifactory Xray, Twistlock",
        example="Running image docker://r.example.com/a:1 is rejected by policy.",
    ),
    Rule(
        cause="policy_blocked",
        needle="webhook",
        pattern=r"admission webhook \"?[^\s\"]{1,300}\"? denied the request|image policy webhook backend denied one or "
        r"more images",
        by="Kubernetes: Kyverno, Gatekeeper, sigstore's policy-controller, Binary Authorization, ImagePolicyWebhook",
        example='admission webhook "validate.kyverno.svc" denied the request: image registry is not allowed',
    ),
    Rule(
        cause="policy_blocked",
        needle="policies|with binding",
        pattern=r"validatingadmissionpolicy '[^']{1,300}' with binding '[^']{1,300}' denied request|was blocked due to "
        r"the following policies",
        by="Kubernetes 1.26+; Kyverno",
        example="ValidatingAdmissionPolicy 'registries' with binding 'all' denied request: image not from our registry",
    ),
    Rule(
        cause="policy_blocked",
        needle="be pulled|projectpolicyviolation|threshold in project",
        pattern=r"cannot be pulled due to configured policy|projectpolicyviolation|"
        r"vulnerabilit[a-z]{1,5}[^;]{0,200}cannot be pulled|is equal or higher than the threshold in project setting",
        by="Harbor 1.x-2.x",
        example="current image with 2 vulnerabilities cannot be pulled due to configured policy in 'Prevent images'",
    ),
    Rule(
        cause="policy_blocked",
        needle="curation|downloaded|quarantined|xray",
        pattern=r"not downloaded due to the (?:download blocking|curation) policy|(?:blocked|forbidden) by (?:jfrog )?"
        r"(?:xray|curation|packages curation)|requested item is quarantined|image is quarantined",
        by="Artifactory with Xray or Curation; Nexus Firewall; ACR",
        example="Artifact download request rejected: a was not downloaded due to the download blocking policy "
        "configured in Xray",
    ),
    Rule(
        cause="policy_blocked",
        needle="allowed",
        pattern=r"(?:image|registry|repository) (?:[^\s\"]{1,300} )?(?:is|are) not allowed|image access is not "
        r"allowed|not allowed by (?:your )?organization|(?:pull|push) is not allowed for [^\s\"]{1,300}",
        by="Docker Desktop's registry access management, OpenShift",
        example="image access is not allowed by your organization",
        weight=WORDS,
    ),
    Rule(
        cause="policy_blocked",
        needle="administrator|organisation|organization|restricted",
        pattern=r"(?:denied: )?image access restricted: [^;\]]{1,300}|(?:blocked|restricted) (?:for|by) (?:your )?"
        r"(?:organi[sz]ation|administrator)",
        by="Docker Hub's image access management",
        example="denied: image access restricted: a/b blocked for organization c",
    ),
    Rule(
        cause="policy_blocked",
        needle="client with ip",
        pattern=r"(?:denied: )?client with ip '?[^\s']{1,64}'? is not allowed access[^;\]]{0,80}",
        by="Azure Container Registry: its firewall",
        example="denied: client with IP '203.0.113.9' is not allowed access. Refer https://aka.ms/acr/firewall",
    ),
    Rule(
        cause="policy_blocked",
        needle="connectivity_forbidden_error|connectivity_forbidden",
        pattern=r"connectivity_forbidden(?:_error)?",
        by="Azure's command line, for a registry behind its firewall",
        example="An error occurred: CONNECTIVITY_FORBIDDEN_ERROR",
    ),
    Rule(
        cause="policy_blocked",
        needle="ip blocked|your country|your region",
        pattern=r"(?:denied: )?the region from which you are pulling has been geo-ip blocked|geo-?ip blocked|"
        r"(?:blocked|not available|unavailable) in your (?:country|region)",
        by="quay by country",
        example="denied: The region from which you are pulling has been geo-ip blocked.",
    ),
    Rule(
        cause="policy_blocked",
        needle="export control",
        pattern=r"export control(?: regulations)?",
        by="Docker Hub by country",
        example="403 Forbidden Since Docker is a US company, we must comply with US export control regulations",
    ),
    Rule(
        cause="policy_blocked",
        needle="plugin",
        pattern=r"authorization denied by plugin [^\s\"]{1,200}",
        by="Docker's authorization plugins",
        example="Error response from daemon: authorization denied by plugin opa: image is not from our registry",
    ),
    Rule(
        cause="policy_blocked",
        needle="blocked pull of",
        pattern=r"(?:image verifier [^;]{1,200} )?blocked pull of [^\s\"]{1,300}",
        by="containerd 2, image verifier plugins",
        example="image verifier bindir blocked pull of r.example.com/a:1",
    ),
    Rule(
        cause="policy_blocked",
        needle="failed at path",
        pattern=r"validation (?:error|failure): [^;]{1,400} rule [a-z0-9._-]{1,100} failed at path",
        by="Kyverno: the line that names the rule",
        example="restrict-registries: 'validation error: Unknown image registry. rule restrict-registries failed at "
        "path /spec/containers/0/image/'",
    ),
)
