"""The lab for the tests of this folder: brought up once, and its measured times told at the end."""

from collections.abc import Iterator

import pytest

from tests.lab.lab import Lab

_TIMES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def times(pytestconfig: pytest.Config) -> list[str]:
    """Give the list of measured times, one line each."""
    return pytestconfig.stash.setdefault(_TIMES, [])


@pytest.fixture(scope="session")
def lab(times: list[str]) -> Iterator[Lab]:
    """Give the lab."""
    with Lab() as lab:
        times.append(f"{'up':28} {lab.took_s:6.1f} s")
        yield lab


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell the measured times."""
    lines = config.stash.get(_TIMES, [])
    if lines:
        terminalreporter.section("lab: seconds from a fault's begin to its findings, and from its end to health")
        for line in lines:
            terminalreporter.write_line(line)
