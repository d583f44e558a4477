"""Which questions a node has: for a fleet's everyday round, and for one image's whole way.

Hosts need no question of their own: the registry that is asked names them, and they are asked with it.
"""

from collections.abc import Iterable

from agent.contract.reference import Reference, parse
from agent.host.node import Node
from agent.host.runtime import Runtime
from agent.round import Question

IMAGES_AT_MOST = 20  # checked by their manifest: the table's bound, which keeps a round's load on a registry small


def of_node(node: Node, runtimes: Iterable[Runtime]) -> list[Question]:
    """Ask about the node itself: its clock, these runtimes and their stores, as far as they are there at all."""
    questions = [Question("clock", node.name)]
    for runtime in runtimes:
        if runtime.found:
            questions.append(Question("runtime", runtime.target))
            questions.extend(Question("disk", store) for store in runtime.stores)
    return list(dict.fromkeys(questions))


def of_registry(registry: str) -> list[Question]:
    """Ask whether a registry is reached, and what it lets this node pull yet."""
    return [Question("registry", registry, (registry,)), Question("rate_limit", registry, (registry,))]


def of_image(reference: Reference) -> list[Question]:
    """Ask the whole way of one image; what each step needs is asked with it."""
    image = str(reference)
    return [Question(check, image, (reference.registry,)) for check in ("manifest", "platform", "layer")]


def of_fleet(node: Node, images: Iterable[str], registries: Iterable[str], pull: str | None = None) -> list[Question]:
    """Ask what a node in a fleet asks all the time.

    Args:
        images: references, the most used first; those over the bound are left out.
        registries: asked besides those of the images.
        pull: the image for real test pulls, or none.
    """
    references = [parse(image) for image in images][:IMAGES_AT_MOST]
    questions = of_node(node, node.runtimes)
    for registry in dict.fromkeys([*registries, *(reference.registry for reference in references)]):
        questions.extend(of_registry(registry))
    for reference in references:
        questions.extend(of_image(reference))
    if pull is not None:
        reference = parse(pull)
        questions.append(Question("pull", str(reference), (reference.registry,)))
    return questions
