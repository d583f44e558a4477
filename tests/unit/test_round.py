"""The round: one place for patience, exceptions, prerequisites and results."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.check import Check, Look, Settings
from agent.contract.result import Result, Verdict, failed, ok, unknown, warn
from agent.host.endpoint import Endpoint, Origin
from agent.host.node import Node
from agent.host.root import HostFileError, Root
from agent.probes.fault import Fault
from agent.round import AT_ONCE, Question, Round

Observe = Callable[[str, Look], Any]


def judge_seen(observation: Any, _: Settings) -> Verdict:
    return observation if isinstance(observation, Verdict) else ok(str(observation))


def round_of(tmp_path: Path, *, deadline_s: float | None = None, patience_s: float = 1.0, **observes: Observe) -> Round:
    table = {name: Check(name, observe, judge_seen) for name, observe in observes.items()}
    settings = {name: Settings(every_s=60, patience_s=patience_s) for name in observes}
    return Round(Node(Root(tmp_path), name="node-1"), settings, deadline_s=deadline_s, find=table.__getitem__)


def by_key(results: list[Result]) -> dict[str, Result]:
    return {result.key: result for result in results}


async def test_a_question_that_many_need_is_asked_once(tmp_path: Path) -> None:
    asked = []

    async def dns(target: str, look: Look) -> str:
        asked.append(target)
        await asyncio.sleep(0)
        return "10.0.0.1"

    async def registry(target: str, look: Look) -> str:
        return f"{await look.need('dns', 'quay.io')}{target}"

    results = await round_of(tmp_path, dns=dns, registry=registry).ask(
        [Question("registry", "a", ("a",)), Question("registry", "b", ("b",)), Question("dns", "quay.io")]
    )
    assert asked == ["quay.io"]
    assert by_key(results)["dns quay.io"].registries == ["a", "b"]
    assert by_key(results)["registry b"].detail == "10.0.0.1b"


async def test_what_stands_on_a_failure_is_skipped_and_names_the_first_cause(tmp_path: Path) -> None:
    async def dns(target: str, look: Look) -> None:
        raise Fault("dns_failed", "SERVFAIL", rcode="SERVFAIL")

    async def tcp(target: str, look: Look) -> None:
        await look.need("dns", "quay.io")

    async def tls(target: str, look: Look) -> None:
        await look.need("tcp", target)

    results = by_key(await round_of(tmp_path, dns=dns, tcp=tcp, tls=tls).ask([Question("tls", "quay.io:443")]))
    assert (results["dns quay.io"].status, results["dns quay.io"].cause) == ("failed", "dns_failed")
    assert results["dns quay.io"].evidence == {"rcode": "SERVFAIL"}
    assert (results["tcp quay.io:443"].status, results["tcp quay.io:443"].blocked_by) == ("skipped", "dns quay.io")
    assert (results["tls quay.io:443"].status, results["tls quay.io:443"].blocked_by) == ("skipped", "dns quay.io")


async def test_a_warning_does_not_stop_what_stands_on_it(tmp_path: Path) -> None:
    async def dns(target: str, look: Look) -> Verdict:
        return warn("dns_failed", "one of two resolvers is silent")

    async def tcp(target: str, look: Look) -> str:
        await look.need("dns", "quay.io")
        return "connected"

    results = by_key(await round_of(tmp_path, dns=dns, tcp=tcp).ask([Question("tcp", "quay.io:443")]))
    assert results["tcp quay.io:443"].status == "ok"


@pytest.mark.parametrize(
    ("error", "status", "cause"),
    [
        (RuntimeError("Authorization: Bearer hush-hush-hush"), "unknown", None),
        (HostFileError("/etc/resolv.conf", "may not be read", forbidden=True), "unknown", None),
        (HostFileError("/etc/ssl/ca.pem", "is not a regular file"), "failed", "config_invalid"),
        (Fault("connect_refused", "nobody listens"), "failed", "connect_refused"),
    ],
)
async def test_an_instrument_that_breaks_is_unknown_and_a_target_that_fails_is_failed(
    tmp_path: Path, error: Exception, status: str, cause: str | None
) -> None:
    async def dns(target: str, look: Look) -> None:
        raise error

    [result] = await round_of(tmp_path, dns=dns).ask([Question("dns", "quay.io")])
    assert (result.status, result.cause) == (status, cause)
    assert "hush" not in result.detail


async def test_an_unknown_prerequisite_stops_what_stands_on_it(tmp_path: Path) -> None:
    async def dns(target: str, look: Look) -> Verdict:
        return unknown("cannot look")

    async def tcp(target: str, look: Look) -> None:
        await look.need("dns", "quay.io")

    results = by_key(await round_of(tmp_path, dns=dns, tcp=tcp).ask([Question("tcp", "quay.io:443")]))
    assert results["tcp quay.io:443"].blocked_by == "dns quay.io"


async def test_a_dead_mirror_is_a_warning_that_still_stops_its_own_way(tmp_path: Path) -> None:
    mirror = Endpoint("docker.io", Origin("https", "mirror.lab", 443), mirror=True)

    async def tcp(target: str, look: Look) -> None:
        raise Fault("connect_refused", "nobody listens")

    async def tls(target: str, look: Look) -> None:
        await look.need("tcp", target, look.via)

    results = by_key(
        await round_of(tmp_path, tcp=tcp, tls=tls).ask([Question("tls", "mirror.lab:443", ("docker.io",), mirror)])
    )
    assert (results["tcp mirror.lab:443"].status, results["tcp mirror.lab:443"].cause) == ("warn", "connect_refused")
    assert results["tls mirror.lab:443"].status == "skipped"


async def test_an_instrument_that_overruns_its_patience_is_cut_and_unknown(tmp_path: Path) -> None:
    async def dns(target: str, look: Look) -> None:
        await asyncio.Event().wait()

    [result] = await round_of(tmp_path, patience_s=0.01, dns=dns).ask([Question("dns", "quay.io")])
    assert result.status == "unknown"


async def test_waiting_for_a_prerequisite_does_not_count_as_the_instruments_own_time(tmp_path: Path) -> None:
    async def dns(target: str, look: Look) -> str:
        await asyncio.sleep(0.1)
        return "10.0.0.1"

    async def tcp(target: str, look: Look) -> str:
        return str(await look.need("dns", "quay.io"))

    round_ = round_of(tmp_path, dns=dns, tcp=tcp)
    round_._settings = {  # the one that waits has far less patience than the wait takes
        "dns": Settings(every_s=60, patience_s=1),
        "tcp": Settings(every_s=60, patience_s=0.005),
    }
    results = by_key(await round_.ask([Question("tcp", "quay.io:443")]))
    assert results["tcp quay.io:443"].status == "ok"
    assert results["tcp quay.io:443"].took_s < 0.05


async def test_the_whole_ends_at_its_deadline_with_a_fact(tmp_path: Path) -> None:
    async def dns(target: str, look: Look) -> None:
        await asyncio.Event().wait()

    async def tcp(target: str, look: Look) -> None:
        await look.need("dns", "quay.io")

    results = by_key(await round_of(tmp_path, deadline_s=0.05, dns=dns, tcp=tcp).ask([Question("tcp", "quay.io:443")]))
    assert (results["dns quay.io"].status, results["dns quay.io"].cause) == ("failed", "cancelled")
    assert results["tcp quay.io:443"].status == "skipped"


async def test_patience_shrinks_towards_the_deadline(tmp_path: Path) -> None:
    async def dns(target: str, look: Look) -> float:
        return look.settings.patience_s

    [result] = await round_of(tmp_path, deadline_s=3.0, patience_s=60, dns=dns).ask([Question("dns", "quay.io")])
    assert float(result.detail) <= 2.5


async def test_more_questions_than_slots_that_all_wait_for_one_do_not_lock_each_other(tmp_path: Path) -> None:
    async def dns(target: str, look: Look) -> str:
        await asyncio.sleep(0)
        return target

    async def registry(target: str, look: Look) -> str:
        return str(await look.need("dns", "quay.io"))

    questions = [Question("registry", str(number)) for number in range(3 * AT_ONCE)]
    async with asyncio.timeout(5):
        results = await round_of(tmp_path, dns=dns, registry=registry).ask(questions)
    assert {result.status for result in results} == {"ok"}


async def test_the_clock_is_asked_last(tmp_path: Path) -> None:
    async def clock(target: str, look: Look) -> str:
        return str(look.recall("dates"))

    async def registry(target: str, look: Look) -> str:
        await asyncio.sleep(0)
        look.found("dates", ["a date"])
        return "reached"

    results = await round_of(tmp_path, clock=clock, registry=registry).ask(
        [Question("clock", "node-1"), Question("registry", "quay.io")]
    )
    assert by_key(results)["clock node-1"].detail == "['a date']"


async def test_secrets_in_details_and_evidence_are_masked(tmp_path: Path) -> None:
    async def registry(target: str, look: Look) -> Verdict:
        return failed("auth_failed", "https://u:hush@quay.io refuses", url="https://blob/?X-Amz-Signature=hush")

    [result] = await round_of(tmp_path, registry=registry).ask([Question("registry", "quay.io")])
    assert "hush" not in result.detail + str(result.evidence)


async def test_a_mirrors_failure_fails_what_a_pull_cannot_do_without(tmp_path: Path) -> None:
    mirror = Endpoint("docker.io", Origin("https", "shared.lab", 443), mirror=True)
    upstream = Endpoint("quay.io", Origin("https", "shared.lab", 443))

    async def tcp(target: str, look: Look) -> None:
        raise Fault("connect_refused", "mirror: nobody listens")  # its own words begin as a mirror's mark does

    async def registry(target: str, look: Look) -> None:
        await look.need("tcp", "shared.lab:443", mirror if target == "docker.io" else upstream)

    round_ = round_of(tmp_path, tcp=tcp, registry=registry)
    first = by_key(await round_.ask([Question("registry", "docker.io")]))["tcp shared.lab:443"]
    assert (first.status, first.detail) == ("warn", "mirror: mirror: nobody listens")
    second = by_key(await round_.ask([Question("registry", "quay.io")]))["tcp shared.lab:443"]
    assert (second.status, second.cause, second.detail) == ("failed", "connect_refused", "mirror: nobody listens")
