"""How hard, how large and how mixed the fleets are: every share and rate that the simulator draws by."""

from dataclasses import dataclass

# (weight, fewest nodes, most nodes): mostly the sizes that clusters have, some thousands among them.
SIZES = (
    (0.03, 1, 1),
    (0.12, 2, 5),
    (0.25, 6, 20),
    (0.37, 21, 100),
    (0.20, 101, 300),
    (0.02, 301, 1000),
    (0.01, 1001, 4000),
)


@dataclass(frozen=True, slots=True)
class Knobs:
    """One setting of the simulator. Rates are per answer, shares per fleet unless said otherwise.

    Args:
        faults: how likely 0, 1, 2, 3 and 4 faults at once are.
        noise_rates: how often one run fails by itself; a fleet draws one of them.
        flapping: share of faults of hosts, registries and resolvers that come and go.
        fresh: share of faults that began within the last rounds.
        beginning: share of faults that began about a round ago: nearly every node has seen it, some only just.
        senders: how likely agents are that send everything, no windows (and then there is no noise), or no beginnings.
        remarks: share of fleets whose agents warn at the registry, too, when its mirror is dead.
        excluded: share of nodes that are cordoned, NotReady or leaving; a fleet draws one of them.
        bare: share of fleets whose agents know hardly a fact.
        missing: share of facts that a node does not report, in fleets where facts are missing at all.
        instruments: how often an instrument breaks (`unknown`).
        pods: share of fleets whose pods are watched.
        overlaps: share of faults that are laid inside another one on purpose.
    """

    sizes: tuple[tuple[float, int, int], ...] = SIZES
    faults: tuple[float, ...] = (0.12, 0.34, 0.27, 0.17, 0.10)
    noise_rates: tuple[float, ...] = (0.0, 0.0001, 0.001, 0.003, 0.01)
    flapping: float = 0.12
    fresh: float = 0.15
    beginning: float = 0.04
    senders: tuple[float, float, float] = (0.86, 0.08, 0.06)
    remarks: float = 0.6
    excluded: tuple[float, ...] = (0.0, 0.04, 0.04, 0.3)
    bare: float = 0.04
    missing: float = 0.03
    instruments: float = 0.001
    pods: float = 0.3
    overlaps: float = 0.25


HARD = Knobs()

# Worse than clusters are: what holds here was not fitted to the usual setting.
STORM = Knobs(
    faults=(0.05, 0.15, 0.25, 0.30, 0.25),
    noise_rates=(0.003, 0.01, 0.02),
    flapping=0.25,
    fresh=0.3,
    beginning=0.1,
    excluded=(0.04, 0.3),
    missing=0.1,
    instruments=0.01,
    overlaps=0.5,
)
