"""The registry answers 429."""

from tests.scenario.five_nodes import APP_1, ONE, TWO, answer, fleet, report, said, when


def test_seen_by_limit_and_manifests_it_is_one_finding_about_the_registry() -> None:
    told = report(fleet(when("rate_limited", checks="rate_limit manifest", target=ONE)))
    assert said(told) == [("rate_limited", "cluster", f"registry {ONE}", "1 2 3 4 5")]
    assert told.findings[0].checks == ["manifest", "rate_limit"]
    assert any(APP_1 in step for step in told.findings[0].remedy.steps)


def test_seen_by_manifests_only_it_is_still_the_registry() -> None:
    told = report(fleet(when("rate_limited", checks="manifest", target=ONE)))
    assert said(told) == [("rate_limited", "cluster", f"registry {ONE}", "1 2 3 4 5")]


def test_few_pulls_left_are_a_warning_and_many_are_none() -> None:
    nodes = fleet()
    for node in nodes:
        limit = {"identities": {"anonymous": {"remaining": 12, "limit": 100, "source": "192.0.2.1"}}}
        node.results.append(answer("rate_limit", "docker.io", "warn", "rate_limited", evidence=limit))
    told = report(nodes)
    assert (told.verdict, said(told)) == ("degraded", [("rate_limited", "cluster", "registry docker.io", "1 2 3 4 5")])
    assert told.findings[0].severity == "warning"
    left = next(item for item in told.checklist if item.ask == "more than 50 pulls left at docker.io")
    assert (left.answer, left.detail) == ("no", "12 left for 192.0.2.1 (anonymous)")


def test_every_registry_of_a_node_limiting_it_is_the_nodes() -> None:
    told = report(fleet(when("rate_limited", nodes=["node-5"], checks="manifest")))
    assert said(told) == [("rate_limited", "node", "all", "5")]
    assert TWO in {cell for line in told.findings[0].evidence for cell in line.replace("/", " ").split()}
