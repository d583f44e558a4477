"""What keeps a node from speaking with a registry at all."""

from agent.contract.causes.cause import NETWORK, Cause

CAUSES = (
    Cause(
        id="dns_failed",
        title="the registry's name does not resolve",
        meaning="No resolver of the node gives an address: NXDOMAIN, SERVFAIL, REFUSED, silence, or none configured.",
        summary="Repair the node's resolvers or the name in DNS.",
        steps=(
            "cat /etc/resolv.conf",
            "dig {host} A; dig {host} AAAA",
            "dig @8.8.8.8 {host}  # against a resolver that is known to be good",
        ),
        see=NETWORK,
    ),
    Cause(
        id="connect_refused",
        title="nothing listens at the registry's address",
        meaning="The TCP connection is answered with a reset or an ICMP rejection.",
        transient=True,
        summary="Start the service behind the address, or open the firewall that rejects.",
        steps=(
            "curl -sv --connect-timeout 5 https://{host}:{port}/v2/ -o /dev/null",
            "nc -vz {host} {port}",
            "look at the registry's own health and at firewalls that REJECT",
        ),
        see=NETWORK,
    ),
    Cause(
        id="connect_timeout",
        title="the registry's address does not answer",
        meaning="No answer to TCP in time, no route to the host, or the network is unreachable.",
        transient=True,
        summary="Find what drops the packets between the node and the registry.",
        steps=(
            "ip route get $(getent ahosts {host} | awk 'NR==1{{print $1}}')",
            "curl -sv --connect-timeout 5 https://{host}:{port}/v2/ -o /dev/null",
            "compare egress firewall, NAT and security groups of the failing nodes with the others'",
        ),
        see=NETWORK,
    ),
    Cause(
        id="connection_reset",
        title="the connection is cut in the middle",
        meaning="Reset, end of file or broken pipe after the connection stood.",
        transient=True,
        summary="Find the middlebox or server that cuts connections.",
        steps=(
            "curl -sv https://{host}:{port}/v2/ -o /dev/null",
            "ping -M do -s 1472 {host}  # a path MTU below 1500 shows here",
            "look at the registry's and its load balancer's logs",
        ),
        see=NETWORK,
    ),
    Cause(
        id="tls_timeout",
        title="the TLS handshake gets no answer",
        meaning="TCP connects, but the handshake does not end in time: TLS inspection, path MTU, an overloaded server.",
        transient=True,
        summary="Look for TLS inspection, path MTU trouble or an overloaded registry.",
        steps=("openssl s_client -connect {host}:{port} -servername {host} </dev/null", "ping -M do -s 1472 {host}"),
        see=NETWORK,
    ),
    Cause(
        id="tls_untrusted",
        title="the registry's certificate is not trusted by the node",
        meaning="The chain leads to no certificate in the trust that the node's runtime uses for this host.",
        summary="Add the issuing CA to the node's trust, or let the server send its whole chain.",
        steps=(
            "openssl s_client -connect {host}:{port} -servername {host} -showcerts </dev/null",
            "cp ca.crt /usr/local/share/ca-certificates/ && update-ca-certificates",
            "cp ca.crt /etc/pki/ca-trust/source/anchors/ && update-ca-trust  # on RHEL and its kin",
            "systemctl restart containerd  # a runtime reads its trust when it starts",
        ),
        see=NETWORK,
    ),
    Cause(
        id="tls_expired",
        title="the registry's certificate is out of its dates",
        meaning="A certificate of the chain has expired or is not yet valid by the node's clock.",
        summary="Renew the certificate at the registry; check the node's clock.",
        steps=(
            "openssl s_client -connect {host}:{port} -servername {host} </dev/null | openssl x509 -noout -dates",
            "date -u",
        ),
        see=NETWORK,
    ),
    Cause(
        id="tls_name_mismatch",
        title="the certificate is for another name",
        meaning="No subject alternative name of the certificate covers the host that was asked.",
        summary="Issue a certificate that names the host, or correct the host name.",
        steps=("openssl s_client -connect {host}:{port} </dev/null | openssl x509 -noout -ext subjectAltName",),
        see=NETWORK,
    ),
    Cause(
        id="tls_protocol",
        title="no common TLS can be agreed on",
        meaning="Plain HTTP behind the port, a handshake that is refused, or a version or cipher that is too old.",
        summary="Serve TLS 1.2 or later at the port, or declare the registry as plain HTTP where that is meant.",
        steps=(
            "openssl s_client -connect {host}:{port} -servername {host} -tls1_2 </dev/null",
            "curl -sv http://{host}:{port}/v2/ -o /dev/null",
        ),
        see=NETWORK,
    ),
    Cause(
        id="proxy_failed",
        title="the node cannot reach or pass its proxy",
        meaning="The proxy's name, TCP, TLS, a 407 or its answer to CONNECT keeps the node from the registry.",
        transient=True,
        summary="Repair the proxy or the runtime's proxy settings.",
        steps=(
            "systemctl show containerd crio --property=Environment",
            "curl -sv -x PROXY https://{host}:{port}/v2/ -o /dev/null",
        ),
        see=NETWORK,
    ),
)
