"""The lab itself: up in time, healthy, and gone without a trace."""

from tests.lab import images
from tests.lab.lab import Lab

UP_S = 60.0  # what a person waits for


def test_the_lab_is_up_in_time(lab: Lab) -> None:
    assert lab.took_s < UP_S


def test_every_node_pulls_every_image_with_every_runtime(lab: Lab) -> None:
    for node in lab.nodes:
        for runtime in node.runtimes:
            for image in images.ALL:
                pull = node.pull(runtime, image)
                assert pull.worked, f"{runtime} of {node.name}, {image}: {pull.words}"
