"""Words of registries and networks that leave little doubt, whoever puts them however.

They are read only where no other table knows a word of the line. Of several that match, the one counts that ends last.

Cannot see: words that mean something else in the log of another program; the tests hold lines that stay unknown.
"""

from agent.contract.classify.rule import LIKELY, Rule

# A number is a status behind one of these words, whatever little stands between; never an amount.
_ANSWER = (
    r"(?:status|code|statuscode|http|http/1\.[01]|http/2(?:\.0)?|error|response|returned|received|got|answered|replied|"
    r"responded|failed|unexpected)(?: [a-z]{1,12}){0,4}?(?:\"? ?=|\"?:|,)?[ \"'(\[=]{1,3}"
)
# Docker's API says 500 around every error, whoever made it.
_NOT_THE_DAEMONS = r"(?<!\(http code )(?<!http code is )(?<!api error \()"
_NO_AMOUNT = r"(?! ?(?:bytes?|[kmg]i?b|m?s|seconds|layers|images|times|nodes?)\b)"
_NO = (
    r"(?:failed|failure|fails|unable|could not|couldn't|cannot|can't|error|errors|invalid|missing|expired|no|not|"
    r"without|wrong|bad|incorrect|needs|needed|required|require|requires|rejected|refused)"
)
_NOT_THERE = (
    r"(?:not (?:be )?found|does ?n[o']t exists?|do(?:es)? not exists?|not exists?|is missing|no longer exists?|"
    r"not available)"
)
_PART_OF_IMAGE = r"(?:manifests?|tags?|images?|repository|repo|artifacts?|chart|project)"
_FEW_WORDS = r"(?: [a-z']{1,14}){0,4}?"
_THEN = r" (?:[a-z']{1,14} ){0,4}?"

