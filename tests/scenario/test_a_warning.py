"""What still works and should be looked at is a warning."""

from tests.scenario.five_nodes import BLOBS, ONE, answer, fleet, report, said, when


def test_it_makes_the_fleet_degraded() -> None:
    nodes = fleet()
    for node in nodes:
        node.results = [one for one in node.results if one.key != f"tls {ONE}:443"]
        node.results.append(answer("tls", f"{ONE}:443", "warn", "tls_expired"))
    told = report(nodes)
    assert (told.verdict, said(told)) == ("degraded", [("tls_expired", "cluster", f"host {ONE}", "1 2 3 4 5")])
    assert told.findings[0].severity == "warning"


def test_a_warning_without_a_cause_is_none() -> None:
    nodes = fleet()
    nodes[0].results.append(answer("tls", "three.lab:443", "warn"))
    assert said(report(nodes)) == []


def test_it_stands_behind_every_failure() -> None:
    nodes = fleet(when("disk_full", nodes=["node-1"], checks="disk"))
    for node in nodes:
        node.results.append(answer("tls", "three.lab:443", "warn", "tls_expired"))
    assert [finding.severity for finding in report(nodes).findings] == ["failure", "warning"]


def test_a_failure_says_it_already() -> None:
    nodes = fleet(when("connect_refused", checks="tcp", target=BLOBS))
    nodes[4].results = [one for one in nodes[4].results if one.key != f"tcp {BLOBS}:443"]
    nodes[4].results.append(answer("tcp", f"{BLOBS}:443", "warn", "connect_refused"))
    (finding,) = report(nodes).findings
    assert (finding.severity, finding.failing, finding.observed) == ("failure", 4, 5)


def test_a_mirror_that_fails_as_everything_does_on_a_node_is_no_second_finding() -> None:
    nodes = fleet(when("dns_failed", nodes=["node-3"], checks="dns"))
    nodes[2].results.append(answer("dns", "mirror.lab", "warn", "dns_failed"))
    assert said(report(nodes)) == [("dns_failed", "node", "all", "3")]


def test_a_slow_pull_is_a_warning_about_its_image() -> None:
    nodes = fleet()
    nodes[0].results.append(answer("pull", f"{ONE}/team/app:1", "warn", "pull_slow", took_s=41.0))
    told = report(nodes)
    assert said(told) == [("pull_slow", "node", f"image {ONE}/team/app:1", "1")]
    pulls = next(item for item in told.checklist if item.ask == "test pulls under 30 s")
    assert (pulls.answer, pulls.detail) == ("no", "slowest 41.0 s on node-1")
