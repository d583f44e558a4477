"""Several things are broken at once: none swallows another."""

from tests.scenario.five_nodes import APP_1, BLOBS, ONE, TWO, both, fleet, report, said, when


def test_a_missing_ca_and_a_rate_limit_for_everybody_are_both_said() -> None:
    untrusted = when("tls_untrusted", nodes=["node-4"], checks="tls")
    limited = when("rate_limited", checks="rate_limit manifest", target=ONE)
    told = report(fleet(both(untrusted, limited)))
    assert said(told) == [
        ("rate_limited", "cluster", f"registry {ONE}", "1 2 3 5"),
        ("tls_untrusted", "node", "all", "4"),
    ]


def test_a_node_that_fails_of_something_else_could_tell_and_is_in_the_denominator() -> None:
    dropped = when("connect_timeout", nodes=["node-2"], checks="tcp", target=f"{BLOBS}:443")
    stopped = when("connect_refused", checks="tcp", target=f"{BLOBS}:443")
    assert said(report(fleet(both(dropped, stopped)))) == [
        ("connect_refused", "nodes", f"host {BLOBS}", "1 3 4 5"),
        ("connect_timeout", "node", f"host {BLOBS}", "2"),
    ]


def test_a_node_whose_failure_hides_the_fault_could_not_tell() -> None:
    hidden = when("tls_untrusted", nodes=["node-2"], checks="tls")
    limited = when("rate_limited", checks="manifest", target=TWO)
    assert said(report(fleet(both(hidden, limited)))) == [
        ("rate_limited", "cluster", f"registry {TWO}", "1 3 4 5"),
        ("tls_untrusted", "node", "all", "2"),
    ]


def test_a_small_fault_inside_a_big_one_keeps_its_own_nodes() -> None:
    zone = when("connect_timeout", nodes=["node-3", "node-4"], checks="tcp")
    small = when("connect_timeout", nodes=["node-1"], checks="tcp", target=f"{TWO}:443")
    told = report(fleet(both(zone, small)))
    assert ("connect_timeout", "group zone=b", "all", "3 4") in said(told)
    assert ("connect_timeout", "node", f"host {TWO}", "1") in said(told)


def test_faults_of_one_node_stay_several() -> None:
    broken = both(
        when("disk_full", nodes=["node-1"], checks="disk"),
        when("clock_skew", nodes=["node-1"], checks="clock"),
        when("image_not_found", checks="manifest", target=APP_1),
    )
    assert said(report(fleet(broken))) == [
        ("image_not_found", "cluster", f"image {APP_1}", "1 2 3 4 5"),
        ("clock_skew", "node", "all", "1"),
        ("disk_full", "node", "all", "1"),
    ]
