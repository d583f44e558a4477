"""A trace's verdict: can this node pull this image now."""

from typing import Any

import pytest

from agent.contract.result import Result, Status
from agent.trace import judge

IMAGE = "quay.io/team/app:1"


def result(key: str, status: Status, cause: str | None = None, **more: Any) -> Result:
    check, _, target = key.partition(" ")
    return Result(check=check, target=target, status=status, cause=cause, detail=f"{key} {status}", **more)


TOP = f"layer {IMAGE}"
FINE = [result("dns quay.io", "ok"), result("tcp quay.io:443", "ok"), result(TOP, "ok")]
GONE = result("dns quay.io", "failed", "dns_failed")
BEHIND = result(TOP, "skipped", blocked_by="dns quay.io")
DEAD = result("runtime /run/containerd/containerd.sock", "failed", "runtime_unavailable")


@pytest.mark.parametrize(
    ("results", "verdict", "cause"),
    [
        (FINE, "ok", None),
        ([result("dns quay.io", "warn", "dns_failed"), result(TOP, "ok")], "warn", "dns_failed"),
        ([GONE, BEHIND], "failed", "dns_failed"),
        ([result(TOP, "failed", "blob_unavailable")], "failed", "blob_unavailable"),
        ([result("dns quay.io", "unknown"), result(TOP, "skipped", blocked_by="dns quay.io")], "unknown", None),
        ([result(TOP, "unknown")], "unknown", None),
        ([], "unknown", None),
        ([*FINE, DEAD], "failed", "runtime_unavailable"),
        ([*FINE, result("runtime /run/containerd/containerd.sock", "unknown")], "ok", None),
        ([*FINE, result("disk /var/lib/containerd", "failed", "disk_full")], "failed", "disk_full"),
        ([*FINE, result("disk /var/lib/containerd", "warn", "disk_full")], "warn", "disk_full"),
        ([*FINE, result("clock node-1", "failed", "clock_skew")], "warn", "clock_skew"),
        ([*FINE, result(f"pull {IMAGE}", "failed", "storage_error")], "failed", "storage_error"),
        ([*FINE, result(f"pull {IMAGE}", "warn", "pull_slow")], "warn", "pull_slow"),
        ([result(TOP, "failed", "tls_untrusted"), result(f"pull {IMAGE}", "ok")], "warn", "tls_untrusted"),
    ],
)  # fmt: skip
def test_the_path_decides_and_the_nodes_own_state_where_it_stops_a_pull(
    results: list[Result], verdict: str, cause: str | None
) -> None:
    trace = judge(IMAGE, "node-1", results)
    assert (trace.verdict, trace.cause) == (verdict, cause)
    assert (trace.remedy is not None) == (cause is not None)


def test_the_remedy_names_the_host_that_failed() -> None:
    trace = judge(
        IMAGE,
        "node-1",
        [result("dns auth.quay.io", "failed", "dns_failed"), result(TOP, "skipped", blocked_by="dns auth.quay.io")],
    )
    assert trace.remedy is not None
    assert any("auth.quay.io" in step for step in trace.remedy.steps)
    assert trace.detail.startswith("auth.quay.io: ")  # resolvers say what they said, not whom they were asked for


def test_the_remedy_names_the_repository_of_an_image_that_is_gone() -> None:
    trace = judge(IMAGE, "node-1", [result(TOP, "failed", "image_not_found")])
    assert trace.remedy is not None
    assert "skopeo list-tags docker://quay.io/team/app" in trace.remedy.steps
