"""Messages that are cut off in the middle of their telling words: an event holds 1 kB, a title less.

Each row of `_TOLD` is a wording that other tables know; at `|` it is already beyond doubt. A line that ends anywhere
behind the `|` is read as if it went on.
"""

from agent.contract.classify.rule import FACT, HINT, WORDS, Rule

# Whoever copied the message may have put marks around it.
_CUT_HERE = r"(?:…|\.{3})?[\"'`)*.]{0,3}$"

_TOLD = (
    ("auth_failed", "no basic auth c|redentials", FACT),
    ("auth_failed", "requested access to the r|esource is denied", WORDS),
    ("auth_failed", "pull access d|enied for", WORDS),
    ("auth_failed", "registry: unau|thorized", WORDS),
    ("auth_failed", "registry: den|ied", WORDS),
    ("auth_failed", ": authentication r|equired", WORDS),
    ("auth_failed", "http basic: access d|enied", WORDS),
    ("auth_failed", "insufficient_scope: auth|orization failed", WORDS),
    ("auth_failed", ": 401 u|nauthorized", WORDS),
    ("auth_failed", ": 403 f|orbidden", WORDS),
    ("rate_limited", "you have reached your p|ull rate limit", FACT),
    ("rate_limited", "you have reached your un|authenticated pull rate limit", FACT),
    ("rate_limited", ": 429 t|oo many requests", FACT),
    ("image_not_found", "manifest unk|nown", WORDS),
    ("image_not_found", "name unk|nown", WORDS),
    ("image_not_found", ": 404 n|ot found", WORDS),
    ("image_not_found", "the named manifest is n|ot known to the registry", WORDS),
    ("image_not_found", "repository name not kn|own to registry", WORDS),
    ("image_never_pulled", "is not present with p|ull policy of never", FACT),
    ("pull_qps_exceeded", "pull qps e|xceeded", FACT),
    ("registry_unavailable", ": 500 i|nternal server error", WORDS),
    ("registry_unavailable", ": 502 b|ad gateway", WORDS),
    ("registry_unavailable", ": 503 s|ervice unavailable", WORDS),
    ("registry_unavailable", ": 504 g|ateway time-out", WORDS),
    ("registry_unavailable", "timeout awaiting r|esponse headers", FACT),
    ("runtime_unavailable", "cannot connect to the docker d|aemon", FACT),
    ("connect_refused", "connection ref|used", FACT),
    ("connect_refused", "connect: connect|ion refused", HINT),
    ("connect_refused", "getsockopt: connect|ion refused", HINT),
    ("connect_refused", "connect: connection r|efused", FACT),
    ("connect_timeout", "connect: no r|oute to host", FACT),
    ("connect_timeout", "connect: network i|s unreachable", FACT),
    ("connect_timeout", "connection tim|ed out", FACT),
    ("connect_timeout", "net/http: request canceled w|hile waiting for connection", FACT),
    ("connect_timeout", "client.timeout exceeded wh|ile awaiting headers", FACT),
    ("connection_reset", "connection res|et by peer", FACT),
    ("connection_reset", "read: connection r|eset by peer", HINT),
    ("connection_reset", "unexpected e|of", FACT),
    ("connection_reset", "broken pi|pe", FACT),
    ("cancelled", "context dead|line exceeded", HINT),
    ("cancelled", "context canc|eled", HINT),
    ("cancelled", "net/http: request c|anceled", HINT),
    ("cancelled", "because of no pr|ogress in", HINT),
    ("dns_failed", "no such hos|t", FACT),
    ("dns_failed", "server misb|ehaving", FACT),
    ("dns_failed", "temporary failure in n|ame resolution", FACT),
    ("tls_timeout", "net/http: tls h|andshake timeout", FACT),
    ("tls_untrusted", "certificate signed by u|nknown authority", FACT),
    ("tls_protocol", "server gave http r|esponse to https client", FACT),
    ("tls_protocol", "first record does not l|ook like a tls handshake", FACT),
    ("tls_expired", "certificate has e|xpired or is not yet valid", FACT),
    ("tls_expired", "expired or is n|ot yet valid", FACT),
    ("tls_untrusted", "x509: certificate sig|ned by unknown authority", FACT),
    ("tls_expired", "x509: certificate has| expired or is not yet valid", FACT),
    ("tls_protocol", "remote error: tls: hand|shake failure", FACT),
    ("disk_full", "no space l|eft on device", FACT),
    ("disk_full", "disk quota e|xceeded", FACT),
    ("wrong_architecture", "exec format e|rror", FACT),
    ("wrong_architecture", "no match for p|latform in manifest", FACT),
    ("wrong_architecture", "does not match the detected h|ost platform", FACT),
    ("digest_mismatch", "unexpected commit d|igest", FACT),
    ("digest_mismatch", "verification failed for d|igest", FACT),
    ("digest_mismatch", "failed size v|alidation", FACT),
    ("digest_mismatch", "invalid tar h|eader", FACT),
    ("unsupported_media_type", "compression is not s|upported", FACT),
    ("invalid_reference", "invalid reference f|ormat", FACT),
    ("invalid_reference", "repository name must be l|owercase", FACT),
    ("signature_rejected", "a signature was r|equired, but no signature exists", FACT),
    ("short_name_ambiguous", "returns ambiguous l|ist", FACT),
    ("short_name_ambiguous", "did not resolve to an al|ias and no unqualified-search registries are defined", FACT),
    ("storage_error", "read-only file s|ystem", FACT),
    ("storage_error", "input/output e|rror", FACT),
)


def _cut(cause: str, told: str, weight: int) -> Rule:
    begun, _, rest = told.partition("|")
    ending = ""
    for letter in reversed(rest[:-1]):
        ending = f"(?:{letter}{ending})?"
    return Rule(
        cause=cause,
        needle=begun,
        pattern=begun.replace(".", r"\.") + ending + _CUT_HERE,
        by="whatever prints it whole",
        example=f"failed to pull image: {begun}",
        weight=weight,
    )


RULES = (
    *(_cut(*row) for row in _TOLD),
    Rule(
        cause="connect_timeout",
        needle="dial tcp",
        pattern=r"dial tcp[46]? [^\s\"]{3,120}?:(?: i/?o?(?: t[a-z]{0,6})?)?" + _CUT_HERE,
        by="Go net",
        example='Get "https://r.example.com/v2/": dial tcp 10.0.0.5:443: i/o ti',
        weight=HINT,
    ),
    Rule(
        cause="tls_name_mismatch",
        needle="certificate is valid for|cannot validate certificate",
        pattern=r"x509: (?:certificate is valid for [^\";\]]{1,900}|cannot validate certificate for "
        r"[^\";\]]{1,200})\"?$",
        by="Go crypto/x509",
        example='Get "https://r.example.com/v2/": x509: certificate is valid for a.example.org, b.exam',
    ),
)
