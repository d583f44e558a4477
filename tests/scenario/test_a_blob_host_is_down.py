"""Nothing listens at the host that the second registry keeps its blobs on."""

from tests.scenario.five_nodes import BLOBS, CART, TWO, answer, fleet, report, said, when


def test_it_is_the_blob_host_on_all_nodes() -> None:
    told = report(fleet(when("connect_refused", checks="tcp", target=BLOBS)))
    assert said(told) == [("connect_refused", "cluster", f"host {BLOBS}", "1 2 3 4 5")]


def test_a_pull_that_fails_of_it_is_evidence_and_no_finding() -> None:
    nodes = fleet(when("connect_refused", checks="tcp", target=BLOBS))
    for node in nodes:
        node.results.append(answer("pull", CART, "failed", "unknown", registries=[TWO]))
    told = report(nodes)
    assert said(told) == [("connect_refused", "cluster", f"host {BLOBS}", "1 2 3 4 5")]
    assert any(line.startswith(f"follows: pull {CART}") for line in told.findings[0].evidence)


def test_a_pull_that_fails_alone_is_a_finding() -> None:
    nodes = fleet()
    nodes[1].results.append(answer("pull", CART, "failed", "storage_error", registries=[TWO]))
    assert said(report(nodes)) == [("storage_error", "node", f"image {CART}", "2")]


def test_a_blob_host_that_refuses_is_about_the_registry() -> None:
    told = report(fleet(when("blob_unavailable", checks="layer", target=TWO)))
    assert said(told) == [("blob_unavailable", "cluster", f"registry {TWO}", "1 2 3 4 5")]
