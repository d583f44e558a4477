"""What is hit: one image, a repository, a registry, a host, or everything that the nodes ask?

The smallest thing that covers the failures of one cause. What each node takes its failures for stands in `claim`; here
the claims of all nodes are put together, so that few findings explain them.

Cannot see: a fault shared by some hosts out of many (one CDN behind three names): that is a finding per host.
"""

from collections.abc import Iterable, Mapping

from agent.contract.report import Subject
from aggregator.correlate.answers import ALL, Answers
from aggregator.correlate.bucket import Bucket
from aggregator.correlate.claim import EVERYWHERE, Spot, Tier
from aggregator.correlate.crowd import union
from aggregator.correlate.draft import Part, union_of
from aggregator.correlate.facts import Facts
from aggregator.correlate.place import POD
from aggregator.correlate.whose import split

Parts = dict[Subject, list[Part]]
Spots = Mapping[Spot, Bucket]


def gather(cause: str, spots: Spots, answers: Answers, facts: Facts, without: int = 0) -> Parts:
    """Sort the claims of one cause into subjects.

    Args:
        without: nodes that are left out.
    """
    parts: Parts = {}
    for name, own in (("host", _of(spots, "host")), ("registry", _of(spots, "registry"))):
        for spot, bucket in own:
            subject = Subject(kind="host" if name == "host" else "registry", value=spot.value)
            _put(parts, subject, Part(bucket, bucket.nodes.bits & ~without))
    if EVERYWHERE in spots:
        whole = spots[EVERYWHERE]
        for subject, part in split(cause, whole, whole.nodes.bits & ~without, spots, answers, facts):
            _put(parts, subject, part)
    _join_alone(parts)
    _images(spots, answers, without, parts)
    return parts


def _join_alone(parts: Parts) -> None:
    """Add nodes that ask one place only, and fail there, to a fault at every place that other nodes have.

    Not where the place also fails for nodes that pass elsewhere, and more of them than have the other fault. Where that
    fault comes and goes, a node may show it at one place only, too.
    """
    everywhere = parts.get(ALL, ())
    everybody = union_of(everywhere)
    coming = _any_of(part.nodes & union(part.bucket.rare.values()) for part in everywhere)
    loose = 2 * coming.bit_count() > everybody.bit_count()
    for subject in [one for one in parts if one != ALL and everywhere]:
        own = parts[subject]
        checks = {said.line.column.check for part in own for said in part.lines()}
        whole = _any_of(
            said.nodes
            for part in everywhere
            for said in part.lines()
            if said.line.column.check in checks and said.line.column.place.kind != "node"
        )
        alone = _any_of(part.nodes & part.bucket.alone.bits for part in own)
        nodes, twice = union_of(own), _any_of(part.nodes & part.bucket.solid.bits for part in own)
        if loose and whole.bit_count() > nodes.bit_count():
            alone |= _any_of(_partly(part) for part in own)
        if not whole or (nodes & ~alone & twice and whole.bit_count() <= nodes.bit_count()):
            continue
        del parts[subject]
        for bucket, nodes, only in own:
            _put(parts, ALL, Part(bucket, nodes & alone, only))
            _put(parts, subject, Part(bucket, nodes & ~alone, only))


def _partly(part: Part) -> int:
    """Give the nodes of which some runs there were good lately."""
    return part.nodes & union(crowd for (bad, runs), crowd in part.bucket.pooled.items() if bad < runs)


def _images(spots: Spots, answers: Answers, without: int, parts: Parts) -> None:
    by_registry: dict[str, list[Bucket]] = {}
    for _, bucket in _of(spots, "image"):
        if bucket.nodes.bits & ~without:
            by_registry.setdefault(_place(bucket)[0], []).append(bucket)
    for registry, buckets in by_registry.items():
        subject = Subject(kind="registry", value=registry)
        strong = union_of(parts.get(subject, ()))
        weak = union(bucket.nodes for bucket in buckets) & ~without & ~strong
        hit = strong and 2 * strong.bit_count() >= (strong | weak).bit_count()
        if not hit and registry:
            whole = [part.bucket for part in parts.get(subject, ())]
            hit = _nothing_else_passes(subject, [*buckets, *whole], answers)
        for bucket in buckets:
            nodes = bucket.nodes.bits & ~without
            _put(parts, subject if hit else _smallest(bucket, buckets), Part(bucket, nodes))


def _nothing_else_passes(subject: Subject, buckets: list[Bucket], answers: Answers) -> bool:
    """Tell whether nodes that each ask little show together that two repositories fail, and nothing else answers."""
    failing: dict[str | None, int] = {}
    repositories, checks = set(), set()
    for bucket in buckets:
        for line, crowd in bucket.lines.items():
            if line.column.check != POD:
                place = line.column.place
                failing[place.image] = failing.get(place.image, 0) | crowd.bits
                repositories.add(place.repository)
                checks.add(line.column.check)
    if len(repositories) < 2:
        return False
    return not any(
        answers.at(column) & ~failing.get(column.place.image, 0) for column in answers.asked(subject, checks)
    )


def _smallest(bucket: Bucket, buckets: list[Bucket]) -> Subject:
    repository = _place(bucket)[1]
    if sum(1 for other in buckets if _place(other)[1] == repository) > 1:
        return Subject(kind="repository", value=repository)
    return Subject(kind="image", value=bucket.spot.value)


def _place(bucket: Bucket) -> tuple[str, str]:
    place = next(iter(bucket.lines)).column.place
    return place.registry or "", place.repository or ""


def _of(spots: Spots, tier: Tier) -> list[tuple[Spot, Bucket]]:
    return sorted(((spot, bucket) for spot, bucket in spots.items() if spot.tier == tier), key=lambda one: one[0])


def _put(parts: Parts, subject: Subject, part: Part) -> None:
    if part.nodes:
        parts.setdefault(subject, []).append(part)


def _any_of(many: Iterable[int]) -> int:
    bits = 0
    for one in many:
        bits |= one
    return bits
