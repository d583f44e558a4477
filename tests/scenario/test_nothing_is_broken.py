"""Five healthy nodes: no finding, and every line of the checklist that can be answered is."""

from tests.scenario.five_nodes import fleet, report


def test_a_healthy_fleet_has_no_finding() -> None:
    told = report(fleet())
    assert (told.verdict, told.findings) == ("healthy", [])
    assert (told.nodes.expected, told.nodes.reporting, told.nodes.silent, told.nodes.excluded) == (5, 5, [], [])


def test_the_checklist_says_that_every_node_reaches_its_registries() -> None:
    answers = {item.ask: (item.answer, item.detail) for item in report(fleet()).checklist}
    assert answers["every node reaches its registries"] == ("yes", "one.lab 5 of 5; two.lab 5 of 5")
