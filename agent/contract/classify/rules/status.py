"""HTTP status numbers, however a client announces them.

A bare number is no status: it counts behind a word that announces it, or in front of its own reason phrase. Docker's
API wraps every error in a 500 of its own (`API error (500)`, `(HTTP code 500) server error`), so these say nothing.

Source: RFC 9110 section 15; how Go's net/http, containerd 1.4 to 2.2, containers/image, go-containerregistry, oras-go,
distribution's client and Docker 1.x to 29 print a status.
"""

from agent.contract.classify.rule import HINT, WORDS, Rule

# The announcers, one per client or log format; behind each stands the number.
_SAID = (
    r"(?:status(?: ?code)?(?: from registry)?(?:\"? ?[:=] ?\"?| )|status code \[[^\]]{1,200}\]: |"
    r"http\.response\.status=|response\.status=\"|(?:head )?status(?: code| from [a-z]{3,7} request to) "
    r"[^\s\"]{1,600}: |"
    r"(?<!\()http code:? |response code:? |server error: |remote response: |error:? |http(?:/[12](?:\.[01])?)? |"
    r"<(?:title|h1)>(?:error )?)"
)

RULES = (
    Rule(
        cause="auth_failed",
        needle="401",
        pattern=r"401(?: unauthorized|\)| \(unauthorized\)| - )",
        by="containerd, Docker, containers/image, crane: with its reason phrase",
        example="unexpected status from HEAD request to https://r.example.com/v2/a/manifests/1: 401 Unauthorized",
    ),
    Rule(
        cause="auth_failed",
        needle="401",
        pattern=_SAID + "401",
        by="BuildKit, oras, crane, old Docker, registries' logs",
        example="failed to authorize: failed to fetch anonymous token: unexpected status: 401",
        weight=WORDS,
    ),
    Rule(
        cause="auth_failed",
        needle="403",
        pattern=r"403(?: forbidden| \(forbidden\)|\)| response body)|" + _SAID + "403",
        by="old Docker, containerd, containers/image, crane",
        example="Server error: 403 trying to fetch remote history for 0123",
        weight=WORDS,
    ),
    Rule(
        cause="image_not_found",
        needle="404",
        pattern=r"404(?: (?:page )?not found|\)| \(not found\)|: )|" + _SAID + "404",
        by="crane, containerd, containers/image, old Docker, Artifactory",
        example="HEAD https://r.example.com/v2/a/manifests/1: unsupported status code 404",
        weight=WORDS,
    ),
    Rule(
        cause="registry_unavailable",
        needle="pinging",
        pattern=r"pinging (?:container |docker )?registry (?:returned: error pinging registry )?[^\s\"]{1,300}"
        r"[:,]? (?:[a-z]{2,12}:? ){1,6}(?:400|404|405|406|410)"
        r"(?: \([a-z ]{4,40}\)| not found)?",
        by="containers/image: nothing at /v2/, so no registry lives there",
        example="pinging container registry r.example.com: invalid status code from registry 404 (Not Found)",
        transient=False,
    ),
    Rule(
        cause="registry_unavailable",
        needle="login attempt",
        pattern=r"login attempt to [^\s\"]{1,300} failed with status: (?:400|404|405|5\d\d)",
        by="Docker",
        example="login attempt to http://r.example.com:5000/v2/ failed with status: 404 Not Found",
        transient=False,
    ),
    Rule(
        cause="registry_unavailable",
        needle="anonymous|oauth token",
        pattern=r"failed to fetch (?:anonymous|oauth) token: unexpected status[^;\]]{1,700}?(?:404|405)"
        r"(?: not found| method not allowed)?",
        by="containerd: a token service that is not where the registry says",
        example="failed to fetch anonymous token: unexpected status from GET request to "
        "https://r.example.com/token?service=r: 404 Not Found",
        transient=False,
    ),
    Rule(
        cause="rate_limited",
        needle="429",
        pattern=r"429(?: too many requests| \(too many requests\)|\)|: too many requests)|" + _SAID + "429",
        by="containers/image, containerd, oras, crane, old Docker, Artifactory",
        example="invalid status code from registry 429",
    ),
    Rule(
        cause="registry_unavailable",
        needle="500|501|502|503|504|507|508",
        pattern=r"(?:500|501|502|503|504|508)(?: internal server error| not implemented| bad gateway|"
        r" \([a-z -]{4,40}\)| service (?:temporarily )?unavailable| gateway time-?out|"
        r"(?<!\(http code 500)(?<!api error \(500)\))|" + _SAID + r"(?:500|501|502|503|504|507|508)",
        by="containerd, Docker, containers/image, crane, old Docker, registries' logs",
        example="unexpected status from HEAD request to https://r.example.com/v2/a/manifests/1: 503 Service "
        "Unavailable",
        weight=WORDS,
    ),
    Rule(
        cause="registry_unavailable",
        needle="520|521|522|523|524|525|526|527|530",
        pattern=_SAID + r"(?:520|521|522|523|524|525|526|527|530)",
        by="Cloudflare in front of a registry that it cannot reach",
        example="reading manifest 1 in r.example.com/a: received unexpected HTTP status: 521",
        weight=WORDS,
    ),
    Rule(
        cause="registry_unavailable",
        needle="400|402|405|409|410|411|413|414|416|418|422|426|431",
        pattern=_SAID + r"(?:400|402|405|409|410|411|413|414|416|418|422|426|431)|"
        r"(?:400 bad request|405 method not allowed)",
        by="any client: an answer that no registry should give",
        example="unexpected status from HEAD request to https://r.example.com/v2/a/manifests/1: 400 Bad Request",
        weight=HINT,
        transient=False,
    ),
    Rule(
        cause="registry_unavailable",
        needle="408|421|423|425",
        pattern=_SAID + r"(?:408|421|423|425)|408 request time-?out",
        by="load balancers in front of a registry",
        example="error parsing HTTP 408 response body: <h1>408 Request Time-out</h1>",
        weight=HINT,
    ),
    Rule(
        cause="registry_unavailable",
        needle="unexpected status code",
        pattern=r"unexpected status code https?://[^\s\"]{1,600}(?:\.\.\.|…)",
        by="Amazon ECS: it cuts containerd's message before the status",
        example="httpReadSeeker: failed open: unexpected status code https://r.example.com/v2/a/manifests/sha256:0...",
        weight=HINT,
    ),
    Rule(
        cause="unsupported_media_type",
        needle="406",
        pattern=r"406 not acceptable|" + _SAID + "406",
        by="registries that cannot give the manifest in a kind that was asked for",
        example="unexpected status from HEAD request to https://r.example.com/v2/a/manifests/1: 406 Not Acceptable",
        weight=WORDS,
    ),
    Rule(
        cause="policy_blocked",
        needle="412",
        pattern=r"412 precondition failed|" + _SAID + "412",
        by="Harbor 2.x through containerd, BuildKit and crane, which do not print why",
        example="unexpected status from HEAD request to https://r.example.com/v2/a/manifests/1: 412 Precondition "
        "Failed",
        weight=WORDS,
    ),
    Rule(
        cause="policy_blocked",
        needle="451",
        pattern=r"451 unavailable for legal reasons|" + _SAID + "451",
        by="RFC 7725",
        example="unexpected status from HEAD request to https://r.example.com/v2/a/manifests/1: 451 Unavailable For "
        "Legal Reasons",
        weight=WORDS,
    ),
    Rule(
        cause="registry_unavailable",
        needle="511",
        pattern=r"511 network authentication required|" + _SAID + "511",
        by="captive portals, RFC 6585 section 6",
        example="received unexpected HTTP status: 511 Network Authentication Required",
        transient=False,
    ),
)
