import pytest

from agent.contract.report import Difference, Group
from aggregator.correlate.differences import differences
from aggregator.correlate.facts import Facts
from aggregator.correlate.scope import reach

NODES = [f"n{number}" for number in range(20)]


def some(*names: str) -> int:
    """Give the bits of some nodes."""
    return sum(1 << NODES.index(name) for name in names)


ALL = some(*NODES)


def facts(**by_fact: dict[str, str] | str) -> Facts:
    """Give facts of twenty nodes: one text for all, or `{"n1 n2": "x", "": "y"}`."""
    told = Facts()
    for number, node in enumerate(NODES):
        mine = {}
        for fact, values in by_fact.items():
            pairs = {"": values} if isinstance(values, str) else values
            special = (value for names, value in pairs.items() if node in names.split())
            value = next(special, pairs.get("", ""))
            if value:
                mine[fact] = value
        told.add(number, mine)
    return told


NOTHING = facts()


@pytest.mark.parametrize(
    ("failing", "told", "expected"),
    [(1, 20, "node"), (1, 1, "node"), (20, 20, "cluster"), (18, 20, "cluster"), (17, 20, "nodes"), (2, 2, "cluster")],
)
def test_nine_in_ten_and_two_or_more_are_the_cluster(failing: int, told: int, expected: str) -> None:
    assert reach("connect_timeout", some(*NODES[:failing]), some(*NODES[:told]), NOTHING).scope == expected


def test_a_fact_that_separates_makes_a_group() -> None:
    found = reach("connect_timeout", some("n1", "n2", "n3"), ALL, facts(zone={"n1 n2 n3": "b", "": "a"}, arch="amd64"))
    assert (found.scope, found.group) == ("group", Group(fact="zone", value="b"))


def test_a_group_of_which_too_many_pass_is_none() -> None:
    assert (
        reach("connect_timeout", some("n1", "n2", "n3"), ALL, facts(zone={"n1 n2 n3 n4": "b", "": "a"})).scope
        == "nodes"
    )


def test_a_node_of_the_group_that_could_not_tell_does_not_count_against_it() -> None:
    found = reach(
        "connect_timeout", some("n1", "n2", "n3"), ALL - some("n4"), facts(zone={"n1 n2 n3 n4": "b", "": "a"})
    )
    assert found.group == Group(fact="zone", value="b")


def test_all_failing_nodes_must_share_it() -> None:
    assert reach("connect_timeout", some("n1", "n2", "n9"), ALL, facts(zone={"n1 n2": "b", "": "a"})).scope == "nodes"


def test_of_two_facts_the_one_without_passing_nodes_counts() -> None:
    names = " ".join(NODES[:10])
    told = facts(zone={f"{names} n10": "b", "": "a"}, rack={names: "7", "": "1"})
    found = reach("connect_timeout", some(*NODES[:10]), ALL, told)
    assert (found.group, found.rivals) == (Group(fact="rack", value="7"), 0)


def test_of_two_equal_facts_the_plainer_one_counts() -> None:
    told = facts(kernel={"n1 n2": "6.1", "": "6.5"}, pool={"n1 n2": "gpu", "": "cpu"})
    found = reach("connect_timeout", some("n1", "n2"), ALL, told)
    assert (found.group, found.rivals) == (Group(fact="pool", value="gpu"), 1)


def test_of_two_equal_facts_the_one_that_the_cause_suggests_counts() -> None:
    told = facts(zone={"n1 n2": "b", "": "a"}, resolver={"n1 n2": "10.0.0.9", "": "10.0.0.2"})
    assert reach("dns_failed", some("n1", "n2"), ALL, told).group == Group(fact="resolver", value="10.0.0.9")


def test_what_all_failing_have_and_no_healthy_one_differs() -> None:
    told = facts(resolver={"n3": "10.0.0.9", "": "10.0.0.2"}, zone={"n3 n4": "b", "": "a"}, arch="amd64")
    assert differences("dns_failed", some("n3"), ALL - some("n3"), told) == [
        Difference(fact="resolver", failing="10.0.0.9", healthy="10.0.0.2"),
        Difference(fact="zone", failing="b", healthy="a"),
    ]


def test_one_healthy_node_in_ten_may_have_it_too() -> None:
    def told(having: str) -> list[Difference]:
        return differences("unknown", some("n0"), ALL - some("n0"), facts(kernel={having: "5", "": "6"}))

    assert [one.fact for one in told("n0 n1")] == ["kernel"]
    assert told("n0 n1 n2") == []


def test_a_name_of_the_node_is_no_difference() -> None:
    own = {node: f"192.0.2.{number}" for number, node in enumerate(NODES)}
    assert differences("unknown", some("n3"), ALL - some("n3"), facts(address=own)) == []


def test_an_address_that_two_failing_nodes_share_is_one() -> None:
    own = {node: f"192.0.2.{number}" for number, node in enumerate(NODES[2:])} | {"n0 n1": "198.51.100.1"}
    (found,) = differences("rate_limited", some("n0", "n1"), ALL - some("n0", "n1"), facts(egress=own))
    assert (found.failing, found.healthy) == ("198.51.100.1", "192.0.2.0, 192.0.2.1, 192.0.2.10, …")


def test_the_fact_that_names_the_group_stands_first() -> None:
    told = facts(zone={"n1 n2": "b", "": "a"}, resolver={"n1 n2": "10.0.0.9", "": "10.0.0.2"})
    found = differences("dns_failed", some("n1", "n2"), ALL - some("n1", "n2"), told, Group(fact="zone", value="b"))
    assert [one.fact for one in found] == ["zone", "resolver"]


def test_where_no_node_is_healthy_there_is_nothing_to_compare_with() -> None:
    assert differences("unknown", some("n1"), 0, facts(zone="a")) == []
