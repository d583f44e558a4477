"""The registry's name is gone for everybody; its token service and the other registry still resolve."""

from tests.scenario.five_nodes import ONE, fleet, report, said


def test_it_is_the_host_on_all_nodes() -> None:
    told = report(fleet(lambda node, check, target: "dns_failed" if (check, target) == ("dns", ONE) else None))
    assert said(told) == [("dns_failed", "cluster", f"host {ONE}", "1 2 3 4 5")]
    assert told.verdict == "failing"
    assert f"dig {ONE} A; dig {ONE} AAAA" in told.findings[0].remedy.steps[1]
