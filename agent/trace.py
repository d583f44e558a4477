"""Can this node pull this image now? The whole way of one image, judged as one answer.

The path from dns to layer decides, and the node's own state where it stops a pull: a runtime that is there and does not
answer, a store into which the image does not fit.

Cannot see: what only a real pull shows (unpacking, a damaged store); that is asked with `pull`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agent import plan
from agent.check import Settings
from agent.checks.disk import fits
from agent.contract.causes import remedy_for
from agent.contract.reference import Reference
from agent.contract.report import Suggestion, Trace
from agent.contract.result import Result
from agent.contract.table import CADENCES, TRACE_WITHIN_S
from agent.host.named import named
from agent.host.node import Node
from agent.host.root import HostFileError
from agent.host.shortnames import resolve
from agent.probes.fault import Fault
from agent.probes.guard import Guard, plain_host
from agent.round import Question, Round

Word = Literal["ok", "warn", "failed", "unknown"]

ANSWER_S = 1.5  # kept of the whole for the start of the process and for printing


async def trace(
    text: str,
    node: Node,
    settings: Mapping[str, Settings] | None = None,
    *,
    on_result: Callable[[Result], None] | None = None,
    pull: bool = False,
    guarded: bool = False,
    remembered: Mapping[str, Any] | None = None,
) -> Trace:
    """Walk the whole way of one image on one node.

    Args:
        text: the image as a person or a pod writes it; read as the node's runtime reads it.
        on_result: called with each result when it is known.
        pull: make a real pull, too.
        guarded: somebody else asks for it: go to no place that `agent.probes.guard` refuses.
        remembered: what checks may `recall`, as in a round.

    Raises:
        InvalidReferenceError: where the text can name no image.
    """
    started = time.perf_counter()
    try:
        references = resolve(node.root, node.runtime, text)
        manner = _Manner(settings or {}, on_result, pull, guarded, remembered)
        answer = await _first_that_can(references, node, manner)
        if not guarded:  # a search goes to other registries: nobody who asks from afar sends it there
            left_s = TRACE_WITHIN_S - ANSWER_S - (time.perf_counter() - started)
            answer.suggestion = await _likely(answer, references[0], text, node, settings or {}, left_s)
    except Fault as fault:
        answer = refused(node, text, fault.cause, fault.detail)
    except HostFileError as error:
        if error.forbidden:
            answer = _answer(node.name, text, "unknown", None, f"cannot look: {error}", [])
        else:
            answer = refused(node, text, "config_invalid", str(error))
    answer.took_s = round(time.perf_counter() - started, 6)
    return answer


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a trace is made: the arguments of `trace`."""

    settings: Mapping[str, Settings]
    on_result: Callable[[Result], None] | None
    pull: bool
    guarded: bool
    remembered: Mapping[str, Any] | None


async def _first_that_can(references: Sequence[Reference], node: Node, manner: _Manner) -> Trace:
    """Walk what a short name may mean, in the runtime's order, until one can be pulled or the time is up."""
    within_s = (TRACE_WITHIN_S - ANSWER_S) / len(references)
    answers = []
    for reference in references:
        answers.append(await _walk(reference, node, manner, within_s))
        if answers[-1].verdict in ("ok", "warn"):
            return answers[-1]
    return answers[0]


async def _walk(reference: Reference, node: Node, manner: _Manner, within_s: float) -> Trace:
    image = str(reference)
    judged = [node.runtime] if node.runtime else []
    questions = [*plan.of_node(node, judged), Question("layer", image, (reference.registry,))]
    if manner.pull:
        questions.append(Question("pull", image, (reference.registry,)))
        within_s += CADENCES["pull"].patience_s
    round_ = Round(
        node,
        manner.settings,
        deadline_s=within_s,
        on_result=manner.on_result,
        guard=_guard(node, reference) if manner.guarded else None,
        remembered=manner.remembered,
    )
    results = await round_.ask(questions)
    _weigh_stores(round_, node, image, results)
    return judge(image, node.name, results)


