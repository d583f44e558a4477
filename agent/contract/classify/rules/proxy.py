"""Proxies that cannot be reached or do not let through.

What follows `proxyconnect` in a chain is the proxy's own fault: its name, its port, its certificate.
"""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="proxy_failed",
        needle="proxyconnect",
        pattern=r"proxyconnect(?: tcp[46]?|: )[^\"\];]{0,300}",
        by="Go net/http: dialling the proxy or its answer to CONNECT",
        example='Get "https://r.example.com/v2/": proxyconnect tcp: dial tcp 10.0.0.8:3128: connect: connection '
        "refused",
    ),
    Rule(
        cause="proxy_failed",
        needle="socks",
        pattern=r"socks connect tcp[^\"\];]{0,300}",
        by="golang.org/x/net/internal/socks",
        example="socks connect tcp 127.0.0.1:1080->r.example.com:443: dial tcp 127.0.0.1:1080: connect: "
        "connection refused",
    ),
    Rule(
        cause="proxy_failed",
        needle=("proxy authentication|proxy authenticationrequired|proxyauthentication|proxyauthenticationrequired"),
        pattern=r"(?:407 )?proxy ?authentication ?required",
        by="any proxy, RFC 9110 section 15.5.8",
        example='Get "https://r.example.com/v2/": Proxy Authentication Required',
        transient=False,
    ),
    Rule(
        cause="proxy_failed",
        needle="authenticationrequired",
        pattern=r"(?<=: )authenticationrequired",
        by="a proxy's own reason phrase, passed on by Go net/http",
        example='Get "https://r.example.com/v2/": authenticationrequired',
        transient=False,
    ),
    Rule(
        cause="proxy_failed",
        needle=(
            "bad gateway|connect timeout|gateway time|host unreachable|internal server|request timeout|"
            "service unavailable"
        ),
        pattern=r"(?:get|head|post|put) [\"']?https?://[^\s\"']{1,700}[\"']?: (?:service unavailable|bad gateway|"
        r"gateway "
        r"timeout|"
        r"gateway time-out|internal server error|connect timeout|request timeout|host unreachable)(?=[\"'\]),;`]|"
        r"\.?$|\. "
        r")",
        by="Go net/http prints only the reason phrase of a proxy that answers CONNECT with another status than 200",
        example='failed to do request: Head "https://r.example.com/v2/a/manifests/1": Service Unavailable',
    ),
    Rule(
        cause="proxy_failed",
        needle="bad request|established|forbidden|not found|not allowed|network authentication|proxy error",
        pattern=r"(?:get|head|post|put) [\"']?https?://[^\s\"']{1,700}[\"']?: (?:forbidden|method not allowed|host "
        r"not found|"
        r"not found|bad request|connection established|tunnel or ssl forbidden|proxy error|network authentication "
        r"required)(?=[\"'\]),;`]|\.?$|\. )",
        by="Go net/http, a proxy that does not let this through",
        example='failed to do request: Head "https://r.example.com/v2/a/manifests/1": Forbidden',
        transient=False,
    ),
    Rule(
        cause="proxy_failed",
        needle="https",
        pattern=r"(?:get|head|post|put) [\"']?https://[^\s\"']{1,2000}[\"']?: (?!context|operation|unexpected|stopped|"
        r"unsupported|"
        r"den|unau|unable|invalid|missing|no |not |eof)[a-z]{4,30}(?: [a-z]{2,20}){0,5}(?=[\"'\]),;`]|\.?$)",
        by="Go net/http: a proxy's own reason phrase",
        example="Get https://r.example.com/v2/a/manifests/1: AuthorizedOnly",
        weight=HINT,
    ),
    Rule(
        cause="proxy_failed",
        needle="407",
        pattern=r"(?:status(?: code)?:? |http/1\.[01] |response code )407",
        by="any proxy",
        example="received unexpected HTTP status: 407",
        transient=False,
    ),
    Rule(
        cause="proxy_failed",
        needle="proxy",
        pattern=r"(?:invalid proxy (?:url|address)|proxy: unknown scheme|unsupported proxy scheme|proxy url|"
        r"received http code \d{3} from proxy after connect|could not resolve proxy|unable to connect to proxy|"
        r"failed to connect to proxy|cannot connect to proxy|the proxy (?:server )?is refusing)"
        r"(?:[ :,.(][^\];]{0,200})?",
        by="Go net/http and x/net, curl",
        example="Received HTTP code 403 from proxy after CONNECT",
    ),
    Rule(
        cause="proxy_failed",
        needle="err_",
        pattern=r"err_(?:access_denied|cannot_forward|connect_fail|dns_fail|cache_access_denied|read_timeout)",
        by="squid's error pages",
        example="503 <html> X-Squid-Error: ERR_CONNECT_FAIL 110",
        weight=WORDS,
    ),
    Rule(
        cause="proxy_failed",
        needle="proxyerror|tunnel",
        pattern=r"(?:tunnel connection failed|unable to tunnel through proxy|connect tunnel failed)[^\"\];]{0,120}|"
        r"proxyerror\(",
        by="Python, Java, curl",
        example="Tunnel connection failed: 403 Forbidden",
    ),
)
