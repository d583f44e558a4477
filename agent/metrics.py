"""What the agent shows to Prometheus.

Labels can be enumerated: checks, statuses and causes of the catalogue, and the targets that the node has now. What says
how a target is comes out of the newest results when it is asked for, so that a target that is gone leaves no series.
"""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from agent.contract.result import Result
from agent.spool import Spool

# From a name in a local cache to a pull that is too slow; few, because each bucket is a series per check.
BUCKETS_S = (0.01, 0.05, 0.25, 1, 5, 30, 120)


def package_version() -> str:
    """Give the version of this package, as installed."""
    try:
        return version("pullscope")
    except PackageNotFoundError:  # a source tree that was never installed
        return "unknown"


class _Newest(Collector):
    """The newest results, made into series when Prometheus asks."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "pullscope_check_up",
            "1: the check passes, 0: it fails; absent: it could not tell.",
            labels=("check", "target"),
        )
        failed = GaugeMetricFamily(
            "pullscope_check_failed", "1 for what fails now, by its cause.", labels=("check", "target", "cause")
        )
        for result in list(self._spool.newest.values()):
            if result.could_tell:
                up.add_metric((result.check, result.target), 0.0 if result.status == "failed" else 1.0)
            if result.status == "failed":
                failed.add_metric((result.check, result.target, result.cause or "unknown"), 1.0)
        yield up
        yield failed
        yield GaugeMetricFamily("pullscope_spool_results", "Results not yet sent to the aggregator.", len(self._spool))
        yield CounterMetricFamily(
            "pullscope_spool_dropped", "Changes of state that did not fit into the spool.", self._spool.dropped_total
        )


class Metrics:
    """The agent's series, in a registry of their own."""

    def __init__(self, spool: Spool) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series per counter that nobody asks for
        self.registry = CollectorRegistry()
        build = Gauge("pullscope_build_info", "Always 1; the version is a label.", ["version"], registry=self.registry)
        build.labels(package_version()).set(1)
        self._runs = Counter(
            "pullscope_check_runs_total", "Answers, by check and status.", ["check", "status"], registry=self.registry
        )
        self._took = Histogram(
            "pullscope_check_duration_seconds",
            "How long a check looked, without what it waited for other checks.",
            ["check"],
            registry=self.registry,
            buckets=BUCKETS_S,
        )
        self._round_at = Gauge(
            "pullscope_last_round_timestamp_seconds", "When the last round ended.", registry=self.registry
        )
        self._linked = Gauge(
            "pullscope_link_connected", "1 while the link to the aggregator stands.", registry=self.registry
        )
        self.registry.register(_Newest(spool))

    def count(self, result: Result) -> None:
        """Count one answer."""
        self._runs.labels(result.check, result.status).inc()
        if result.could_tell:
            self._took.labels(result.check).observe(result.took_s)

    def round_ended(self, at_s: float) -> None:
        """Note the end of a round, in seconds of the epoch."""
        self._round_at.set(at_s)

    def text(self, *, connected: bool) -> bytes:
        """Give all series in the text format 0.0.4."""
        self._linked.set(connected)
        return generate_latest(self.registry)