def _guard(node: Node, reference: Reference) -> Guard:
    return Guard(frozenset((plain_host(host), port) for host, port in named(node, reference)))


async def _likely(
    answer: Trace, reference: Reference, text: str, node: Node, settings: Mapping[str, Settings], left_s: float
) -> Suggestion | None:
    """Give the name that was likely meant, where the image cannot be had under this one."""
    if answer.verdict != "failed" or answer.cause is None:
        return None
    from agent.suggestion import suggestion  # a trace that finds its image starts faster without

    implied = ":" not in text.rpartition("/")[2]
    return await suggestion(reference, answer.cause, node, settings, left_s, implied=implied)


def _weigh_stores(round_: Round, node: Node, image: str, results: Sequence[Result]) -> None:
    """Let a store fail the trace when this image cannot fit into it, and only then."""
    chosen = round_.seen("platform", image)
    for result in results:
        if result.check != "disk" or chosen is None:
            continue
        store = round_.seen("disk", result.target)
        if store is None or node.runtime is None:
            continue
        if not fits(store, chosen.total_bytes, node.runtime.name):
            result.status, result.cause = "failed", "disk_full"
            result.detail = f"{chosen.total_bytes} bytes to pull do not fit: {result.detail}"
        elif result.status == "failed":
            result.status = "warn"


def refused(node: Node, text: str, cause: str, detail: str) -> Trace:
    """Give the trace of an image that could not even be asked for."""
    from agent.contract.suggest import suggest  # a trace that finds its image starts faster without

    answer = _answer(node.name, text, "failed", cause, detail, [])
    answer.suggestion = suggest(cause, text, "")
    return answer


def judge(image: str, node: str, results: Sequence[Result]) -> Trace:
    """Make one answer of the results of one image's whole way."""
    verdict, telling = _weigh(image, results)
    if telling is None:
        return _answer(node, image, verdict, None, "nothing on the path could be looked at", results)
    # What resolvers said does not name whom they were asked for.
    place = f"{telling.target}: " if telling.check == "dns" and telling.status != "ok" else ""
    return _answer(node, image, verdict, telling.cause, f"{place}{telling.detail}", results, telling)


def _weigh(image: str, results: Sequence[Result]) -> tuple[Word, Result | None]:
    """Give the verdict and the result that tells it."""
    by_key = {result.key: result for result in results}
    top = by_key.get(f"layer {image}")
    telling = by_key.get(top.blocked_by) if top is not None and top.blocked_by else top
    pull = by_key.get(f"pull {image}")
    remarks = [result for result in results if result.status in ("warn", "failed")]
    if pull is not None and pull.status in ("ok", "warn"):
        return ("warn", remarks[0]) if remarks else ("ok", pull)
    of_node = [result for result in results if result.check in ("runtime", "disk") and result.status == "failed"]
    if of_node:
        return "failed", of_node[0]
    if telling is None or telling.status in ("unknown", "skipped"):
        return "unknown", telling
    for stop in (telling, pull):
        if stop is not None and stop.status == "failed":
            return "failed", stop
    return ("warn", remarks[0]) if remarks else ("ok", telling)


def _answer(
    node: str,
    image: str,
    verdict: Word,
    cause: str | None,
    detail: str,
    results: Sequence[Result],
    telling: Result | None = None,
) -> Trace:
    remedy = None
    if cause is not None:
        registry, _, path = image.partition("/")
        place = telling.target if telling is not None and telling.check in ("dns", "tcp", "tls") else registry
        host, _, port = place.rpartition(":") if place.rpartition(":")[2].isdigit() else (place, "", "")
        repository = f"{registry}/{path.partition('@')[0].rpartition(':')[0] or path}"
        remedy = remedy_for(
            cause, node=node, image=image, host=host, port=port, registry=registry, repository=repository
        )
    return Trace(
        node=node, image=image, verdict=verdict, cause=cause, detail=detail, remedy=remedy, results=list(results)
    )
