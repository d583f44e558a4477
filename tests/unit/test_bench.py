"""The table of the benchmarks says what was measured, and every bench is in it."""

from pathlib import Path

from bench.__main__ import BENCHES
from bench.figure import Figure, table


def test_a_figure_over_its_ratio_or_its_limit_is_missed() -> None:
    assert Figure("a", "s", 2.0, "peer", 1.0, goal=1.5).met is False
    assert Figure("a", "s", 1.0, "peer", 1.0, goal=1.5).met is True
    assert Figure("a", "MiB", 60.0, "peer", 100.0, goal=1.5, limit=56.0).met is False
    assert Figure("a", "s", 9.0, "peer", 1.0).met is None


def test_the_table_gives_both_values_the_ratio_and_the_goal() -> None:
    text = table([Figure("start", "s", 0.3, "imports", 0.2, goal=1.3, limit=1.0)])
    assert "0.3 s" in text
    assert "0.2 s (imports)" in text
    assert "1.50x" in text
    assert "≤ 1.3x, ≤ 1 s" in text
    assert "MISSED" in text


def test_every_module_with_a_measure_is_run() -> None:
    folder = Path(__file__).parents[2] / "bench"
    modules = {path.stem for path in folder.glob("*.py") if "\ndef measure(" in path.read_text()}
    assert modules == {name for name, _ in BENCHES}
