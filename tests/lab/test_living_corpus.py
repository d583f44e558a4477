"""Every tool that pulls meets every fault for real, and what it prints is read as the fault that was made."""

from collections.abc import Iterator

import pytest

from tests import need
from tests.lab import images
from tests.lab.fault import Fault
from tests.lab.faults import FAULTS, name_of
from tests.lab.lab import Lab
from tests.lab.living import labfaults
from tests.lab.living.corpus import SPARING_NODE, Corpus, corpus, excuse
from tests.lab.living.door import Door
from tests.lab.living.doors import DOORS
from tests.lab.living.further import FURTHER, Further
from tests.lab.living.labfaults import LASTING
from tests.lab.living.reading import misread, misread_pull
from tests.lab.living.tool import Ask
from tests.lab.living.tools import KUBELET, TOOLS


@pytest.fixture(scope="module")
def living(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Corpus]:
    for name in ("containerd2", "kubelet", "buildah"):
        need.program(name)
    # Whoever runs one test is not to wait for every other.
    items = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    selected = [item.callspec.params for item in items]
    doors, faults = ([params[kind] for params in selected if kind in params] for kind in ("door", "fault"))
    with corpus(lab, doors, faults) as living:
        yield living


@pytest.mark.parametrize("further", FURTHER, ids=lambda further: further.story)
def test_every_tool_words_a_fault_of_a_node_so_that_it_is_read_right(living: Corpus, further: Further) -> None:
    with further.begin(living.lab) as asks:
        assert [line for heard in living.hear(asks) for line in misread(heard, further.cause)] == []


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in LASTING], ids=name_of)
def test_every_tool_words_a_fault_of_the_lab_so_that_it_is_read_right(living: Corpus, fault: Fault) -> None:
    asks = labfaults.asks(living.lab, fault)
    if not asks:
        return  # nothing that pulls can meet it: see labfaults
    is_gone = name_of(fault) == "name_gone"
    fault.begin(living.lab)
    try:
        living.wait_for_name("registry.lab", known=not is_gone)
        wrong = [line for cause, some in asks for heard in living.hear(some) for line in misread(heard, cause)]
    finally:
        fault.end(living.lab)
        living.wait_for_name("registry.lab", known=True)
    assert wrong == []


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.story)
def test_every_tool_words_a_broken_host_so_that_it_is_read_right(living: Corpus, door: Door) -> None:
    wrong = []
    for heard in (future.result() for future in living.at_doors[door.story]):
        if excuse(door.pulls, heard.tool):
            wrong += misread_pull(heard, door.cause)
        else:
            cause, _ = excuse(door.otherwise, heard.tool) or (door.cause, "")
            wrong += misread(heard, cause)
    assert wrong == []


@pytest.mark.parametrize("fault", LASTING, ids=name_of)
def test_every_tool_words_dropped_packets_so_that_they_are_read_right(living: Corpus, fault: Fault) -> None:
    heard = [(cause, future.result()) for cause, future in living.lasting[fault.TITLE]]
    assert [line for cause, one in heard for line in misread(one, cause)] == []


def test_a_kubelet_that_may_not_pull_says_so(living: Corpus) -> None:
    (heard,) = living.hear([Ask(KUBELET, living.lab.node("node-1"), "images.lab/base/none:1", ("never",))])
    assert misread(heard, "image_never_pulled") == []


def test_a_kubelet_that_is_asked_too_often_says_so(living: Corpus) -> None:
    asks = [Ask(KUBELET, living.lab.node(SPARING_NODE), image) for image in images.OF_IMAGES * 2]
    refused = [heard for heard in living.hear(asks) if not heard.worked]
    assert refused
    assert [line for heard in refused for line in misread(heard, "pull_qps_exceeded")] == []


def test_an_excuse_names_a_tool_and_only_one_of_the_three_kinds_holds_for_it() -> None:
    names = {tool.name for tool in TOOLS} | {tool.engine for tool in TOOLS}
    for door in DOORS:
        excused = [*door.pulls, *door.otherwise, *door.spared]
        assert set(excused) <= names, door.story
        assert len(excused) == len(set(excused)), door.story
