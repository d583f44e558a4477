"""What do pods suffer that wait for their image?

Reads the message that Kubernetes gives, by the same classifier as any other error text, and the reason where the
message says nothing. A symptom stands like a failed pull of the pod's image on its node.

Cannot see: pods that nobody reported; why a pod waits whose message was cut before the error.
"""

from agent.contract import reference
from agent.contract.classify import classify
from agent.contract.report import Pod
from agent.contract.result import Result
from aggregator.correlate.cell import Cell
from aggregator.correlate.fleet import Fleet
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


def cells(fleet: Fleet) -> list[Cell]:
    """Give a cell for each pod that waits on a counted node."""
    causes: dict[tuple[str, str], str | None] = {}
    found = []
    for pod in fleet.pods:
        said = (pod.reason, pod.message[:MESSAGE_CHARACTERS])
        if said not in causes:
            causes[said] = cause_of(*said)
        cause = causes[said]
        if cause is not None and pod.node in fleet.expected:
            found.append(_cell(pod, cause, fleet))
    return found


def cause_of(reason: str, message: str) -> str | None:
    """Tell why a pod waits; none where it does not wait for its image."""
    said = classify(message).cause if message else "unknown"
    if reason not in REASONS:
        return said if said == "wrong_architecture" else None
    return said if said != "unknown" else REASONS[reason]


def waiting(fleet: Fleet) -> list[Pod]:
    """Give the pods that wait for their image, also on nodes that do not count."""
    return [pod for pod in fleet.pods if cause_of(pod.reason, pod.message[:MESSAGE_CHARACTERS]) is not None]


def _cell(pod: Pod, cause: str, fleet: Fleet) -> Cell:
    name = f"{pod.namespace}/{pod.name}"
    since = min(utc(pod.since), fleet.at) if pod.since else None
    detail = pod.message[:MESSAGE_CHARACTERS] or pod.reason
    result = Result(check=POD, target=_image(pod.image), status="failed", cause=cause, detail=detail, at=fleet.at)
    return Cell(str(pod.node), result, cause, "solid", since, fleet.at, pod=name)


def _image(text: str) -> str:
    try:
        return str(reference.parse(text))
    except reference.InvalidReferenceError:
        return text
