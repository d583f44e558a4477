"""node-5's containerd is stopped."""

from tests.scenario.five_nodes import fleet, report, said, when


def test_it_is_the_node() -> None:
    told = report(fleet(when("runtime_unavailable", nodes=["node-5"], checks="runtime")))
    assert said(told) == [("runtime_unavailable", "node", "all", "5")]
    assert told.verdict == "degraded"
