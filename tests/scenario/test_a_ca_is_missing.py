"""The CA is missing on node-4: no host's certificate is trusted there."""

from tests.scenario.five_nodes import fleet, report, said, when


def test_it_is_the_node_and_no_host() -> None:
    told = report(fleet(when("tls_untrusted", nodes=["node-4"], checks="tls")))
    assert said(told) == [("tls_untrusted", "node", "all", "4")]
    assert told.findings[0].checks == ["tls"]


def test_an_answer_from_before_the_fault_says_nothing_against_it() -> None:
    nodes = fleet(when("tls_untrusted", nodes=["node-4"], checks="tls"))
    before = nodes[0].results[0].at.replace(hour=12, minute=50)
    results = nodes[3].results
    results.append(next(one for one in nodes[0].results if one.target == "auth.one.lab:443" and one.check == "tls"))
    results[-1] = type(results[-1])(check="tls", target="auth.one.lab:443", status="ok", at=before)
    assert said(report(nodes)) == [("tls_untrusted", "node", "all", "4")]
