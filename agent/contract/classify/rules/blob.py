"""Manifests that are there, and content that does not come: blob hosts, CDNs and object stores that refuse.

A 401 or 429 of a blob's address stays what it is: the registry itself answered.
"""

from agent.contract.classify.rule import HINT, WORDS, Rule

# What stays until somebody acts, and what may pass: 401 and 429 are neither, 412 and 451 are a policy's.
_REFUSED = r"4(?!01|12|29|51)\d\d"
_DOWN = r"5\d\d"
_OPENED = r"httpread(?:er)?seeker: failed open: unexpected status(?: code| from get request to)? [^\s\"]{1,900}: "
# Not behind HEAD: containerd resolves a digest with it, crane asks with it before a push.
_GOT = (
    r"(?:get|unexpected status code|unexpected status from get request to) \"?https?://[^\s\"]{1,300}/blobs/"
    r"[^\s\"]{1,600}: (?:(?:unexpected |unsupported )?status code )?"
)
_READ = (
    r"(?:reading|fetching|copying|writing|downloading|error fetching external) blob(?!: uploading)[^;\]]{0,400}?"
    r"(?:invalid status code from registry |unexpected http status:? |status code:? |statuscode: |http code:? |: )"
)

RULES = (
    Rule(
        cause="blob_unavailable",
        needle="httpreaderseeker: failed open: unexpected|httpreadseeker: failed open: unexpected",
        pattern=_OPENED + _REFUSED + r"[a-z ]{0,40}",
        by="containerd 1.2-2.2, fetching content by digest",
        example="failed to copy: httpReadSeeker: failed open: unexpected status code "
        "https://r.example.com/v2/a/blobs/sha256:00: 403 Forbidden",
        transient=False,
    ),
    Rule(
        cause="blob_unavailable",
        needle="httpreaderseeker: failed open: unexpected|httpreadseeker: failed open: unexpected",
        pattern=_OPENED + _DOWN + r"[a-z ]{0,40}",
        by="containerd 1.2-2.2, fetching content by digest",
        example="failed to copy: httpReadSeeker: failed open: unexpected status code "
        "https://r.example.com/v2/a/blobs/sha256:00: 503 Service Unavailable",
    ),
    Rule(
        cause="blob_unavailable",
        needle="blobs",
        pattern=_GOT + _REFUSED + r"[a-z ]{0,40}",
        by="containerd 2, crane, kaniko",
        example="GET https://r.example.com/v2/a/blobs/sha256:00: unexpected status code 403 Forbidden: <?xml",
        transient=False,
    ),
    Rule(
        cause="blob_unavailable",
        needle="blobs",
        pattern=_GOT + _DOWN + r"[a-z ]{0,40}",
        by="containerd 2, crane, kaniko",
        example="GET https://r.example.com/v2/a/blobs/sha256:00: unexpected status code 502 Bad Gateway: <?xml",
    ),
    Rule(
        cause="blob_unavailable",
        needle="blobs",
        pattern=r"get [\"']?https?://[^\s\"]{1,300}/blobs/[^\s\"']{1,600}[\"']?: response status code " + _REFUSED,
        by="oras",
        example='GET "https://r.example.com/v2/a/blobs/sha256:00": response status code 404: not found',
        transient=False,
    ),
    Rule(
        cause="blob_unavailable",
        needle="blobs",
        pattern=r"get [\"']?https?://[^\s\"]{1,300}/blobs/[^\s\"']{1,600}[\"']?: response status code " + _DOWN,
        by="oras",
        example='GET "https://r.example.com/v2/a/blobs/sha256:00": response status code 503: unavailable',
    ),
    Rule(
        cause="blob_unavailable",
        needle="fetching blob",
        pattern=r"invalid status code returned when fetching blob " + _REFUSED,
        by="containers/image before 3",
        example="Invalid status code returned when fetching blob 403",
        transient=False,
    ),
    Rule(
        cause="blob_unavailable",
        needle="fetching blob",
        pattern=r"invalid status code returned when fetching blob " + _DOWN,
        by="containers/image before 3",
        example="Invalid status code returned when fetching blob 504",
    ),
    Rule(
        cause="blob_unavailable",
        needle="could not fetch content",
        pattern=r"could not fetch content (?:descriptor )?[^\"]{1,300}?from remote: (?:not found|\(unknown\))",
        by="containerd 1.2-2.2",
        example="failed to copy: httpReadSeeker: failed open: could not fetch content descriptor sha256:00 from "
        "remote: not found",
        transient=False,
    ),
    Rule(
        cause="blob_unavailable",
        needle="content at|open: could",
        pattern=r"httpreadseeker: failed open: (?:could not fetch content|content at [^\s\"]{1,600} not "
        r"found)[^\"\];]{0,200}",
        by="containerd 1.2-2.2",
        example="failed to copy: httpReadSeeker: failed open: content at v2/a/manifests/sha256:00?ns=docker.io "
        "not found: not found",
    ),
    Rule(
        cause="blob_unavailable",
        needle="content range|content-encoding|discard to offset",
        pattern=r"unhandled content range in response|(?:unable|failed) to discard to offset|invalid content range|"
        r"unsupported content-encoding algorithm",
        by="containerd 1.6-2.2: a blob host that answers a range wrongly",
        example="failed to copy: unhandled content range in response: bytes 0-1/2",
        weight=WORDS,
    ),
    Rule(
        cause="blob_unavailable",
        needle="blob",
        pattern=r"blob unknown(?: to registry)?|blob_unknown|unknown blob|blob (?:does not exist|not found)|blob "
        r"upload unknown",
        by="distribution's error code",
        example="Error response from daemon: blob unknown: blob unknown to registry",
        transient=False,
    ),
    Rule(
        cause="blob_unavailable",
        needle="copying blob|downloading|external blob|fetching blob|reading blob|writing blob",
        pattern=_READ + _REFUSED + r"(?: \([a-z ]{4,40}\))?",
        by="containers/image 4-5: podman, buildah, skopeo, CRI-O",
        example="reading blob sha256:00: fetching blob: invalid status code from registry 403 (Forbidden)",
        transient=False,
    ),
    Rule(
        cause="blob_unavailable",
        needle="copying blob|downloading|external blob|fetching blob|reading blob|writing blob",
        pattern=_READ + _DOWN + r"(?: \([a-z ]{4,40}\))?",
        by="containers/image 4-5: podman, buildah, skopeo, CRI-O",
        example="reading blob sha256:00: fetching blob: invalid status code from registry 503 (Service Unavailable)",
    ),
    Rule(
        cause="blob_unavailable",
        needle="configuration",
        pattern=r"error pulling image configuration: (?:download failed after attempts=\d{1,3}: )?(?:error parsing "
        r"http (?:403|404|400) response body|received unexpected http status: (?:403|404|400)|denied: access)",
        by="Docker: the config blob's host refuses",
        example="error pulling image configuration: error parsing HTTP 403 response body: invalid character '<'",
    ),
    Rule(
        cause="blob_unavailable",
        needle="ret",
        pattern=r"\[url=[^\s\"]{1,300}/blobs/[^\s\"]{1,300}\]\[ret=[45]\d\d\]|"
        r"https?://[^\s\"]{1,300}/blobs/[^\s\"]{1,300}\]\[ret=[45]\d\d",
        by="overlaybd snapshotter",
        example="Failed to get actual url [url=http://r.example.com/v2/a/blobs/sha256:00][ret=404]",
    ),
    Rule(
        cause="blob_unavailable",
        needle="accessdenied|accountisdisabled|authenticationfailed|authorizationfailure|blobnotfound|containernotfound|"
        "expiredtoken|invalidaccesskeyid|nosuchbucket|nosuchkey|publicaccessnotpermitted|resourcenotfound|"
        "signaturedoesnotmatch",
        pattern=r"<code>(?:accessdenied|nosuchkey|nosuchbucket|authenticationfailed|authorizationfailure|blobnotfound|"
        r"containernotfound|resourcenotfound|accountisdisabled|publicaccessnotpermitted|signaturedoesnotmatch|"
        r"invalidaccesskeyid|expiredtoken)|nosuchkey|nosuchbucket|blobnotfound",
        by="S3, Azure and Google Cloud Storage as blob stores",
        example="<Error><Code>AccessDenied</Code><Message>Access denied.</Message>",
        transient=False,
    ),
    Rule(
        cause="blob_unavailable",
        needle="serverbusy|slowdown",
        pattern=r"<code>(?:slowdown|serverbusy)",
        by="S3, Azure: too busy for now",
        example="<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message>",
    ),
    Rule(
        cause="blob_unavailable",
        needle="authenticate|message>request",
        pattern=r"<message>(?:request has expired|server failed to authenticate the request)",
        by="S3 and Azure: a signed address that is too old",
        example="<Error><Message>Request has expired</Message>",
        weight=WORDS,
    ),
    Rule(
        cause="blob_unavailable",
        needle="error pulling image configuration",
        by="Docker: the config blob, why follows",
        example="error pulling image configuration: download failed after attempts=6: strange",
        weight=HINT,
    ),
    Rule(
        cause="clock_skew",
        needle="clock skew|requesttimetooskewed|too large|too skewed",
        pattern=r"requesttimetooskewed|clock skew|time too skewed|difference between the request time and the current "
        r"time is too large|requesttimetooskewed",
        by="S3",
        example="<Code>RequestTimeTooSkewed</Code>",
        weight=WORDS,
    ),
    Rule(
        cause="blob_unavailable",
        needle="unexpected status resolving reader",
        pattern=r"unexpected status resolving reader: (?:4(?!01|12|29|51)\d\d|5\d\d)[a-z ]{0,40}",
        by="Docker and distribution's client, reading a layer or a foreign layer's address",
        example="Download for sha256:00 failed: unexpected status resolving reader: 400 Bad Request",
    ),
    Rule(
        cause="blob_unavailable",
        needle="read from backend failed",
        pattern=r"read from backend failed: [^;\]]{1,200}",
        by="nydus, reading parts of layers while the container runs",
        example='Read from backend failed: Registry(Common("Invalid argument (os error 22)")), retry count 2',
        weight=WORDS,
    ),
)