_SPOKEN = (
    ("auth_failed", "401|403", _ANSWER + "(?:401|403)", "the mirror said: code=403"),
    ("image_not_found", "404", _ANSWER + "404", "the mirror said: code=404"),
    ("proxy_failed", "407", _ANSWER + "407", "the mirror said: code=407"),
    ("rate_limited", "429", _ANSWER + "429", "the mirror said: code=429"),
    (
        "registry_unavailable",
        "500|501|502|503|504|507|508|520|521|522|523|524|525|526|527|530",
        _ANSWER + _NOT_THE_DAEMONS + "(?:500|501|502|503|504|507|508|520|521|522|523|524|525|526|527|530)" + _NO_AMOUNT,
        "the mirror said: code=500",
    ),
    (
        "registry_unavailable",
        "400|405|406|408|409|410|413|414|416|418|421|422|423|425|426|431",
        _ANSWER + "(?:400|405|406|408|409|410|413|414|416|418|421|422|423|425|426|431)" + _NO_AMOUNT,
        "the mirror said: code=400",
    ),
    (
        "registry_unavailable",
        "internal server error|bad gateway|gateway timeout|gateway time-out|service unavailable|bad request|server "
        "error|method not allowed",
        r"(?:internal server error|bad gateway|gateway time-?out|service unavailable|bad request|"
        r"server error(?! - )(?<!error: server error)(?<!\) server error)|method not allowed)",
        "the mirror answers with Bad Gateway",
    ),
    (
        "registry_unavailable",
        "registry|mirror|upstream|server",
        r"(?:registry|mirror|upstream|server) (?:[^\s;]{1,200} )?(?:is |was )?(?:down|overloaded|offline|busy|blocked|"
        r"under maintenance|not responding|returned (?:an )?(?:error|unexpected|invalid|empty)|misbehav(?:es|ing))",
        "the registry r.example.com is down for today",
    ),
    (
        "registry_unavailable",
        "unexpected|invalid|malformed|bad|empty",
        r"(?:unexpected|invalid|malformed|bad|empty) (?:http |server |registry |json )?(?:response|answer|reply|"
        r"status)",
        "bad response of the mirror",
    ),
    ("registry_unavailable", "auto blocked until", r"(?:remote )?auto blocked until", "Remote Auto Blocked until noon"),
    (
        "rate_limited",
        "rate limit|ratelimit|rate-limit|rate limited|ratelimited|rate-limited|rate limits|rate limiting|ratelimits|"
        "ratelimiting|rate-limits|rate-limiting",
        r"rate[ -]?limit(?:ed|ing|s)?",
        "there is rate limiting at the mirror",
    ),
    (
        "rate_limited",
        "too many|pull limit|pulls limit|request limit|requests limit",
        r"too many (?:[a-z]{1,12} )?(?:pulls|requests|downloads|connections)|(?:pulls?|requests?) limit",
        "there were too many anonymous pulls",
    ),
    (
        "rate_limited",
        "throttled|throttling|throttlingexception",
        r"(?<!client-side )throttl(?:ed|ing|ingexception)",
        "the mirror is throttling us",
    ),
    (
        "auth_failed",
        "unauthorized|unauthorised|unauthenticated",
        r"(?<![\"'])unauthori[sz]ed|(?<![\"'])unauthenticated",
        "we are unauthorised there",
    ),
    (
        "auth_failed",
        "forbidden",
        r"(?<![\"'])forbidden(?!: exceeded quota)",
        "the mirror says forbidden to all",
    ),
    ("auth_failed", "denied", r"(?<!permission )denied", "the pull was denied by the mirror"),
    (
        "auth_failed",
        "token|tokens|credential|credentials|login|log in|authenticate|authentication|authorization|authorized|"
        "password|username",
        _NO
        + _FEW_WORDS
        + r" (?:tokens?|credentials?|login|log in|authenticate|authentication|authorization|authorized|"
        r"password|username)(?! were found, falling back| in secret)",
        "Can't fetch token for the mirror",
    ),
    (
        "auth_failed",
        "token|credentials|credential|login|authentication|authorization|password|authorisation",
        r"(?:token|credentials?|login|authentication|authori[sz]ation|password)" + _THEN + _NO,
        "the token was rejected",
    ),
    (
        "image_not_found",
        "found|exist|exists|missing|available",
        _PART_OF_IMAGE + r"(?: [^;]{0,200}?)? " + _NOT_THERE,
        "the tag 1.0 of the image can not be found",
    ),
    (
        "image_not_found",
        "manifest|manifests|tag|tags|image|images|repository|repo|artifact|artifacts|chart|project",
        r"(?:no such|missing|no|not find|n't find|unknown|find no|cannot find|can't locate|not locate|not get|not "
        r"fetch|"
        r"failed to find|unable to find|nonexistent|non-existent|non-existing)" + _FEW_WORDS + " " + _PART_OF_IMAGE,
        "there is no such tag",
    ),
    (
        "blob_unavailable",
        "blob|blobs|layer|layers|descriptor|content",
        r"(?:no such|missing|unknown|not find|cannot find|unable to find|not fetch|failed to fetch|no)"
        + _FEW_WORDS
        + " (?:blobs?|layers?|descriptor|content)",
        "there is no descriptor for it",
    ),
    (
        "blob_unavailable",
        "found|exist|exists|missing|available",
        r"(?:blobs?|layers?|descriptor|content)(?: [^;]{0,200}?)? " + _NOT_THERE,
        "the layer sha256:00 is missing",
    ),
    (
        "blob_unavailable",
        "notfound: ",
        r"notfound: \"?content with digest",
        'notFound: "content with digest sha256:00"',
    ),
    (
        "connect_refused",
        "refused",
        r"refused(?! (?:by policy|credentials))",
        "the host refused the call",
    ),
    (
        "connection_reset",
        "eof",
        r"(?<![\"'<])eof",
        "the mirror went away with EOF",
    ),
    (
        "connection_reset",
        "reset|closed|lost|terminated|dropped|aborted|interrupted|broken|shutdown|shut down|hung up",
        r"(?:connection|connections|stream|socket|transport|session|transfer|download)"
        + _FEW_WORDS
        + r" (?:reset|closed|lost|terminated|dropped|aborted|interrupted|broken|shut ?down|hung up)",
        "the connection to it got lost",
    ),
    (
        "connect_timeout",
        "timeout|timed out|time out|time-out",
        r"(?:https?:|registry|mirror|connect|connecting|connection|dial|host|network|request|get|head|pinging|resolve)"
        r"[^;]{0,300}?[ (](?:timeout|timed out|time out|time-out)(?![=\":])",
        "the connection to the mirror has been timed out",
    ),
    (
        "connect_timeout",
        "reach|connect|contact|reached|contacted",
        r"(?:could not|couldn't|cannot|can't|unable to|failed to|not be|not|error) (?:be )?(?:reach|connect|contact|"
        r"reached|"
        r"contacted)",
        "Could not reach any mirror",
    ),
    (
        "connect_timeout",
        "unreachable|not reachable|connection failed|connection error|connection failure|network error|network failure|"
        "network problem|network is down",
        r"unreachable|not reachable|connection (?:failed|error|failure)|network (?:error|failure|problem|is down)",
        "the mirror is not reachable",
    ),
    (
        "dns_failed",
        "lookup",
        r"lookup (?:[a-z0-9-]{1,63}\.[a-z0-9.-]{1,200}|[<\[*{$x…][^\s]{0,200})",
        "lookup r.example.com is without answer",
    ),
    (
        "dns_failed",
        "host|hostname|domain|dns|name",
        r"(?:could not|couldn't|cannot|can't|unable to|failed to|not|error|failed) (?:re?sol[vw]e?|resolving|resove|"
        r"look up|"
        r"lookup|find) (?:the )?(?:[a-z]{1,12} )?(?:host|hostname|domain|dns|name)",
        "cannot resove the host name",
    ),
    (
        "dns_failed",
        "dns",
        r"dns:? (?:[^;]{1,60}? )?(?:fail(?:ed|ure|s)?|errors?|timeout|timed out|not|problem|unreachable)",
        "DNS problem: no answer",
    ),
    (
        "proxy_failed",
        "proxy",
        r"proxy (?:[^;]{0,80}? )?(?:errors?|refused|failed|failure|timeout|timed out|denied|authentication|unreachable|"
        r"not reachable)",
        "the proxy has failed us",
    ),
    (
        "policy_blocked",
        "policy|policies|organization|organisation|administrator|vulnerability|vulnerabilities|compliance|whitelist|"
        "allowlist|allow list",
        r"(?:blocked|prohibited|disallowed|not allowed|not permitted|forbidden|restricted|violates|violated|denied|"
        r"rejected|not in|not on) (?:[^;]{1,80}? )?(?:policy|policies|organi[sz]ation|administrator|"
        r"vulnerabilit(?:y|ies)|"
        r"compliance|whitelist|allowlist|allow list)",
        "the image violates our policy",
    ),
)

_ANYBODY = "any program, in words of its own"

RULES = tuple(
    Rule(cause=cause, needle=needle, pattern=pattern, by=_ANYBODY, example=example, weight=LIKELY)
    for cause, needle, pattern, example in _SPOKEN
)
