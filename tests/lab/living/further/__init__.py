"""Further faults that only one node has: in its files, resolvers, proxy, stores. Each begins and ends like a fault."""

from tests.lab.living.further import configuration, proxies, resolvers, runtimes, stores
from tests.lab.living.further.kind import Further

__all__ = ["FURTHER", "Further"]

FURTHER: tuple[Further, ...] = (
    *resolvers.FURTHER,
    *proxies.FURTHER,
    *configuration.FURTHER,
    *stores.FURTHER,
    *runtimes.FURTHER,
)
