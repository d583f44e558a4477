"""What every tier shares: where everything is required, nothing may be skipped."""

import os
from collections.abc import Generator

import pytest

_REQUIRE_ALL = os.environ.get("PULLSCOPE_REQUIRE_ALL") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a skip a failure where everything is required: a green run must have run.

    Not for want of what is `outside`: no script of the project could bring it.
    """
    report = yield
    if _REQUIRE_ALL and report.skipped and item.get_closest_marker("outside") is None:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and PULLSCOPE_REQUIRE_ALL=1 wants everything: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a whole module that skips itself."""
    report = yield
    if _REQUIRE_ALL and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped, and PULLSCOPE_REQUIRE_ALL=1 wants everything"
    return report
