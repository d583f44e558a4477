"""Nothing listens at the registry's port."""

from tests.scenario.five_nodes import AT, BEGAN, ONE, TWO, fleet, report, said


def stopped(node: str, check: str, target: str) -> str | None:
    return "connect_refused" if (check, target) == ("tcp", f"{ONE}:443") else None


def test_it_is_the_host_on_all_nodes() -> None:
    told = report(fleet(stopped))
    assert said(told) == [("connect_refused", "cluster", f"host {ONE}", "1 2 3 4 5")]
    assert (told.findings[0].since, told.findings[0].last_seen) == (BEGAN, AT)


def test_the_checklist_says_which_registry_nobody_reaches() -> None:
    (reach,) = (item for item in report(fleet(stopped)).checklist if item.ask.startswith("every node"))
    assert reach.answer == "no"
    assert reach.detail == f"{ONE} 0 of 5 (not node-1, node-2, node-3, node-4, node-5); {TWO} 5 of 5"
