"""Policies that forbid an image or a registry."""

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
        needle="blocked|denied|disallowed|forbidden|prohibited|rejected",
        pattern=r"(?:rejected|prohibited|blocked|denied|disallowed|forbidden) by (?:[a-z]{2,20} ){0,4}policy",
        by="containers/image policy.json, OpenShift, Artifactory Xray",
        example="Running image docker://r.example.com/a:1 is rejected by policy.",
    ),
    Rule(
        cause="policy_blocked",
        needle="412",
        pattern=r"412 precondition failed",
        by="Harbor through containerd, which does not print why",
        example="unexpected status from HEAD request to https://r.example.com/v2/a/manifests/1: 412 Precondition "
        "Failed",
        weight=WORDS,
    ),
    Rule(
        cause="policy_blocked",
        needle="admission webhook",
        pattern=r"admission webhook \"?[^\s\"]{1,300}\"? denied the request",
        by="Kubernetes, Kyverno, Gatekeeper",
        example='admission webhook "validate.kyverno.svc" denied the request: image registry is not allowed',
    ),
    Rule(
        cause="policy_blocked",
        needle="projectpolicyviolation|pulled",
        pattern=r"cannot be pulled due to configured policy|vulnerabilit[^;]{1,200}cannot be pulled|"
        r"projectpolicyviolation",
        by="Harbor",
        example="current image with 2 vulnerabilities cannot be pulled due to configured policy in 'Prevent images'",
    ),
    Rule(
        cause="policy_blocked",
        needle="not allowed",
        pattern=r"(?:image|registry|repository) (?:[^\s\"]{1,300} )?(?:is|are) not allowed|image access is not "
        r"allowed|not allowed by (?:your )?organization",
        by="Docker Desktop's registry access management, OpenShift",
        example="image access is not allowed by your organization",
        weight=WORDS,
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
        needle="blocked|verifier",
        pattern=r"(?:image verifier [^;]{1,200})?blocked pull of [^\s\"]{1,300}",
        by="containerd 2, image verifier plugins",
        example="image verifier bindir blocked pull of r.example.com/a:1",
    ),
)
