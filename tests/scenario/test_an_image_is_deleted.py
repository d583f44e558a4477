"""One image is deleted; the others of its repository are there."""

from tests.scenario.five_nodes import APP_1, SHOP, fleet, report, said, when


def test_it_is_the_image() -> None:
    told = report(fleet(when("image_not_found", checks="manifest", target=APP_1)))
    assert said(told) == [("image_not_found", "cluster", f"image {APP_1}", "1 2 3 4 5")]


def test_two_of_two_repositories_are_two_images_while_a_third_one_is_there() -> None:
    broken = when("image_not_found", checks="manifest", target=APP_1)
    told = report(fleet(lambda node, check, target: broken(node, check, target) or gone(check, target)))
    assert said(told) == [
        ("image_not_found", "cluster", f"image {APP_1}", "1 2 3 4 5"),
        ("image_not_found", "cluster", f"image {SHOP}", "1 2 3 4 5"),
    ]


def gone(check: str, target: str) -> str | None:
    return "image_not_found" if (check, target) == ("manifest", SHOP) else None
