"""node-3's resolvers answer SERVFAIL for every name."""

from tests.scenario.five_nodes import fleet, report, said, when


def test_it_is_the_node_and_everything_that_it_asks() -> None:
    told = report(fleet(when("dns_failed", nodes=["node-3"], checks="dns")))
    assert said(told) == [("dns_failed", "node", "all", "3")]
    assert (told.verdict, told.findings[0].observed, told.findings[0].checks) == ("degraded", 5, ["dns"])


def test_one_name_that_fails_on_one_node_is_about_that_host() -> None:
    told = report(fleet(when("dns_failed", nodes=["node-3"], checks="dns", target="two.lab")))
    assert ("dns_failed", "node", "host two.lab", "3") in said(told)


def test_a_node_that_asks_another_resolver_is_told_apart_by_it() -> None:
    nodes = fleet(when("dns_failed", nodes=["node-3"], checks="dns"))
    nodes[2].facts["resolver"] = "10.0.0.9"
    (difference,) = report(nodes).findings[0].differs
    assert (difference.fact, difference.failing, difference.healthy) == ("resolver", "10.0.0.9", "10.0.0.2")
