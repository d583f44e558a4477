"""Handshakes that fail for another reason than the certificate: protocol, silence, a client certificate."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="tls_timeout",
        needle="tls handshake",
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
        needle="https client",
        pattern=r"(?:http: )?server gave http response to https client",
        by="Go net/http",
        example='Head "https://10.0.0.5:5000/v2/a/manifests/1": http: server gave HTTP response to HTTPS client',
    ),
    Rule(
        cause="tls_protocol",
        needle="plain http|sent an",
        pattern=r"client sent an http request to an https server|plain http request was sent to https port",
        by="Go net/http and nginx as servers",
        example="400 Bad Request: Client sent an HTTP request to an HTTPS server",
    ),
    Rule(
        cause="tls_protocol",
        needle="tls",
        pattern=r"tls: (?:first record does not look like a tls handshake|handshake failure|protocol version not "
        r"supported|server selected (?:unsupported|an? un)[^\"\];]{0,60}|"
        r"no (?:supported|cipher|mutual|application|renegotiation)[^\"\];]{0,60}|"
        r"internal error|unrecognized name|oversized record[^\"\];]{0,60}|received record with version[^\"\];]{0,60}|"
        r"received unexpected handshake message[^\"\];]{0,80}|unsupported sslv2[^\"\];]{0,60}|"
        r"bad record mac|illegal parameter|decode error|unexpected message|insufficient security level|"
        r"unsupported (?!certificate)[^\"\];]{0,60}|invalid (?:server|signature)[^\"\];]{0,60}|server chose an"
        r"[^\"\];]{0,60}|user canceled|access denied|record overflow|decryption failed|error decrypting message|"
        r"inappropriate fallback|downgrade attempt[^\"\];]{0,60}|encrypted client hello required|"
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
        needle="eof while|error_syscall|protocol|sslv3 alert|tlsv1 alert|wrong version",
        pattern=r"(?:(?:error:[0-9a-f]{1,16}:)?ssl routines:[^\s\":]{0,80}:)?(?:wrong version number|sslv3 alert "
        r"handshake "
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
        pattern=r"(?:remote error: )?tls: (?:bad certificate(?: status response| hash value)?|certificate required|"
        r"unknown certificate(?: authority)?|revoked certificate|unsupported certificate|unknown psk identity)",
        by="Go crypto/tls: the server wants a client certificate that it trusts",
        example='Get "https://r.example.com/v2/": remote error: tls: certificate required',
    ),
    Rule(
        cause="auth_failed",
        needle="remote error",
        pattern=r"remote error: (?:bad certificate|unknown certificate(?: authority)?|certificate required)",
        by="Go before 1.8: the server wants a client certificate that it trusts",
        example="Get https://r.example.com:2376/v1.19/info: remote error: bad certificate",
    ),
    Rule(
        cause="auth_failed",
        needle="alert",
        pattern=r"(?:(?:error:[0-9a-f]{1,16}:)?ssl routines:[^\s\":]{0,80}:)?(?:sslv3|tlsv1|tlsv13|ssl/tls) "
        r"alert (?:bad certificate|certificate (?:unknown|required)|unknown ca)",
        by="OpenSSL: the server wants a client certificate that it trusts",
        example="error:1409445C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required",
    ),
    Rule(
        cause="tls_protocol",
        needle="remote error|local error",
        pattern=r"(?:remote|local) error: (?:tls: )?(?:handshake failure|protocol version not supported|bad record mac|"
        r"[a-z]{4,20} (?:message|overflow|version|name|parameter))",
        by="Go crypto/tls, before 1.8 without `tls:`",
        example="Get https://r.example.com/v2/: remote error: handshake failure",
    ),
    Rule(
        cause="tls_protocol",
        needle="ssl handshake|sslhandshakeexception|handshake_failure",
        pattern=r"(?:remote: )?ssl handshake (?:failure|failed|error)|received fatal alert: handshake_failure|"
        r"sslhandshakeexception",
        by="OpenSSL, Java, nginx",
        example="javax.net.ssl SSLHandshakeException: Received fatal alert: handshake_failure",
        weight=WORDS,
    ),
    Rule(
        cause="tls_protocol",
        needle="tls",
        pattern=r"tls: [a-z][a-z ]{5,80}",
        by="Go crypto/tls, what no other rule knows",
        example="Head: tls: odd things have happened",
        weight=HINT,
    ),
)
