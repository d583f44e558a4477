"""Registries, token services and blob hosts that answer, but not with what was asked for."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="registry_unavailable",
        needle="500|502|503|504",
        pattern=r"(?:status(?: ?code)?(?: from registry)?[:=]? |http |error |\()?50[0234](?: internal server error|"
        r" bad gateway| service (?:temporarily )?unavailable| gateway time-?out| \([a-z ]{4,40}\)|\))",
        by="containerd, Docker, containers/image",
        example="unexpected status from HEAD request to https://r.example.com/v2/a/manifests/1: 503 Service "
        "Unavailable",
        weight=WORDS,
    ),
    Rule(
        cause="registry_unavailable",
        needle="status|statuscode",
        pattern=r"(?:statuscode|received unexpected http status|unexpected status(?: code)?|status code(?: from "
        r"registry)?|"
        r"http\.response\.status|"
        r"unexpected http status)(?:[:=] ?| )(?:[^\s\"]{0,300}: )?5\d\d",
        by="containers/image, oras, distribution's log",
        example="reading manifest 1 in r.example.com/a: received unexpected HTTP status: 521",
        weight=WORDS,
    ),
    Rule(
        cause="registry_unavailable",
        needle="unexpected status",
        pattern=r"unexpected status (?:code|from [a-z]{3,7} request to)[^;\]]{1,600}?: 4\d\d [a-z][a-z ]{3,30}",
        by="containerd: an answer that no registry should give",
        example="unexpected status from HEAD request to https://r.example.com/v2/a/manifests/1: 400 Bad Request",
        weight=HINT,
    ),
    Rule(
        cause="registry_unavailable",
        needle="text/html",
        pattern=r"(?:type|got):? \"?text/html",
        by="containerd, containers/image: a page of a portal or load balancer instead of a manifest",
        example="encountered unknown type text/html; children may not be fetched",
    ),
    Rule(
        cause="registry_unavailable",
        needle="s3aws: ",
        pattern=r"s3aws: [^;\]]{3,400}",
        by="distribution's log: its store fails",
        example='err.code=unknown err.detail="s3aws: RequestError: send request failed caused by: dial tcp '
        '10.0.0.5:80: connection refused"',
    ),
    Rule(
        cause="registry_unavailable",
        needle="quota has been exceeded",
        pattern=r"(?:denied: )?quota has been exceeded on namespace",
        by="quay: its own storage quota, as a pull-through cache",
        example="reading manifest 1 in r.example.com/a: denied: Quota has been exceeded on namespace",
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
        needle="looking for beginning of value",
        pattern=r"invalid character '.{1,6}' looking for beginning of value",
        by="Go encoding/json: a page instead of an answer",
        example="error unmarshalling content: invalid character '<' looking for beginning of value",
        weight=HINT,
    ),
    Rule(
        cause="registry_unavailable",
        needle="malformed http",
        pattern=r"malformed http (?:response|status code|version)[^;\]]{0,80}",
        by="Go net/http",
        example='net/http: HTTP/1.x transport connection broken: malformed HTTP response "hello"',
        weight=WORDS,
    ),
    Rule(
        cause="registry_unavailable",
        needle="redirects",
        pattern=r"stopped after \d{1,4} redirects",
        by="Go net/http",
        example='Get "https://r.example.com/v2/": stopped after 10 redirects',
    ),
    Rule(
        cause="registry_unavailable",
        needle="registryunavailable",
        by="kubelet's reason",
        example="RegistryUnavailable: image pull failed",
        weight=HINT,
    ),
    Rule(
        cause="registry_unavailable",
        needle="only|unavailable",
        pattern=r"service (?:is )?(?:temporarily )?unavailable|registry is (?:currently )?(?:unavailable|read-only)",
        by="several registries",
        example="the registry said: service temporarily unavailable",
        weight=HINT,
    ),
    Rule(
        cause="blob_unavailable",
        needle="httpreadseeker: failed open",
        pattern=r"httpreadseeker: failed open: unexpected status(?: code| from get request to)? [^\s\"]{1,3000}: "
        r"(?!429|401)[45]\d\d[a-z ]{0,40}",
        by="containerd, fetching content by digest",
        example="failed to copy: httpReadSeeker: failed open: unexpected status code "
        "https://r.example.com/v2/a/blobs/sha256:00: 403 Forbidden",
    ),
    Rule(
        cause="blob_unavailable",
        needle="/blobs/",
        pattern=r"(?:unexpected status(?: code| from get request to)? )?https?://[^\s\"]{1,300}/blobs/[^\s\"]{1,2000}: "
        r"(?!429|401)[45]\d\d[a-z ]{0,40}(?=-|$|\"|,|;|\])",
        by="containerd 2, crane",
        example="GET https://r.example.com/v2/a/blobs/sha256:00: 404 Not Found",
    ),
    Rule(
        cause="blob_unavailable",
        needle="could not fetch content",
        pattern=r"could not fetch content descriptor [^\"]{1,300}not found",
        by="containerd",
        example="failed to copy: httpReadSeeker: failed open: could not fetch content descriptor sha256:00 from "
        "remote: not found",
    ),
    Rule(
        cause="blob_unavailable",
        needle="failed open",
        pattern=r"httpreadseeker: failed open: (?:could not fetch content|content at [^\s\"]{1,1000} not "
        r"found)[^\"\];]{0,200}",
        by="containerd",
        example="failed to copy: httpReadSeeker: failed open: content at v2/a/manifests/sha256:00?ns=docker.io "
        "not found: not found",
    ),
    Rule(
        cause="blob_unavailable",
        needle="blob",
        pattern=r"blob unknown(?: to registry)?|blob_unknown|unknown blob|blob (?:does not exist|not found)|blob "
        r"upload unknown",
        by="distribution's error code",
        example="Error response from daemon: blob unknown: blob unknown to registry",
    ),
    Rule(
        cause="blob_unavailable",
        needle="copying|downloading|fetching|reading|writing",
        pattern=r"(?:reading|fetching|copying|writing|downloading|error fetching external) blob[^;\]]{0,400}?"
        r"(?:invalid status code from registry |unexpected http status:? |status code:? |http code:? |: )(?!429|"
        r"401)[45]\d\d"
        r"(?: \([a-z ]{4,40}\))?",
        by="containers/image",
        example="reading blob sha256:00: fetching blob: invalid status code from registry 403 (Forbidden)",
    ),
    Rule(
        cause="blob_unavailable",
        needle="/blobs/",
        pattern=r"\[url=[^\s\"]{1,300}/blobs/[^\s\"]{1,300}\]\[ret=[45]\d\d\]|"
        r"https?://[^\s\"]{1,300}/blobs/[^\s\"]{1,300}\]\[ret=[45]\d\d",
        by="overlaybd snapshotter",
        example="Failed to get actual url [url=http://r.example.com/v2/a/blobs/sha256:00][ret=404]",
    ),
    Rule(
        cause="blob_unavailable",
        needle="accessdenied|authenticationfailed|blobnotfound|nosuchbucket|nosuchkey",
        pattern=r"<code>(?:accessdenied|nosuchkey|nosuchbucket|authenticationfailed|blobnotfound)|nosuchkey|"
        r"blobnotfound",
        by="S3 and Azure as blob stores",
        example="<Error><Code>AccessDenied</Code> accessdenied",
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
        needle="clock|requesttimetooskewed|skewed",
        pattern=r"requesttimetooskewed|clock skew|time too skewed",
        by="S3",
        example="<Code>RequestTimeTooSkewed</Code>",
        weight=WORDS,
    ),
)
