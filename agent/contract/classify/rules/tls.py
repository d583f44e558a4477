"""Handshakes that fail for another reason than the certificate: protocol, silence, a client certificate."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
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
        pattern=r"(?:(?:error:[0-9a-f]{1,16}:)?ssl routines:[^\s\":]{0,80}:)?(?:wrong version number|sslv3 alert handshake "
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
