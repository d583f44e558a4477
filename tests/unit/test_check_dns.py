"""The check `dns`: what it says of what was seen. What needs no resolver is looked at here too."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.check import Look, Settings
from agent.checks.dns import CHECK, Observation, judge, observe
from agent.contract.result import Verdict
from agent.host import nsswitch, resolver
from agent.host.lookup import Kind, Reply, walks
from agent.host.resolv_conf import Server
from agent.host.resolver import ResolverConfig
from agent.host.root import Root

ONE, TWO = Server("10.0.0.2"), Server("10.0.0.3")
STUB = Server("127.0.0.53")
CONFIG = ResolverConfig((ONE, TWO))
SETTINGS = Settings(every_s=60, patience_s=2)

GOOD: dict[str, Any] = {"rcode": "NOERROR", "addresses": ("10.9.0.1",), "took_s": 0.01}
NODATA: dict[str, Any] = {"rcode": "NOERROR"}
NXDOMAIN: dict[str, Any] = {"rcode": "NXDOMAIN"}
SERVFAIL: dict[str, Any] = {"rcode": "SERVFAIL"}
SILENT: dict[str, Any] = {"fault": "timeout", "took_s": 2.0012}
SHUT: dict[str, Any] = {"fault": "refused connection"}


def both(server: Server, a: dict[str, Any], aaaa: dict[str, Any] | None = None, name: str = "quay.io") -> list[Reply]:
    kinds: list[tuple[Kind, dict[str, Any]]] = [("A", a), ("AAAA", a if aaaa is None else aaaa)]
    return [Reply(server, name, kind, **facts) for kind, facts in kinds]


def seen(*replies: list[Reply], config: ResolverConfig = CONFIG, behind: list[Reply] | None = None) -> Observation:
    flat = tuple(reply for group in replies for reply in group)
    names = tuple(dict.fromkeys(reply.name for reply in flat))
    found = next((one.addresses for one in walks(names, flat, config) if one.addresses), ())
    return Observation("quay.io", found, "dns" if found else "", config, names, flat, tuple(behind or ()))


def verdict(*replies: list[Reply], **changes: Any) -> Verdict:
    return judge(seen(*replies, config=replace(CONFIG, **changes)), SETTINGS)


def test_resolvers_that_agree_are_fine() -> None:
    said = verdict(both(ONE, GOOD), both(TWO, GOOD))
    assert (said.status, said.cause, said.detail) == ("ok", None, "dns: 10.9.0.1")
    assert said.evidence["resolvers"]["10.0.0.2"] == {"rcode": "NOERROR", "took_s": 0.01, "addresses": ["10.9.0.1"]}


def test_no_address_of_one_family_is_fine() -> None:
    assert verdict(both(ONE, GOOD, NODATA), both(TWO, GOOD, NODATA)).status == "ok"


def test_an_error_for_aaaa_alone_is_evidence_and_no_warning() -> None:
    said = verdict(both(ONE, GOOD, SERVFAIL), both(TWO, GOOD, SERVFAIL))
    assert (said.status, said.evidence["resolvers"]["10.0.0.3"]["AAAA"]) == ("ok", "SERVFAIL")


@pytest.mark.parametrize(
    ("replies", "detail"),
    [
        (
            [both(ONE, SILENT), both(TWO, GOOD)],
            "every pull waits 5 s for a resolver that is silent; 10.0.0.2 gives no answer in 2 s; 10.0.0.3 answers",
        ),
        ([both(ONE, GOOD), both(TWO, SILENT)], "10.0.0.3 gives no answer in 2 s; 10.0.0.2 answers"),
        ([both(ONE, SERVFAIL), both(TWO, GOOD)], "10.0.0.2 answers SERVFAIL; 10.0.0.3 answers"),
        ([both(ONE, SHUT), both(TWO, GOOD)], "10.0.0.2 refuses the connection; 10.0.0.3 answers"),
        ([both(ONE, GOOD), both(TWO, NXDOMAIN)], "10.0.0.3 answers NXDOMAIN; 10.0.0.2 answers"),
        ([both(ONE, GOOD), both(TWO, NODATA)], "10.0.0.3 has no address for it (NODATA); 10.0.0.2 answers"),
        ([both(ONE, GOOD | {"took_s": 3.14}), both(TWO, GOOD)], "10.0.0.2 takes 3.1 s to answer"),
        (
            [both(ONE, GOOD, SILENT), both(TWO, GOOD)],
            "every pull waits 5 s for a resolver that is silent; 10.0.0.2 answers, but gives no answer in 2 s for AAAA",
        ),
    ],
)
def test_a_resolver_that_is_silent_slow_or_of_another_opinion_is_a_warning(
    replies: list[list[Reply]], detail: str
) -> None:
    said = verdict(*replies)
    assert (said.status, said.cause, said.detail) == ("warn", "dns_failed", detail)


def test_the_wait_is_that_of_resolv_conf_not_of_our_patience() -> None:
    said = verdict(both(ONE, SILENT), both(TWO, GOOD), timeout_s=3.0)
    assert said.evidence["waits_s"] == 3.0
    assert "every pull waits 3 s" in said.detail


@pytest.mark.parametrize(
    ("replies", "detail"),
    [
        ([both(ONE, NXDOMAIN), both(TWO, NXDOMAIN)], "10.0.0.2 answers NXDOMAIN"),
        (
            [both(ONE, NXDOMAIN), both(TWO, GOOD)],
            "10.0.0.2 answers NXDOMAIN, 10.0.0.3 knows the name, but is not asked after that",
        ),
        ([both(ONE, SERVFAIL), both(TWO, NXDOMAIN)], "10.0.0.3 answers NXDOMAIN"),
        (
            [both(ONE, SERVFAIL), both(TWO, SILENT)],
            "10.0.0.2 answers SERVFAIL, 10.0.0.3 gives no answer in 2 s",
        ),
        ([both(ONE, NODATA), both(TWO, GOOD)],
         "10.0.0.2 has no address for it (NODATA), 10.0.0.3 knows the name, but is not asked after that"),
        (
            [both(ONE, {"fault": "unreachable"}), both(TWO, {"fault": "malformed"})],
            "10.0.0.2 cannot be reached: no route, or a local firewall, 10.0.0.3 answers nonsense",
        ),
        (
            [both(ONE, {"rcode": "REFUSED"}), both(TWO, {"rcode": "NOERROR", "lame": True})],
            "10.0.0.2 answers REFUSED, 10.0.0.3 refers elsewhere instead of answering",
        ),
        (
            [both(ONE, SHUT | {"truncated": True, "via_tcp": True}), both(TWO, SILENT | {"via_tcp": True})],
            "10.0.0.2 refuses TCP after a truncated answer, 10.0.0.3 gives no answer in 2 s by TCP",
        ),
        (
            [both(ONE, SERVFAIL, SILENT), both(TWO, SHUT)],
            "10.0.0.2 answers SERVFAIL for A and gives no answer in 2 s for AAAA, 10.0.0.3 refuses the connection",
        ),
    ],
)  # fmt: skip
def test_a_walk_that_ends_without_an_address_fails_and_says_why(replies: list[list[Reply]], detail: str) -> None:
    said = verdict(*replies)
    assert (said.status, said.cause, said.detail) == ("failed", "dns_failed", detail)


def test_no_resolver_configured_is_said_whatever_localhost_does() -> None:
    nobody = {"servers": (Server("127.0.0.1"),), "missing": "/etc/resolv.conf is missing"}
    said = verdict(both(Server("127.0.0.1"), SHUT), **nobody)
    assert said.status == "failed"
    assert said.detail == (
        "no resolver is configured: /etc/resolv.conf is missing; what is asked then: 127.0.0.1 refuses the connection"
    )
    said = verdict(both(Server("127.0.0.1"), GOOD), **nobody)
    assert said.status == "warn"
    assert said.detail.startswith("no resolver is configured: /etc/resolv.conf is missing; 127.0.0.1 is asked")


def test_behind_the_stub_is_told_who_fails() -> None:
    behind = both(ONE, SILENT)
    said = judge(seen(both(STUB, SERVFAIL), config=replace(CONFIG, servers=(STUB,)), behind=behind), SETTINGS)
    assert said.detail == "127.0.0.53 (systemd-resolved) answers SERVFAIL, behind it 10.0.0.2 gives no answer in 2 s"
    assert said.evidence["behind_stub"]["10.0.0.2"]["fault"] == "timeout"


def test_the_verdict_is_the_stubs_whatever_stands_behind_it() -> None:
    behind = both(ONE, SILENT)
    assert (
        judge(seen(both(STUB, GOOD), config=replace(CONFIG, servers=(STUB,)), behind=behind), SETTINGS).status == "ok"
    )


def test_with_rotate_a_resolver_that_denies_the_name_fails_some_lookups() -> None:
    said = verdict(both(ONE, NXDOMAIN), both(TWO, GOOD), rotate=True)
    assert (said.status, said.detail) == (
        "warn",
        "1 of 2 lookups fail, by `options rotate`; 10.0.0.2 answers NXDOMAIN; 10.0.0.3 answers",
    )


def test_a_name_found_on_the_search_path_is_named_with_what_came_before() -> None:
    replies = [both(ONE, NXDOMAIN), both(ONE, GOOD, name="quay.io.corp.example")]
    said = verdict(*replies, servers=(ONE,), search=("corp.example",))
    assert (said.status, said.evidence["name"]) == ("ok", "quay.io.corp.example")
    assert said.evidence["searched"] == {"quay.io": {"10.0.0.2": "NXDOMAIN"}}


def test_lines_that_mean_nothing_and_servers_past_the_third_are_evidence() -> None:
    said = verdict(both(ONE, GOOD), both(TWO, GOOD), ignored=("line 2: 'x'",), surplus=("10.0.0.9",))
    assert (said.evidence["ignored_lines"], said.evidence["not_asked"]) == (["line 2: 'x'"], ["10.0.0.9"])


def test_tcp_the_chain_and_further_tries_are_evidence() -> None:
    reply = GOOD | {"truncated": True, "via_tcp": True, "chain": ("cdn.example",), "tries": 2}
    facts = verdict(both(ONE, reply), both(TWO, GOOD)).evidence["resolvers"]["10.0.0.2"]
    assert (facts["via_tcp"], facts["truncated"], facts["chain"], facts["tries"]) == (True, True, ["cdn.example"], 2)


def look_at(root: Path, **files: str) -> Look:
    (root / "etc").mkdir()
    for name, words in files.items():
        (root / "etc" / name.replace("_", ".")).write_text(words)
    tree = Root(root)
    node = SimpleNamespace(root=tree, resolver=resolver.read(tree))
    return cast(Look, SimpleNamespace(node=node, settings=SETTINGS, via=None))


@pytest.mark.parametrize("literal", ["10.0.0.5", "::1", "fe80::1%lo"])
async def test_a_literal_is_never_asked_of_anybody(tmp_path: Path, literal: str) -> None:
    observed = await observe(literal, look_at(tmp_path))
    assert (observed.addresses, observed.replies) == ((literal,), ())
    assert judge(observed, SETTINGS).status == "ok"


async def test_what_hosts_knows_is_asked_of_no_resolver(tmp_path: Path) -> None:
    observed = await observe("Quay.io", look_at(tmp_path, hosts="10.0.0.5 quay.io\n", resolv_conf="nameserver ::1"))
    assert (observed.addresses, observed.source, observed.replies) == (("10.0.0.5",), "/etc/hosts", ())
    assert judge(observed, SETTINGS).detail == "/etc/hosts: 10.0.0.5"


async def test_where_nsswitch_asks_no_resolver_that_is_said(tmp_path: Path) -> None:
    observed = await observe("quay.io", look_at(tmp_path, nsswitch_conf="hosts: files\n"))
    said = judge(observed, SETTINGS)
    assert (said.status, said.cause) == ("failed", "dns_failed")
    assert said.detail == "/etc/hosts does not know the name, and /etc/nsswitch.conf asks no resolver (hosts: files)"


async def test_what_is_no_name_is_asked_of_nobody(tmp_path: Path) -> None:
    said = judge(await observe("a..b", look_at(tmp_path, resolv_conf="nameserver ::1")), SETTINGS)
    assert (said.status, said.detail) == ("failed", "'a..b' is not a name that DNS can hold")


async def test_localhost_is_known_to_myhostname(tmp_path: Path) -> None:
    observed = await observe("localhost", look_at(tmp_path, nsswitch_conf="hosts: files myhostname\n"))
    assert (set(observed.addresses), observed.source) == ({"127.0.0.1", "::1"}, "myhostname")


async def test_an_answer_that_ends_the_asking_ends_it(tmp_path: Path) -> None:
    nss = "hosts: nosuch files [NOTFOUND=return] dns\n"
    assert nsswitch.left_to_glibc(nsswitch.parse(nss))
    observed = await observe("quay.io", look_at(tmp_path, nsswitch_conf=nss))
    assert (observed.addresses, observed.names) == ((), ())


def test_the_check_is_called_what_its_module_is_called() -> None:
    assert (CHECK.name, CHECK.judge) == ("dns", judge)
