"""What the aggregator shows to Prometheus, made of what is in memory when it is asked.

Labels can be enumerated: causes of the catalogue, severities, scopes, states and close codes. No series per node.
"""

from collections import Counter
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from aggregator.directives import directive_metrics
from aggregator.directives.budget import Budget
from aggregator.directives.load import Load
from aggregator.intake.intake import Intake
from aggregator.reporter import Reporter
from aggregator.store.store import Store


class Metrics(Collector):
    """The aggregator's series."""

    def __init__(self, reporter: Reporter, intake: Intake, store: Store, budget: Budget, load: Load) -> None:
        self._reporter = reporter
        self._intake = intake
        self._store = store
        self._budget = budget
        self._load = load
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def text(self) -> bytes:
        """Give all series in the text format 0.0.4."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Give nothing at registration: there is no report yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give the series as they are now."""
        build = GaugeMetricFamily("pullscope_build_info", "Always 1; the version is a label.", labels=("version",))
        build.add_metric((_version(),), 1)
        yield build
        yield from self._of_report()
        yield from self._of_intake()
        yield from self._of_store()
        yield from directive_metrics.collect(self._budget, self._load)

    def _of_report(self) -> Iterator[Metric]:
        report = self._reporter.report
        if report is None:
            return
        nodes = GaugeMetricFamily("pullscope_nodes", "Nodes, by what is heard of them.", labels=("state",))
        nodes.add_metric(("expected",), report.nodes.expected)
        nodes.add_metric(("reporting",), report.nodes.reporting)
        nodes.add_metric(("silent",), len(report.nodes.silent))
        nodes.add_metric(("excluded",), len(report.nodes.excluded))
        yield nodes
        findings = GaugeMetricFamily(
            "pullscope_findings", "Findings that are open now.", labels=("cause", "severity", "scope")
        )
        counted = Counter((finding.cause, finding.severity, finding.scope) for finding in report.findings)
        for labels, count in sorted(counted.items()):
            findings.add_metric(labels, count)
        yield findings
        incidents = GaugeMetricFamily(
            "pullscope_incidents", "Incidents that are open now: said, or confirmed as well.", labels=("state",)
        )
        states = Counter(record.state for record in self._reporter.memory.records)
        for state in ("open", "confirmed"):
            incidents.add_metric((state,), states[state])
        yield incidents
        yield GaugeMetricFamily(
            "pullscope_report_duration_seconds", "How long the newest report took to form.", self._reporter.took_s
        )

    def _of_intake(self) -> Iterator[Metric]:
        intake = self._intake
        yield GaugeMetricFamily("pullscope_links", "Agents that have a link now.", intake.links)
        yield CounterMetricFamily("pullscope_reports", "Reports that came, repeated ones included.", intake.reports)
        yield CounterMetricFamily("pullscope_reports_repeated", "Reports that had come before.", intake.repeated)
        yield CounterMetricFamily("pullscope_results", "Results that came.", intake.results)
        closed = CounterMetricFamily(
            "pullscope_links_refused",
            "Links refused (HTTP status) or closed for what came over them.",
            labels=("code",),
        )
        for code, count in sorted(intake.closed.items()):
            closed.add_metric((str(code),), count)
        yield closed

    def _of_store(self) -> Iterator[Metric]:
        done = self._store.done
        memory = self._reporter.memory
        yield GaugeMetricFamily("pullscope_store_bytes", "The size of the store.", done.size_bytes)
        yield CounterMetricFamily(
            "pullscope_past_bytes", "What incidents and reports of the past cost the disk.", memory.kept_bytes
        )
        yield CounterMetricFamily(
            "pullscope_past_left_out", "Reports that were not kept for what they cost.", memory.left_out
        )
        yield SummaryMetricFamily(
            "pullscope_store_commit_seconds",
            "Transactions of the store.",
            count_value=done.commits,
            sum_value=done.seconds,
        )
        yield CounterMetricFamily("pullscope_store_writes", "Writes that were committed.", done.writes)
        yield GaugeMetricFamily("pullscope_store_waiting", "Writes that wait for a transaction.", self._store.waiting)
        yield GaugeMetricFamily("pullscope_store_failing", "1 while nothing can be written.", bool(done.fault))


def _version() -> str:
    try:
        return version("pullscope")
    except PackageNotFoundError:  # a source tree that was never installed
        return "unknown"
