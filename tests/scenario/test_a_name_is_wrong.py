"""An image is not there under its name, and likely is under another one."""

from dataclasses import replace

from agent.contract.reference import parse
from agent.contract.report import Suggestion
from agent.contract.result import Result
from aggregator.web.text import render
from tests.scenario.five_nodes import APP_1, AT, SHOP, TWO, fleet, report, when

GONE = when("image_not_found", checks="manifest", target=APP_1)


def likely(missing: str, *there: str, cause: str = "image_not_found") -> Suggestion | None:
    """Let every node miss one image and read others; give what the one finding suggests."""
    nodes = fleet(GONE)
    for node in nodes:
        for result in node.results:
            result.target = missing if result.target == APP_1 else result.target
        node.results += [Result(check="manifest", target=image, status="ok", at=AT) for image in there]
    found = [finding for finding in report(nodes).findings if finding.cause == cause]
    assert [finding.subject.value for finding in found] == [missing]
    return found[0].suggestion


def test_the_same_image_is_read_at_another_registry() -> None:
    elsewhere = str(replace(parse(APP_1), registry=TWO))
    found = likely(APP_1, elsewhere)
    assert found is not None
    assert (found.image, found.confirmed) == (elsewhere, True)
    assert "node-1" in found.reason


def test_the_tag_is_read_in_another_spelling() -> None:
    found = likely("one.lab/team/app:v7.1", "one.lab/team/app:7.1", "one.lab/team/app:7.2")
    assert found is not None
    assert found.image == "one.lab/team/app:7.1"


def test_what_the_text_says_was_not_looked_up() -> None:
    found = likely("one.lab/team/app:lastest")
    assert found is not None
    assert (found.image, found.confirmed) == ("one.lab/team/app:latest", False)


def test_a_name_that_looks_right_gets_no_other() -> None:
    assert likely(APP_1) is None
    assert likely(APP_1, f"{TWO}/team/app:9") is None


def test_another_cause_is_no_question_of_names() -> None:
    told = report(fleet(when("auth_failed", checks="manifest", target=SHOP)))
    assert [finding.suggestion for finding in told.findings] == [None]


def test_the_report_says_it_before_the_fix() -> None:
    nodes = fleet(GONE)
    for node in nodes:
        for result in node.results:
            result.target = "one.lab/team/app:lastest" if result.target == APP_1 else result.target
    text = render(report(nodes))
    assert text.index("likely:  one.lab/team/app:latest was meant: ") < text.index("fix:")
