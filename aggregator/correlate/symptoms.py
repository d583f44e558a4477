"""What do pods suffer that wait for their image?

Reads the message that Kubernetes gives, by the same classifier as any other error text, and the reason where the
message says nothing. A symptom stands like a failed pull of the pod's image on its node.

Cannot see: pods that nobody reported; why a pod waits whose message was cut before the error.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from agent.contract import reference
from agent.contract.classify import classify
from agent.contract.report import Pod
from aggregator.correlate.cell import Cell, Lines
from aggregator.correlate.column import Column
from aggregator.correlate.history import utc
from aggregator.correlate.place import POD

# Reasons that kubelet gives for a container that waits for its image, and what each says without a message.
# Source: kubernetes pkg/kubelet/images/types.go.
REASONS = {
    "ErrImagePull": "unknown",
    "ImagePullBackOff": "unknown",
    "ImageInspectError": "storage_error",
    "ErrImageNeverPull": "image_never_pulled",
    "InvalidImageName": "invalid_reference",
    "RegistryUnavailable": "registry_unavailable",
    "SignatureValidationFailed": "signature_rejected",
}
MESSAGE_CHARACTERS = 4_096  # an event's message is at most 1 kB; what is longer was not written by Kubernetes
_KEPT_MESSAGES = 1_024  # pods of one fault say the same; the classifier need not read it for each


class Symptoms:
    """What is known of pods. `watched`: whether any were reported; `waiting`: the names of those that wait."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.watched = False
        self.waiting: set[str] = set()
        self._of: dict[str, list[Pod]] = {}
        self._cells: dict[str, list[Cell]] = {}

    def hear(self, pods: Iterable[Pod]) -> list[str]:
        """Take the pods as they are now, and give the names of the nodes for which that changes something."""
        of: dict[str, list[Pod]] = {}
        self.watched, self.waiting = False, set()
        for pod in pods:
            self.watched = True
            if cause_of(pod.reason, pod.message) is not None:
                self.waiting.add(_name(pod))
                of.setdefault(str(pod.node), []).append(pod)
        before, self._of = self._of, of
        changed = [name for name in before.keys() | of.keys() if before.get(name) != of.get(name)]
        columns: dict[str, Column] = {}
        for name in changed:
            self._cells.pop(name, None)
            if name in of:
                self._cells[name] = [self._cell(pod, columns) for pod in of[name]]
        return changed

    def cells(self, node: str) -> Sequence[Cell]:
        """Give a cell for each pod that waits on a node."""
        return self._cells.get(node, ())

    def _cell(self, pod: Pod, columns: dict[str, Column]) -> Cell:
        image = _image(pod.image)
        column = columns.get(image) or columns.setdefault(image, Column(POD, image))
        detail = pod.message[:MESSAGE_CHARACTERS] or pod.reason
        line = self._lines.of(column, cause_of(pod.reason, pod.message) or "unknown", detail, pod=_name(pod))
        return Cell(line, detail, "solid", None, utc(pod.since) if pod.since else None, None)


def cause_of(reason: str, message: str) -> str | None:
    """Tell why a pod waits; none where it does not wait for its image."""
    said = _said(message[:MESSAGE_CHARACTERS]) if message else "unknown"
    if reason not in REASONS:
        return said if said == "wrong_architecture" else None
    return said if said != "unknown" else REASONS[reason]


@lru_cache(maxsize=_KEPT_MESSAGES)
def _said(message: str) -> str:
    return classify(message).cause


def _name(pod: Pod) -> str:
    return f"{pod.namespace}/{pod.name}"


def _image(text: str) -> str:
    try:
        return str(reference.parse(text))
    except reference.InvalidReferenceError:
        return text
