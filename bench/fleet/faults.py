"""What breaks in clusters: one function per sort, each of which draws a fault of that sort or says that it cannot.

They may change the world first, as the accident did: give a node another resolver, or some nodes a new configuration.
"""

import random
from collections.abc import Callable, Sequence

from bench.fleet.far import FAR
from bench.fleet.fault import Fault
from bench.fleet.near import NEAR
from bench.fleet.world import World

Draw = Callable[[World, random.Random], Fault | None]

KINDS: tuple[tuple[float, Draw], ...] = (*NEAR, *FAR)
TRIES = 12  # draws for one fault: many sorts do not fit every world


def draw(world: World, chance: random.Random, count: int) -> list[Fault]:
    """Draw some faults that can be told apart, the one that shows first."""
    found: list[Fault] = []
    for _ in range(count):
        inside = found and chance.random() < world.knobs.overlaps
        world.focus = chance.choice(found).on if inside else frozenset()
        for _ in range(TRIES):
            _, kind = chance.choices(KINDS, [weight for weight, _ in KINDS])[0]
            fault = kind(world, chance)
            if fault is not None and fault.on and all(_is_apart(fault, other, world) for other in found):
                found.append(fault)
                break
    world.focus = frozenset()
    # What always fails hides what fails now and then in the same place.
    return sorted(found, key=lambda fault: (fault.rate < 1.0, fault.near))


def _is_apart(fault: Fault, other: Fault, world: World) -> bool:
    """Tell whether a truth can be told of both: two faults of one cause must not be able to look like one."""
    if fault.cause != other.cause:
        return True
    if fault.targets is None or other.targets is None:
        return not fault.on & other.on and (fault.targets is None) != (other.targets is None)
    if fault.targets & other.targets:
        return False
    return not _together_everything(fault, other, world) and not _registries(fault, world) & _registries(other, world)


def _together_everything(fault: Fault, other: Fault, world: World) -> bool:
    both = {target.partition(":")[0] for one in (fault, other) for target in one.targets or ()}
    return any(one.hosts <= both or len(one.asks) < 3 for one in world.machines if one.name in fault.on & other.on)


def _registries(fault: Fault, world: World) -> set[str]:
    """Give the registries whose images or name a fault is about; none for hosts."""
    targets: Sequence[str] = tuple(fault.targets or ())
    return {one.name for one in world.registries if one.name in targets} | {
        image.registry for one in world.registries for image in one.images if image.name in targets
    }
