"""How often a fleet may ask: under the rate at any size, and no to and fro."""

import pytest

from agent.contract.result import Result, Status
from agent.contract.table import ROUND_S
from aggregator.directives.load import SETTLE_S, STEP, Load, step, weights_of


def asks(registry: str = "quay.io", images: int = 1, status: Status = "ok") -> list[Result]:
    """All that a node asks of one registry."""
    made = [("registry", registry), ("rate_limit", registry), ("tls", f"{registry}:443")]
    made += [
        (check, f"{registry}/a/b:{number}") for number in range(images) for check in ("manifest", "platform", "layer")
    ]
    return [Result(check=check, target=target, status=status, registries=[registry]) for check, target in made]


def fleet(nodes: int, rate: float = 20.0, **more: int) -> Load:
    load = Load(rate)
    for number in range(nodes):
        load.weigh(f"node-{number}", asks(**more))  # type: ignore[arg-type]  # a number of images
    load.look(0)
    return load


def rate_of(load: Load, registry: str = "quay.io") -> float:
    """Requests a second, when every node keeps its interval."""
    interval_s = max(load.interval_s("node-0") or 0.0, ROUND_S)
    return load.requests[registry] / interval_s


def test_the_table_says_what_a_round_costs() -> None:
    weights = weights_of(asks(images=20))
    assert weights == {"quay.io": pytest.approx(1 + 1 / 5 + 2 / 15 + 20 * (1 / 5 + 2 / 60 + 3 / 60))}
    assert weights_of([Result(check="dns", target="quay.io", status="ok", registries=["quay.io"])]) == {}
    assert weights_of([Result(check="of_tomorrow", target="x", status="ok", registries=["quay.io"])]) == {}


def test_what_fails_is_asked_more_often_and_counts_as_that() -> None:
    assert weights_of(asks(status="failed"))["quay.io"] > 2 * weights_of(asks())["quay.io"]


@pytest.mark.parametrize("nodes", [1, 100, 1000, 5000, 10_000])
@pytest.mark.parametrize("images", [1, 20])
def test_the_fleets_load_is_under_the_rate_at_any_size(nodes: int, images: int) -> None:
    assert rate_of(fleet(nodes, images=images)) <= 20.0


def test_a_small_fleet_keeps_its_own_intervals() -> None:
    load = fleet(100)
    assert (load.interval_s("node-0") or 0) < ROUND_S and load.stretched() == {}


def test_a_node_takes_the_longest_interval_of_its_registries() -> None:
    load = fleet(5000)
    load.weigh("node-x", [*asks("quay.io"), *asks("own.example")])
    load.weigh("node-y", asks("own.example"))
    load.look(1)
    assert load.interval_s("node-x") == load.interval_s("node-0") == load.stretched()["quay.io"]
    assert load.interval_s("node-y") is None and load.interval_s("nobody") is None


def test_joins_and_leaves_within_a_step_change_nothing_and_a_shorter_interval_takes_its_time() -> None:
    load = fleet(2000)
    long_s = load.interval_s("node-0")
    assert long_s is not None
    for number in range(1000):
        load.drop(f"node-{number + 1000}")
    for now in (1.0, SETTLE_S - 1):
        load.look(now)
        assert load.interval_s("node-0") == long_s
    load.look(SETTLE_S + 2)
    assert (load.interval_s("node-0") or 0) <= long_s / STEP
    assert rate_of(load) <= 20.0


def test_a_registry_that_fails_and_recovers_again_and_again_changes_intervals_once() -> None:
    load = fleet(2000)
    seen = set()
    for minute in range(1, 60):
        for number in range(2000):
            load.weigh(f"node-{number}", asks(status="failed" if minute % 2 else "ok"))
        load.look(minute * 60.0)
        seen.add(load.interval_s("node-0"))
        assert rate_of(load) <= 20.0
    assert len(seen) == 1


def test_a_registry_that_nobody_asks_any_more_stretches_nothing() -> None:
    load = fleet(5000)
    for number in range(5000):
        load.drop(f"node-{number}")
    load.look(1)
    assert load.stretched() == {} and load.requests == {}


def test_steps_go_up_by_a_quarter() -> None:
    assert step(0.1) == 1.0 and step(61) == step(69) >= 69
    assert step(step(70)) == step(70) and step(step(70) + 0.1) == pytest.approx(step(70) * STEP, rel=1e-3)
