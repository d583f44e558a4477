"""What budget and load show to Prometheus. By registry, which a fleet has a handful of; never by identity or node."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from aggregator.directives.budget import Budget
from aggregator.directives.load import Load


def collect(budget: Budget, load: Load) -> Iterator[Metric]:
    """Give the series as they are now."""
    leases = CounterMetricFamily("pullscope_leases", "Questions for pulls, by answer.", labels=("registry", "answer"))
    for registry in sorted({*budget.granted, *budget.refused}):
        leases.add_metric((registry, "granted"), budget.granted[registry])
        leases.add_metric((registry, "refused"), budget.refused[registry])
    yield leases
    spent = CounterMetricFamily("pullscope_pulls_spent", "Pulls that leases were spent on.", labels=("registry",))
    for registry, pulls in sorted(budget.spent.items()):
        spent.add_metric((registry,), pulls)
    yield spent
    window = GaugeMetricFamily(
        "pullscope_pulls_in_window", "Pulls granted or spent in the window, of all identities.", labels=("registry",)
    )
    most = GaugeMetricFamily(
        "pullscope_pulls_left", "Pulls that the identity with the least of them has left.", labels=("registry",)
    )
    in_window: Counter[str] = Counter()
    left: dict[str, int] = {}
    for (registry, _), pool in sorted(budget.pools.items()):
        in_window[registry] += sum(lease.pulls for lease in pool.leases.values())
        if pool.left is not None:
            left[registry] = min(pool.left, left.get(registry, pool.left))
    for registry, pulls in sorted(in_window.items()):
        window.add_metric((registry,), pulls)
    for registry, pulls in sorted(left.items()):
        most.add_metric((registry,), pulls)
    yield from (window, most)
    yield from _of_load(load)


def _of_load(load: Load) -> Iterator[Metric]:
    intervals = GaugeMetricFamily(
        "pullscope_registry_interval_seconds", "The shortest interval at which all nodes fit.", labels=("registry",)
    )
    requests = GaugeMetricFamily(
        "pullscope_registry_requests", "Requests of one round of all nodes, by the table.", labels=("registry",)
    )
    for registry, count in sorted(load.requests.items()):
        requests.add_metric((registry,), round(count, 3))
    for registry, interval_s in load.stretched(0.0).items():
        intervals.add_metric((registry,), interval_s)
    yield from (requests, intervals)
