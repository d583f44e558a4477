"""One repository is closed to the nodes' credentials."""

from tests.scenario.five_nodes import ONE, WEB, fleet, report, said, when


def test_two_images_of_it_are_the_repository() -> None:
    told = report(fleet(when("auth_failed", checks="manifest", target="team/app")))
    assert said(told) == [("auth_failed", "cluster", f"repository {ONE}/team/app", "1 2 3 4 5")]


def test_where_one_image_of_it_is_asked_it_is_that_image() -> None:
    told = report(fleet(when("auth_failed", checks="manifest", target="team/web")))
    assert said(told) == [("auth_failed", "cluster", f"image {WEB}", "1 2 3 4 5")]


def test_all_repositories_of_the_registry_are_the_registry() -> None:
    told = report(fleet(when("auth_failed", nodes=["node-3"], checks="manifest", target=ONE)))
    assert said(told) == [("auth_failed", "node", f"registry {ONE}", "3")]


def test_a_node_without_credentials_for_the_whole_registry_belongs_to_the_closed_image_too() -> None:
    everything = when("auth_failed", nodes=["node-3"], checks="manifest", target=ONE)
    one = when("auth_failed", checks="manifest", target="team/web")
    told = report(fleet(lambda node, check, target: everything(node, check, target) or one(node, check, target)))
    assert said(told) == [
        ("auth_failed", "cluster", f"image {WEB}", "1 2 3 4 5"),
        ("auth_failed", "node", f"registry {ONE}", "3"),
    ]
