"""How is what resolvers said told: to a person in a clause, to a program as evidence?

Cannot see: anything beyond the replies of one resolver to one name.

Source: the words of `dig` and of RFC 2308 (NODATA) where there are any.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from agent.host.lookup import Reply
from agent.host.resolv_conf import Server

_CODES = {"no such name": "answers NXDOMAIN", "no address": "has no address for it (NODATA)", "addresses": "answers"}


def by_server(replies: Iterable[Reply], name: str) -> dict[Server, list[Reply]]:
    """Give the replies about one name, A first, by resolver."""
    found: dict[Server, list[Reply]] = {}
    for reply in sorted(replies, key=lambda one: one.kind):
        if reply.name == name:
            found.setdefault(reply.server, []).append(reply)
    return found


def clause(replies: Sequence[Reply]) -> str:
    """Say what one resolver did with one name: `answers SERVFAIL`, `gives no answer in 2 s`."""
    said = {reply.kind: _clause(reply) for reply in replies}
    if len(set(said.values())) == 1 or all(reply.fault == "timeout" for reply in replies):
        return _clause(replies[0])
    if any(reply.state == "no such name" for reply in replies):
        return _CODES["no such name"]
    if any(reply.addresses for reply in replies):
        others = [f"{_clause(reply)} for {reply.kind}" for reply in replies if reply.state == "no use"]
        return ", but ".join([_CODES["addresses"], *others])
    return " and ".join(f"{words} for {kind}" for kind, words in said.items())


def evidence(replies: Sequence[Reply]) -> dict[str, Any]:
    """Give the facts of one resolver; what AAAA does differently stands apart."""
    first, last = replies[0], replies[-1]
    facts: dict[str, Any] = {
        "rcode": first.rcode,
        "took_s": round(max(reply.took_s for reply in replies), 4),
        "addresses": list(dict.fromkeys(address for reply in replies for address in reply.addresses)),
    }
    if first.fault:
        facts["fault"] = first.fault
    if (last.rcode, last.fault) != (first.rcode, first.fault):
        facts[last.kind] = last.rcode or last.fault
    if chain := list(dict.fromkeys(name for reply in replies for name in reply.chain)):
        facts["chain"] = chain
    for word, holds in (
        ("lame", any(reply.lame for reply in replies)),
        ("truncated", any(reply.truncated for reply in replies)),
        ("via_tcp", any(reply.via_tcp for reply in replies)),
    ):
        if holds:
            facts[word] = True
    if (tries := max(reply.tries for reply in replies)) > 1:
        facts["tries"] = tries
    return facts


def _clause(reply: Reply) -> str:
    if reply.fault == "timeout":
        return f"gives no answer in {seconds(reply.took_s)}" + (" by TCP" if reply.via_tcp else "")
    if reply.fault == "refused connection":
        return "refuses " + ("TCP after a truncated answer" if reply.truncated else "the connection")
    if reply.fault == "unreachable":
        return "cannot be reached: no route, or a local firewall"
    if reply.fault == "malformed":
        return "answers nonsense"
    if reply.lame:
        return "refers elsewhere instead of answering"
    return _CODES.get(reply.state, f"answers {reply.rcode}")


def seconds(value_s: float) -> str:
    """Write seconds as short as they can be told: `2 s`, `0.4 s`."""
    return f"{round(value_s, 1):g} s"
