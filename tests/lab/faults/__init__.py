"""The lab's faults, one file each: read this tuple and you know what is tried."""

from tests.lab.fault import Fault
from tests.lab.faults import (
    agent_killed,
    blob_host_down,
    ca_missing,
    ca_missing_and_429,
    certificate_expired,
    clock_ahead,
    containerd_stopped,
    image_deleted,
    name_gone,
    node_dropped,
    registry_429,
    registry_stopped,
    repository_closed,
    resolvers_servfail,
    store_full,
    token_service_503,
    zone_dropped,
)

FAULTS: tuple[Fault, ...] = (
    resolvers_servfail,
    name_gone,
    registry_stopped,
    node_dropped,
    zone_dropped,
    ca_missing,
    certificate_expired,
    token_service_503,
    registry_429,
    image_deleted,
    repository_closed,
    blob_host_down,
    store_full,
    containerd_stopped,
    clock_ahead,
    agent_killed,
    ca_missing_and_429,
)


def name_of(fault: Fault) -> str:
    """Give the name of a fault: its file's."""
    return getattr(fault, "__name__", "").rpartition(".")[2]
