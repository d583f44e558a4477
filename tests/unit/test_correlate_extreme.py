"""The least or greatest value of some nodes is followed through changes, and is that of all of them at any time."""

import random

import pytest

from aggregator.correlate.extreme import Extreme


@pytest.mark.parametrize("seed", range(20))
def test_after_any_changes_the_least_and_the_greatest_are_those_of_all_nodes(seed: int) -> None:
    chance = random.Random(seed)
    least: Extreme[int] = Extreme(min)
    most: Extreme[int] = Extreme(max)
    now: dict[int, int] = {}
    for _ in range(200):
        number = chance.randrange(8)
        if chance.random() < 0.6:
            now[number] = chance.randrange(4)
            least.put(number, now[number])
            most.put(number, now[number])
        else:
            now.pop(number, None)
            least.take(number)
            most.take(number)
        assert least == most == now
        if chance.random() < 0.5:
            assert (least.top, most.top) == (min(now.values(), default=None), max(now.values(), default=None))
            assert least.at == {one for one, value in now.items() if value == least.top}
            assert most.at == {one for one, value in now.items() if value == most.top}


def test_of_no_node_there_is_no_least() -> None:
    none: Extreme[float] = Extreme(min)
    assert (none.top, none.at) == (None, set())
