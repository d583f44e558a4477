"""Which tools meet a fault of the lab, where, and with which image."""

from tests.lab import images
from tests.lab.fault import Expected, Fault
from tests.lab.faults import node_dropped, zone_dropped
from tests.lab.lab import Lab
from tests.lab.living.tool import Ask, Tool
from tests.lab.living.tools import THROUGH_CRI, TOOLS, WITH_CRICTL

# Nothing that pulls can meet these: the agent alone is killed; the wall clock is the kernel's, and programs in Go ask
# it without the library that would lie to them.
MET_BY_NO_TOOL = {"agent_silent", "clock_skew"}
# It takes a minute until every tool has given up: they last as long as the corpus, and no other fault meets them.
LASTING = (node_dropped, zone_dropped)
_MEET: dict[str, tuple[Tool, ...]] = {
    "disk_full": THROUGH_CRI,
    "runtime_unavailable": WITH_CRICTL,  # a kubelet without its runtime begins no pod, and there is no event
}


def asks(lab: Lab, fault: Fault) -> list[tuple[str, list[Ask]]]:
    """Give, for each finding, its cause and the pulls that meet it."""
    met = [expected for expected in fault.FINDINGS if expected.cause not in MET_BY_NO_TOOL]
    return [(expected.cause, _asks(lab, expected)) for expected in met]


def _asks(lab: Lab, expected: Expected) -> list[Ask]:
    tools = _MEET.get(expected.cause, TOOLS)
    return [Ask(tool, lab.node(_node(expected, tool)), _image(expected)) for tool in tools]


def _node(expected: Expected, tool: Tool) -> str:
    # Of zone b's nodes, one has its containerds started anew by another fault, and one its resolvers broken.
    return expected.nodes[0 if tool in THROUGH_CRI else -1]


def _image(expected: Expected) -> str:
    place = expected.subject[1]
    if place in (None, "blobs.lab"):
        return images.OF_IMAGES[0]  # because the way to registry.lab is dropped from some nodes all the time
    return next(image for image in images.ALL if image.startswith(place))
