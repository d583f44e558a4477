"""Can the node pass its proxy to a host?

A CONNECT on a connection to the proxy; what comes back is the same stream, now leading to the host. Whatever keeps the
node from passing is `proxy_failed`, and says which step it was.
"""

import asyncio
import re

from agent.contract.redact import redact
from agent.host.proxy import Proxy
from agent.probes.fault import Fault
from agent.probes.stream import Stream

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ?([^\r\n]*)\r?\n")


async def connect(stream: Stream, proxy: Proxy, target: str, patience_s: float) -> Stream:
    """Ask the proxy at the other end of `stream` for a way to `target` (`quay.io:443`).

    Raises:
        Fault: `proxy_failed`.
    """
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", "User-Agent: pullscope"]
    if proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    try:
        async with asyncio.timeout(patience_s):
            stream.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
            await stream.writer.drain()
            answer = await stream.reader.readuntil(b"\r\n\r\n")
    except TimeoutError as error:
        stream.abort()
        raise Fault("proxy_failed", f"proxy {proxy}: no answer to CONNECT in {patience_s:.1f} s") from error
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError) as error:
        stream.abort()
        raise Fault("proxy_failed", f"proxy {proxy}: ends the connection instead of an answer to CONNECT") from error
    status = _STATUS.match(answer)
    if status is None or status[1] != b"200":
        stream.abort()
        said = f"{status[1].decode()} {status[2].decode('latin-1')}".strip() if status else "nonsense"
        hint = ": it demands credentials" if said.startswith("407") else ""
        raise Fault("proxy_failed", redact(f"proxy {proxy}: answers {said} to CONNECT {target}{hint}"), status=said)
    return stream
