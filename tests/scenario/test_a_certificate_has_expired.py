"""The registry's certificate has expired."""

from tests.scenario.five_nodes import ONE, fleet, report, said


def test_it_is_the_host_on_all_nodes() -> None:
    told = report(
        fleet(lambda node, check, target: "tls_expired" if (check, target) == ("tls", f"{ONE}:443") else None)
    )
    assert said(told) == [("tls_expired", "cluster", f"host {ONE}", "1 2 3 4 5")]
