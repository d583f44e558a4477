"""The token service answers 503."""

from tests.scenario.five_nodes import ONE, fleet, report, said, when


def test_it_is_the_registry_on_all_nodes() -> None:
    told = report(fleet(when("registry_unavailable", checks="registry", target=ONE)))
    assert said(told) == [("registry_unavailable", "cluster", f"registry {ONE}", "1 2 3 4 5")]


def test_images_that_fail_the_same_way_are_no_second_finding() -> None:
    told = report(fleet(when("registry_unavailable", checks="registry", target=ONE)))
    again = fleet(when("registry_unavailable", checks="registry manifest", target=ONE))
    assert said(report(again)) == said(told)
