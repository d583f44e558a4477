"""Handshakes that fail: trust, dates, names, protocol, silence."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="tls_untrusted",
        needle="unknown authority",
        pattern=r"(?:x509: )?certificate signed by unknown authority",
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
        r"issuer (?:name|has)|no root ca|“[^”]{1,80}” certificate is not)[^\"\];]{0,120}",
        by="Go crypto/x509",
        example="x509: certificate specifies an incompatible key usage",
    ),
    Rule(
        cause="tls_untrusted",
        needle="local issuer",
        pattern=r"unable to get (?:local )?issuer certificate",
        by="OpenSSL",
        example="certificate verify failed: unable to get local issuer certificate",
    ),
    Rule(
        cause="tls_untrusted",
        needle="certificate",
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
        needle="not yet valid",
        pattern=r"certificate is not yet valid",
        by="OpenSSL",
        example="certificate verify failed: certificate is not yet valid",
    ),
    Rule(
        cause="tls_name_mismatch",
        needle="certificate is valid for",
        pattern=r"(?:x509: )?certificate is valid for [^\"\];]{1,1000}?, not [^\s\"\];,]{1,253}",
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
        needle="certificate",
        pattern=r"(?:cannot validate certificate for [^\s\"]{1,80} because it doesn't contain any ip sans|"
        r"certificate relies on legacy common name field|certificate is not valid for any (?:names|ip)|"
        r"certificate subject name [^\"]{1,200} does not match target host name|no alternative certificate subject "
        r"name matches)",
        by="Go crypto/x509, curl",
        example="x509: cannot validate certificate for 10.0.0.5 because it doesn't contain any IP SANs",
    ),
    Rule(
        cause="tls_name_mismatch",
        needle="mismatch",
        pattern=r"(?:hostname|ip address) mismatch, certificate is not valid for [^\"\];]{1,253}",
        by="OpenSSL through Python",
        example="certificate verify failed: Hostname mismatch, certificate is not valid for 'r.example.com'",
    ),
    Rule(
        cause="tls_timeout",
        needle="handshake",
        pattern=r"(?:net/http: )?tls handshake timeout",
        by="Go net/http",
        example='Head "https://r.example.com/v2/a/manifests/1": net/http: TLS handshake timeout',
    ),
    Rule(
        cause="tls_timeout",
        needle="exceeded|out|timeout",
        pattern=r"handshake[^\"\];]{0,80}(?:i/o timeout|deadline exceeded|timed out)",
        by="Go crypto/tls with a context, curl",
        example="remote: tls: handshake: read tcp: i/o timeout",
    ),
    Rule(
        cause="tls_protocol",
        needle="server gave http response",
        pattern=r"(?:http: )?server gave http response to https client",
        by="Go net/http",
        example='Head "https://10.0.0.5:5000/v2/a/manifests/1": http: server gave HTTP response to HTTPS client',
    ),
    Rule(
        cause="tls_protocol",
        needle="http request",
        pattern=r"client sent an http request to an https server|plain http request was sent to https port",
        by="Go net/http and nginx as servers",
        example="400 Bad Request: Client sent an HTTP request to an HTTPS server",
    ),
    Rule(
        cause="tls_protocol",
        needle="tls: ",
        pattern=r"tls: (?:first record does not look like a tls handshake|handshake failure|protocol version not "
        r"supported|"
        r"server selected (?:unsupported|an? un)[^\"\];]{0,60}|no (?:supported|cipher|mutual|"
        r"application)[^\"\];]{0,60}|"
        r"internal error|unrecognized name|oversized record[^\"\];]{0,60}|received record with version[^\"\];]{0,60}|"
        r"bad record mac|illegal parameter|decode error|unexpected message|insufficient security level|"
        r"unsupported[^\"\];]{0,60}|invalid server[^\"\];]{0,60}|server chose an[^\"\];]{0,60}|user canceled|"
        r"access denied|"
        r"failed to parse certificate[^\"\];]{0,80}|missing extension|error decoding message|close notify)",
        by="Go crypto/tls, both sides' alerts",
        example='Get "https://r.example.com/v2/": remote error: tls: handshake failure',
    ),
    Rule(
        cause="tls_protocol",
        needle="malformed http response",
        pattern=r"malformed http response \"?\\?x1[56]\\?x03[^\s]{0,40}",
        by="Go net/http: a TLS record where HTTP was meant",
        example=r'Get "http://r.example.com/v2/": net/http: HTTP/1.x transport connection broken: malformed HTTP '
        r'response "\x15\x03\x01"',
    ),
    Rule(
        cause="tls_protocol",
        needle="alert|eof|protocol|syscall|wrong",
        pattern=r"(?:[^\s\"]{0,80}(?: routines)?:[^\s\"]{0,80}:)?(?:wrong version number|sslv3 alert handshake "
        r"failure|unsupported protocol|unexpected eof while reading|"
        r"ssl_error_syscall|tlsv1 alert (?:protocol version|internal error))",
        by="OpenSSL",
        example="SSL routines:ssl3_get_record:wrong version number",
    ),
    Rule(
        cause="tls_protocol",
        needle="directory",
        pattern=r"open [^\s\"]{1,300}certs\.d/[^\s\"]{1,300}: no such file or directory",
        by="containers/image: a client certificate's file is missing",
        example="open /etc/containers/certs.d/r.example.com/client.cert: no such file or directory",
        transient=False,
    ),
    Rule(
        cause="auth_failed",
        needle="tls: ",
        pattern=r"(?:remote error: )?tls: (?:bad certificate|certificate required|unknown certificate(?: authority)?)",
        by="Go crypto/tls: the server wants a client certificate that it trusts",
        example='Get "https://r.example.com/v2/": remote error: tls: certificate required',
    ),
)
