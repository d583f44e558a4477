"""node-1's image store is full."""

from tests.scenario.five_nodes import APP_1, CART, answer, both, fleet, report, said, when

FULL = when("disk_full", nodes=["node-1"], checks="disk")


def test_it_is_the_node() -> None:
    told = report(fleet(FULL))
    assert said(told) == [("disk_full", "node", "all", "1")]
    assert "kubectl describe node node-1" in " ".join(told.findings[0].remedy.steps)


def test_the_pull_that_fails_there_is_evidence() -> None:
    nodes = fleet(FULL)
    nodes[0].results.append(answer("pull", CART, "failed", "disk_full"))
    told = report(nodes)
    assert said(told) == [("disk_full", "node", "all", "1")]
    assert told.findings[0].checks == ["disk", "pull"]


def test_it_does_not_swallow_an_image_that_is_gone() -> None:
    gone = when("image_not_found", checks="manifest", target=APP_1)
    nodes = fleet(both(FULL, gone))
    nodes[0].results.append(answer("pull", APP_1, "failed", "image_not_found"))
    told = report(nodes)
    assert said(told) == [
        ("image_not_found", "cluster", f"image {APP_1}", "1 2 3 4 5"),
        ("disk_full", "node", "all", "1"),
    ]
