"""The drawn worlds are what they claim: mixed, seeded, first causes only, and noise that is no finding."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.contract.report import Subject
from agent.contract.result import Result
from bench.fleet import faults, registries, topology
from bench.fleet.agent import Block, both
from bench.fleet.case import Case, cases, situation
from bench.fleet.fault import Fault
from bench.fleet.knobs import HARD, Knobs
from bench.fleet.noise import Noise
from bench.fleet.runs import pace
from bench.fleet.world import AT

QUIET = replace(HARD, noise_rates=(0.0,), instruments=0.0, pods=0.0, senders=(1.0, 0.0, 0.0))
NOISY = replace(HARD, sizes=((1.0, 3, 90),), noise_rates=(0.01,), faults=(1.0,), pods=0.0)
FLEETS = range(40)


@pytest.fixture(scope="module")
def drawn() -> list[Case]:
    return list(cases(FLEETS, replace(HARD, sizes=((1.0, 3, 60),))))


def results(one: Case) -> Iterator[Result]:
    return (result for node in one.snapshot.nodes for result in node.results)


def test_worlds_differ_in_size_facts_causes_and_scopes(drawn: list[Case]) -> None:
    assert len({len(one.snapshot.nodes) for one in drawn}) > 10
    assert {one.world.style for one in drawn} >= {"cloud", "hall", "edge", "hybrid", "flat"}
    assert len({true.cause for one in drawn for true in one.expected}) > 10
    assert {true.scopes[0] for one in drawn for true in one.expected} == {"node", "nodes", "group", "cluster"}


def test_every_sort_of_fault_can_be_drawn() -> None:
    seen: Counter[str] = Counter()
    for seed in range(400):
        chance = random.Random(seed)
        world, _, _ = situation(chance, QUIET, 9, 0)
        seen.update({fault.kind for fault in faults.draw(world, chance, 3)})
    assert len(seen) >= len(faults.KINDS)


def test_nothing_is_skipped_without_the_name_of_a_failure_that_is_there(drawn: list[Case]) -> None:
    for one in drawn:
        for node in one.snapshot.nodes:
            # What blocked an old answer may itself be blocked by now.
            bad = {result.key for result in node.results if result.status != "ok"}
            blockers = {result.blocked_by for result in node.results if result.status == "skipped"}
            assert blockers <= bad


def test_no_node_has_two_answers_to_one_question(drawn: list[Case]) -> None:
    for one in drawn:
        for node in one.snapshot.nodes:
            assert len({result.key for result in node.results}) == len(node.results)


def test_times_are_in_order_on_clocks_that_are_right(drawn: list[Case]) -> None:
    for one in drawn:
        wrong = {name for fault in one.faults if fault.cause == "clock_skew" for name in fault.on}
        for node in one.snapshot.nodes:
            for result in node.results if node.name not in wrong else ():
                assert result.since is None or result.since <= result.at
                assert node.last_seen is not None
                assert result.at <= node.last_seen + timedelta(seconds=3)


def test_a_wrong_clock_shifts_the_times_of_its_node() -> None:
    fleets = cases(range(400), replace(QUIET, sizes=((1.0, 9, 9),)))
    one = next(one for one in fleets if any(fault.cause == "clock_skew" for fault in one.faults))
    skewed = {name for fault in one.faults if fault.cause == "clock_skew" for name in fault.on}
    newest = {node.name: max(result.at for result in node.results) for node in one.snapshot.nodes if node.results}
    assert all(abs(newest[name] - AT) > timedelta(seconds=60) for name in skewed & newest.keys())


def test_noise_is_never_true() -> None:
    for one in cases(range(15), NOISY):
        assert one.expected == []


def test_noise_leaves_bad_runs_behind() -> None:
    windows = [result.window for one in cases(range(4), NOISY) for result in results(one) if result.window]
    assert any(window.failures == 1 for window in windows)


def test_noise_comes_at_its_rate_and_mostly_as_a_trace() -> None:
    chance, noise = random.Random(1), Noise(rate=0.1, now=0.2)
    own = pace("tcp", 60.0, 90_000.0, 5.0, 0.5)
    drawn = [noise.draw("tcp", "a:443", own, 5.0, chance) for _ in range(5_000)]
    odd = [one for one in drawn if one]
    assert len(odd) == pytest.approx(500, rel=0.2)
    assert sum(one.status == "failed" for one in odd) == pytest.approx(100, rel=0.4)


def test_a_hiccup_is_one_bad_run_on_many_nodes_that_are_well_again() -> None:
    noise = Noise(hiccups={("tcp", "a:443"): (300.0, 1.0)})
    odd = noise.draw("tcp", "a:443", pace("tcp", 60.0, 90_000.0, 5.0, 0.5), 5.0, random.Random(1))
    assert odd is not None
    assert (odd.status, odd.line.window.failures) == ("ok", 1)


def test_two_faults_of_one_cause_cannot_be_taken_for_one() -> None:
    for seed in range(300):
        chance = random.Random(seed)
        world, broken, _ = situation(chance, QUIET, 9, 4)
        for number, one in enumerate(broken):
            for other in (other for other in broken[:number] if other.cause == one.cause):
                assert one.targets is None or other.targets is None or not one.targets & other.targets
                assert one.targets is not None or other.targets is not None
        assert world.focus == frozenset()


def test_a_silent_node_is_true_of_nothing_but_its_silence() -> None:
    for one in cases(range(200), replace(QUIET, sizes=((1.0, 3, 12),))):
        silent = {machine.name for machine in one.world.machines if machine.silent_s is not None}
        assert not any(silent & true.nodes for true in one.expected if true.cause != "agent_silent")


def test_a_pod_alone_is_true_and_a_symptom_is_not() -> None:
    watched = replace(QUIET, pods=1.0, faults=(1.0,), sizes=((1.0, 5, 9),))
    alone = [one for one in cases(range(60), watched) if one.expected]
    assert alone
    for one in alone:
        (true,) = one.expected
        assert true.subject == Subject(kind="image", value=one.snapshot.pods[-1].image)


def test_blocks_are_chained_the_older_behind_the_younger() -> None:
    young, old = Block("dns a", 1.0), Block("registry a", 9_000.0)
    chained = both(young, old)
    assert chained is not None
    assert (chained.by, chained.before) == ("dns a", old)
    assert both(None, old) == old
    assert both(young, None) == young


def test_facts_hang_together() -> None:
    _, machines = topology.draw(random.Random(4), 60)
    by_pool: dict[str, set[str]] = {}
    for machine in machines:
        pool = str(machine.facts.get("pool", machine.facts.get("eks.amazonaws.com/nodegroup")))
        by_pool.setdefault(pool, set()).add(machine.facts["arch"])
    assert all(len(found) == 1 for found in by_pool.values())


def test_registries_have_images_of_their_own() -> None:
    for seed in range(30):
        for registry in registries.draw(random.Random(seed)):
            assert registry.images
            assert {image.registry for image in registry.images} == {registry.name}
            assert all(image.name.startswith(f"{registry.name}/") for image in registry.images)


def test_a_fault_hits_its_own_targets_only() -> None:
    fault = Fault("host down", "connect_refused", frozenset({"tcp"}), frozenset({"n"}), frozenset({"a:443"}))
    assert fault.hits("tcp", "a:443")
    assert not fault.hits("tcp", "b:443")
    assert not fault.hits("tls", "a:443")
    assert Knobs() == HARD
