"""An image that fails on another node as a host of its registry does is evidence of the host's fault."""

from agent.contract.report import Node
from tests.scenario.five_nodes import APP_1, BLOBS, CART, ONE, TWO, answer, fleet, report, said, when

HOST = ("connect_refused", "nodes", f"host {BLOBS}", "1 3")


def one_more(image: str, cause: str, registry: str) -> list[Node]:
    nodes = fleet(when("connect_refused", nodes=["node-1", "node-3"], checks="tcp", target=BLOBS))
    nodes[3].results.append(answer("pull", image, "failed", cause, registries=[registry]))
    return nodes


def test_of_the_same_cause_it_is_evidence_and_the_node_is_not_counted() -> None:
    told = report(one_more(CART, "connect_refused", TWO))
    assert said(told) == [HOST]
    assert told.findings[0].evidence[-1] == f"follows: pull {CART}: connect_refused was seen (node-4)"


def test_of_another_cause_it_is_a_finding() -> None:
    told = report(one_more(CART, "digest_mismatch", TWO))
    assert said(told) == [HOST, ("digest_mismatch", "node", f"image {CART}", "4")]


def test_of_another_registry_it_is_a_finding() -> None:
    told = report(one_more(APP_1, "connect_refused", ONE))
    assert said(told) == [HOST, ("connect_refused", "node", f"image {APP_1}", "4")]
