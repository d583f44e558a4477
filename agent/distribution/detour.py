"""The way through the runtime's proxy to a host.

Behind a proxy the node resolves the proxy's name and no other. Whatever keeps it from passing (the proxy's name, TCP,
TLS, a refused CONNECT) is `proxy_failed`, said of the place that was to be reached.

Cannot see: SOCKS proxies, which are named and not gone through; plain HTTP through a proxy, likewise.
"""

from collections.abc import Sequence

from agent.check import CannotLook, Look
from agent.host.endpoint import TrustSource
from agent.host.proxy import Proxy
from agent.probes import proxy as probe
from agent.probes import tcp, tls
from agent.probes.fault import Fault
from agent.probes.stream import Stream


async def way_through(proxy: Proxy, addresses: Sequence[str], target: str, look: Look) -> Stream:
    """Open a connection to `target` through the proxy, which has these addresses.

    Raises:
        Fault: `proxy_failed`.
        CannotLook: where the proxy is none of http and https.
    """
    if proxy.scheme not in ("http", "https"):
        raise CannotLook(f"the runtime goes through {proxy}, which is no HTTP proxy")

    async def again(patience_s: float) -> Stream:
        stream = await _to(proxy, addresses, look, patience_s)
        stream = await probe.connect(stream, proxy, target, patience_s)
        stream.again = again
        return stream

    return await again(look.settings.patience_s)


async def _to(proxy: Proxy, addresses: Sequence[str], look: Look, patience_s: float) -> Stream:
    fault: Fault | None = None
    for address in addresses:
        try:
            stream = await tcp.dial(address, proxy.port, patience_s / len(addresses))
            if proxy.scheme == "https":
                stream = await tls.handshake(stream, proxy.host, look.node.trust(TrustSource()), patience_s)
            return stream
        except Fault as error:
            fault = error
    assert fault is not None
    raise Fault("proxy_failed", f"proxy {proxy}: {fault.detail}", step=fault.cause) from fault
