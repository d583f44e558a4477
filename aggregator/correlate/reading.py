"""A snapshot as text goes into a matrix, one node after the other, so that only one is held in full.

Read strictly first, because that is fast. What is refused is read once more and leniently: numbers that are none (NaN,
Infinity), results of a form that nobody knows and nodes without a name are left out, and each is said.

Cannot see: which of two equal keys of one object was meant; the last one counts.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from agent.contract.report import VERSION, Node, Pod
from agent.contract.result import Result
from aggregator.correlate.current import once_each
from aggregator.correlate.engine import take
from aggregator.correlate.matrix import Matrix

NO_DURATION_S = -1.0  # in the place of a duration that is no number: nobody takes it for a time


class ReadError(Exception):
    """The text is no snapshot. Says where and why."""


class _Outer(msgspec.Struct):
    """A snapshot whose nodes are not read yet."""

    at: datetime
    version: int = VERSION
    cluster: str = ""
    nodes: list[msgspec.Raw] = []
    pods: list[Pod] = []


_outer = msgspec.json.Decoder(_Outer)
_node = msgspec.json.Decoder(Node)


def read(text: bytes | bytearray) -> Matrix:
    """Read a snapshot. Raises `ReadError`."""
    try:
        outer = _outer.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _lenient(text)
    matrix = _matrix(outer.version, outer.cluster, outer.at)
    matrix.hear(outer.pods)
    places: dict[str, int] = {}
    twice: dict[str, list[int]] = {}
    for place, raw in enumerate(outer.nodes):
        for node in _nodes(raw, place, matrix):
            first = places.setdefault(node.name, place)
            if first != place:
                twice.setdefault(node.name, [first]).append(place)
            else:
                take(matrix, [node])
    again = [node for many in twice.values() for place in many for node in _nodes(outer.nodes[place], place, matrix)]
    take(matrix, once_each(again, matrix.ignored))
    matrix.ignored = sorted(set(matrix.ignored))
    return matrix


def _matrix(version: int, cluster: str, at: datetime) -> Matrix:
    if version != VERSION:
        raise ReadError(f"a snapshot of version {version}, this reads {VERSION}")
    return Matrix(cluster, at)


def _nodes(raw: msgspec.Raw, place: int, matrix: Matrix) -> Iterator[Node]:
    try:
        yield _node.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        yield from _loosely(_loads(bytes(raw)), place, matrix.ignored)


def _lenient(text: bytes | bytearray) -> Matrix:
    told = _loads(text)
    if not isinstance(told, dict):
        raise ReadError("Expected `object`")
    nodes, pods = told.pop("nodes", []), told.pop("pods", [])
    try:
        outer = msgspec.convert(told, _Outer)
    except msgspec.ValidationError as error:
        raise ReadError(str(error)) from error
    matrix = _matrix(outer.version, outer.cluster, outer.at)
    matrix.hear(_each(pods, Pod, "pods", matrix.ignored))
    loose = [node for place, one in enumerate(_listed(nodes)) for node in _loosely(one, place, matrix.ignored)]
    take(matrix, once_each(loose, matrix.ignored))
    return matrix


def _loads(text: bytes | bytearray) -> Any:
    try:
        return json.loads(text.decode("utf-8", "replace"), parse_constant=_nothing)
    except (ValueError, RecursionError) as error:
        raise ReadError(str(error)) from error


def _loosely(told: Any, place: int, ignored: list[str]) -> Iterator[Node]:
    """Read what can be read of a node."""
    if not isinstance(told, dict):
        ignored.append(f"nodes[{place}]: Expected `object`")
        return
    name = str(told.get("name") or f"nodes[{place}]")
    for result in _listed(told.get("results")):
        if isinstance(result, dict) and result.get("took_s", 0.0) is None:
            ignored.append(f"{name}: durations that are no number")
            result["took_s"] = NO_DURATION_S
    results = list(_each(told.pop("results", []), Result, f"{name}: results", ignored))
    try:
        node = msgspec.convert(told, Node)
    except msgspec.ValidationError as error:
        ignored.append(f"nodes[{place}]: {error}")
        return
    node.results = results
    yield node


def _each(told: Any, form: type[Any], what: str, ignored: list[str]) -> Iterator[Any]:
    """Read a list one by one; say how many could not be read, and what is wrong with the first."""
    wrong = []
    for place, one in enumerate(_listed(told)):
        try:
            yield msgspec.convert(one, form)
        except msgspec.ValidationError as error:
            wrong.append(f"{what}[{place}]: {error}")
    if wrong:
        ignored.append(wrong[0] + (f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""))


def _listed(told: Any) -> Sequence[Any]:
    return told if isinstance(told, list) else []


def _nothing(name: str) -> None:
    """Take a number that is none for nothing said."""
    del name
