"""Certificates that a node does not accept: trust, dates, names."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="tls_untrusted",
        needle="unknown authority",
        pattern=r"(?:x509: )?certificate signed by unknown authority(?: \(possibly because of [^)]{1,500}\))?",
        by="Go crypto/x509",
        example='Get "https://r.example.com/v2/": tls: failed to verify certificate: x509: certificate signed by '
        "unknown authority",
    ),
    Rule(
        cause="tls_untrusted",
        needle="self",
        pattern=r"self[- ]signed certificate(?: in certificate chain)?",
        by="OpenSSL",
        example="SSL certificate problem: self-signed certificate in certificate chain",
    ),
    Rule(
        cause="tls_untrusted",
        needle="x509",
        pattern=r"x509: (?:certificate is not trusted|cannot verify signature|failed to load system roots|"
        r"certificate specifies an incompatible key usage|too many intermediates|unhandled critical extension|"
        r"invalid signature|not authorized to sign|certificate is not authorized to sign|a root or intermediate "
        r"certificate|"
        r"issuer (?:name|has)|no root ca|[“\"][^”\"]{1,80}[”\"] certificate is not)[^\"\];]{0,120}",
        by="Go crypto/x509",
        example="x509: certificate specifies an incompatible key usage",
    ),
    Rule(
        cause="tls_untrusted",
        needle="get issuer|local issuer",
        pattern=r"unable to get (?:local )?issuer certificate",
        by="OpenSSL",
        example="certificate verify failed: unable to get local issuer certificate",
    ),
    Rule(
        cause="tls_untrusted",
        needle="not trusted|to verify|untrusted|verify failed",
        pattern=r"(?:certificate verify failed|failed to verify certificate|unable to verify the first certificate|"
        r"certificate is not trusted|untrusted certificate)",
        by="Go crypto/tls, OpenSSL, the reason not said",
        example="tls: failed to verify certificate",
        weight=WORDS,
    ),
    Rule(
        cause="tls_untrusted",
        needle="x509",
        pattern=r"x509: [a-z][^\"\];]{5,120}",
        by="Go crypto/x509, what no other rule knows",
        example="x509: certificate is odd",
        weight=HINT,
    ),
    Rule(
        cause="tls_expired",
        needle="expired",
        pattern=r"(?:x509: )?(?:certificate has expired(?: or is not yet valid)?(?:: current time \S{1,40} is "
        r"(?:after|before) \S{1,40})?"
        r"|(?:remote error: )?tls: expired certificate)",
        by="Go crypto/x509, OpenSSL",
        example="x509: certificate has expired or is not yet valid: current time 2026-01-02T03:04:05Z is after "
        "2025-12-31T00:00:00Z",
    ),
    Rule(
        cause="tls_expired",
        needle="certificate is not yet",
        pattern=r"certificate is not yet valid",
        by="OpenSSL",
        example="certificate verify failed: certificate is not yet valid",
    ),
    Rule(
        cause="tls_name_mismatch",
        needle="certificate is valid for",
        pattern=r"(?:x509: )?certificate is valid for (?:[^\"\];]{1,1000}?, not|\d{1,5} names, but none matched) "
        r"[^\s\"\];,]{1,253}",
        by="Go crypto/x509",
        example="x509: certificate is valid for *.example.org, not r.example.com",
    ),
    Rule(
        cause="tls_name_mismatch",
        needle="any names",
        pattern=r"(?:x509: )?certificate is not valid for any names(?:, but wanted to match [^\s\"\];,]{1,253})?",
        by="Go crypto/x509",
        example="x509: certificate is not valid for any names, but wanted to match r.example.com",
    ),
    Rule(
        cause="tls_name_mismatch",
        needle="contain any|relies on|subject name|valid for any",
        pattern=r"(?:cannot validate certificate for [^\s\"]{1,80} because it doesn't contain any ip sans|"
        r"certificate relies on legacy common name field|certificate is not valid for any (?:names|ip)|"
        r"certificate subject name [^\"]{1,200} does not match target host name|no alternative certificate subject "
        r"name matches)",
        by="Go crypto/x509, curl",
        example="x509: cannot validate certificate for 10.0.0.5 because it doesn't contain any IP SANs",
    ),
    Rule(
        cause="tls_name_mismatch",
        needle="hostname mismatch|ip address",
        pattern=r"(?:hostname|ip address) mismatch, certificate is not valid for [^\"\];]{1,253}",
        by="OpenSSL through Python",
        example="certificate verify failed: Hostname mismatch, certificate is not valid for 'r.example.com'",
    ),
    Rule(
        cause="tls_name_mismatch",
        needle="match input",
        pattern=r"x509: [“\"][^”\"]{1,80}[”\"] certificate name does not match input",
        by="Go crypto/x509 on macOS",
        example="tls: failed to verify certificate: x509: “Registry” certificate name does not match input",
    ),
    Rule(
        cause="tls_name_mismatch",
        needle="notvalidforname|certnotvalidforname|subject alternative",
        pattern=r"(?:invalid peer certificate: )?(?:cert)?notvalidforname|no subject alternative (?:dns name|names) "
        r"matching [^\s\"]{1,253} found",
        by="rustls, Java",
        example="invalid peer certificate: NotValidForName",
    ),
    Rule(
        cause="tls_expired",
        needle="certificate is expired",
        pattern=r"x509: [“\"][^”\"]{1,80}[”\"] certificate is expired",
        by="Go crypto/x509 on macOS",
        example="tls: failed to verify certificate: x509: “Registry” certificate is expired",
    ),
    Rule(
        cause="tls_expired",
        needle="invalid peer certificate",
        pattern=r"invalid peer certificate: (?:certificate )?(?:expired|notvalidyet|not valid yet)",
        by="rustls",
        example="invalid peer certificate: Expired",
    ),
    Rule(
        cause="tls_untrusted",
        needle="certification|issued by|ssl peer|unknownissuer|untrusted",
        pattern=r"(?:invalid peer certificate: )?unknownissuer|unable to find valid certification path|"
        r"sec_e_untrusted_root|issued by an authority that is not trusted|ssl peer certificate or ssh remote key was "
        r"not ok",
        by="rustls, Java, Windows, curl",
        example="PKIX path building failed: unable to find valid certification path to requested target",
    ),
    Rule(
        cause="tls_untrusted",
        needle="certificate_verify_failed",
        pattern=r"certificate_verify_failed",
        by="Python, BoringSSL; why follows",
        example="[SSL: CERTIFICATE_VERIFY_FAILED]",
        weight=HINT,
    ),
)
