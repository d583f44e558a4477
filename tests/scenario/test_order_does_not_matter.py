"""Shuffled nodes, results and pods give the same report."""

import random
from datetime import timedelta

import msgspec
import pytest

from agent.contract.report import Pod
from agent.contract.result import Window
from aggregator.correlate import correlate
from tests.scenario.five_nodes import APP_1, AT, ONE, both, fleet, report, snapshot, when

FAULTS = (
    ("dns_failed", "dns", ""), ("connect_refused", "tcp", ONE), ("connect_timeout", "tcp", "two"),
    ("tls_untrusted", "tls", ""), ("rate_limited", "rate_limit manifest", ONE), ("image_not_found", "manifest", APP_1),
    ("auth_failed", "manifest", "team"), ("disk_full", "disk", ""), ("clock_skew", "clock", ""),
    ("blob_unavailable", "layer", ""), ("unknown", "platform", ""), ("gremlins", "registry", ""),
)  # fmt: skip
NAMES = [f"node-{number}" for number in range(1, 6)]
WINDOWS = (None, Window(1, 1), Window(10, 1), Window(10, 3), Window(10, 10))


@pytest.mark.parametrize("seed", range(60))
def test_it_does_not(seed: int) -> None:
    chance = random.Random(seed)
    chosen = chance.sample(FAULTS, chance.randint(0, 4))
    faults = [when(c, nodes=chance.sample(NAMES, chance.randint(1, 5)), checks=k, target=t) for c, k, t in chosen]
    nodes = fleet(both(*faults), chance.choice(WINDOWS))
    nodes[chance.randrange(5)].last_seen = AT - timedelta(seconds=chance.choice((1, 1000)))
    nodes.append(chance.choice(nodes))
    pods = [
        Pod(namespace="shop", name=f"p{number}", node=chance.choice(NAMES), image=APP_1, reason="ErrImagePull")
        for number in range(chance.randint(0, 4))
    ]
    before = msgspec.json.encode(report(nodes, pods))
    for _ in range(3):
        chance.shuffle(nodes)
        chance.shuffle(pods)
        for node in nodes:
            chance.shuffle(node.results)
            node.facts = dict(chance.sample(sorted(node.facts.items()), len(node.facts)))
        assert msgspec.json.encode(report(nodes, pods)) == before


def test_the_input_is_left_as_it_was() -> None:
    given = snapshot(fleet(when("auth_failed", checks="manifest")))
    before = msgspec.json.encode(given)
    correlate(given)
    assert msgspec.json.encode(given) == before
