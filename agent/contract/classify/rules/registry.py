"""Registries and token services that answer, but not with what was asked for. Status numbers stand in `status`."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="registry_unavailable",
        needle="azure: |gcs: |oss: |s3aws: |swift: ",
        pattern=r"s3aws: [^;\]]{3,400}|(?:azure|gcs|swift|oss): [a-z]{0,40}(?:error|busy|timedout|"
        r"unavailable)[^;\]]{0,300}",
        by="distribution's log: its store fails",
        example='err.code=unknown err.detail="s3aws: RequestError: send request failed caused by: dial tcp '
        '10.0.0.5:80: connection refused"',
    ),
    Rule(
        cause="registry_unavailable",
        needle="exceed the|on namespace",
        pattern=r"(?:denied: )?quota has been exceeded on namespace|will exceed the configured upper limit",
        by="quay and Harbor: their own storage quota, as a pull-through cache",
        example="reading manifest 1 in r.example.com/a: denied: Quota has been exceeded on namespace",
        transient=False,
    ),
    Rule(
        cause="registry_unavailable",
        needle="awaiting response headers",
        pattern=r"(?:net/http: )?timeout awaiting response headers",
        by="Go net/http",
        example='Get "https://r.example.com/v2/": net/http: timeout awaiting response headers',
    ),
    Rule(
        cause="registry_unavailable",
        needle="malformed http",
        pattern=r"malformed http (?:response|status code|version)[^;\]]{0,80}",
        by="Go net/http",
        example='net/http: HTTP/1.x transport connection broken: malformed HTTP response "hello"',
        weight=WORDS,
        transient=False,
    ),
    Rule(
        cause="registry_unavailable",
        needle="redirects",
        pattern=r"stopped after \d{1,3} redirects",
        by="Go net/http",
        example='Get "https://r.example.com/v2/": stopped after 10 redirects',
        transient=False,
    ),
    Rule(
        cause="registry_unavailable",
        needle="because the|registryunavailable",
        pattern=r"registryunavailable|because the registry is unavailable",
        by="kubelet 1.4-1.35: its reason and its message",
        example="RegistryUnavailable: image pull failed",
        weight=HINT,
    ),
    Rule(
        cause="registry_unavailable",
        needle="unavailable",
        pattern=r"service (?:is )?(?:temporarily )?unavailable|registry is (?:currently )?unavailable",
        by="several registries; distribution's code UNAVAILABLE",
        example="the registry said: service temporarily unavailable",
        weight=HINT,
    ),
    Rule(
        cause="registry_unavailable",
        needle="only",
        pattern=r"(?:registry|system|repository) is (?:currently )?(?:in )?read[- ]only",
        by="distribution, Harbor and quay in maintenance",
        example="denied: The system is in read only mode. Any modification is prohibited.",
    ),
    Rule(
        cause="registry_unavailable",
        needle=(
            "an unexpected|bad gateway|gateway time|unknown: internal|unknown: service unavailable|unknown: unknown"
        ),
        pattern=r"unknown: (?:internal server error|bad gateway|gateway time-?out|service unavailable|unknown error|"
        r"an unexpected error occurred|internal error)",
        by="distribution's code UNKNOWN: Harbor, Artifactory, quay through Docker and containers/image",
        example="Error response from daemon: unknown: Internal Server Error",
        weight=WORDS,
    ),
    Rule(
        cause="registry_unavailable",
        needle="is received|registryerrorresponse",
        pattern=r"registryerrorresponse|an error response is received from the docker registry",
        by="Azure Container Instances",
        example="RegistryErrorResponse: An error response is received from the docker registry 'r.example.com'.",
        weight=WORDS,
    ),
    Rule(
        cause="registry_unavailable",
        needle="retries exhausted",
        pattern=r"mirror resolve retries exhausted",
        by="spegel: no other node has the content",
        example='"error":"mirror resolve retries exhausted for key: sha256:00"',
        weight=WORDS,
    ),
    Rule(
        cause="registry_unavailable",
        needle="unable to reach trust server",
        pattern=r"unable to reach trust server at this time(?:: \d{3})?",
        by="Docker Content Trust, notary: its server answers with an error",
        example="unable to reach trust server at this time: 503.",
    ),
    Rule(
        cause="registry_unavailable",
        needle="decoding bearer token|decoding response body",
        pattern=r"decoding bearer token \(last url [^\s]{1,300}|error decoding response body[^;\]]{0,80}",
        by="containers/image 5.32+; reqwest, so krustlet, image-rs and other Rust clients: a page instead of an answer",
        example="initializing source docker://r.example.com/a:1: decoding bearer token (last URL "
        '"https://r.example.com/login", body start "<!doctype html>")',
        weight=WORDS,
    ),
    Rule(
        cause="registry_unavailable",
        needle="can't talk to a v1 container registry",
        by="containers/image: /v2/ does not answer as a registry, the old /v1/ seems to",
        example="initializing source docker://r.example.com/a:1: can't talk to a V1 container registry",
        weight=WORDS,
    ),
    Rule(
        cause="registry_unavailable",
        needle="could not resolve digest for|missing or empty content-length",
        pattern=r"could not resolve digest for [^\s\"]{1,300}|missing or empty content-length header",
        by="containerd 1.2-1.7, Docker: an answer without the headers of a registry",
        example='failed to resolve reference "r.example.com/a:1": could not resolve digest for r.example.com/a:1',
        weight=WORDS,
        transient=False,
    ),
)
