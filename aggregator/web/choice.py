"""The part of a report that concerns one node, or one image."""

from collections.abc import Iterable

import msgspec

from agent.contract.reference import Reference
from agent.contract.report import Finding, Report
from aggregator.fleet import Member


def names(report: Report, node: str) -> bool:
    """Whether a report names a node that may have left since."""
    listed = (report.nodes.silent, report.nodes.excluded, *(finding.nodes for finding in report.findings))
    return any(node in nodes for nodes in listed)


def of_node(report: Report, node: str) -> Report:
    """Give the findings that hit one node."""
    return _with(report, [finding for finding in report.findings if node in finding.nodes])


def of_image(report: Report, image: Reference, members: Iterable[Member]) -> Report:
    """Give the findings that stop one image, or could: its own, its registry's, its hosts' and the nodes'."""
    hosts = {
        host
        for member in members
        for result in member.results.values()
        if image.registry in result.registries and result.check in ("dns", "tcp", "tls")
        for host in (result.target, result.target.rpartition(":")[0])
    }
    concerned: dict[str, set[str | None]] = {
        "image": {str(image)},
        "repository": {image.repository},
        "registry": {image.registry},
        "host": set(hosts),
        "all": {None},
    }
    return _with(report, [one for one in report.findings if one.subject.value in concerned[one.subject.kind]])


def _with(report: Report, findings: list[Finding]) -> Report:
    """Give the report with these findings only, and the verdict that they leave."""
    if report.verdict == "unknown":
        return msgspec.structs.replace(report, findings=findings)
    if any(finding.severity == "failure" for finding in findings):
        return msgspec.structs.replace(report, findings=findings, verdict="failing")
    return msgspec.structs.replace(report, findings=findings, verdict="degraded" if findings else "healthy")
