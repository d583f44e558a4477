"""How likely is it that this happened by chance?

One test everywhere: the upper tail of the binomial distribution, exactly. `n` answers, each of which fails by itself
with the base rate; how likely are `k` or more?

Source: the binomial test; Bonferroni's correction where many questions are asked at once; the conjugate Beta prior.
"""

import math
from collections.abc import Iterable
from functools import lru_cache

# How often one run fails by itself (a lost packet, a server that restarts): a floor. Where the fleet itself shows more
# single failed runs than this, its own rate is taken.
BASE_RATE = 0.01
NOTHING = 1e-13  # of the likeliest term: what comes after it does not show in the sum
KEPT = 4_096  # tails: a fleet asks for the same ones again and again
PRIOR_RUNS = 100  # so many runs at the base rate are believed before the fleet's own are

# One snapshot in a hundred may show a chance coincidence of first runs; divided by the number of questions asked.
FLEET_ALPHA = 0.01

# A check that comes and goes: one in twenty over all nodes that were asked the same.
SERIES_ALPHA = 0.05


def rate_of(failed: float, runs: int) -> float:
    """Estimate the rate from single failed runs: the mean of a Beta prior at the base rate and what was seen."""
    seen = (max(failed, 0) + PRIOR_RUNS * BASE_RATE) / (max(runs, 0) + PRIOR_RUNS)
    return min(max(BASE_RATE, float(f"{seen:.2g}")), 1.0)  # two digits: it is no better known, and each answer moves it


@lru_cache(maxsize=KEPT)
def tail(k: int, n: int, rate: float) -> float:
    """Give the probability of `k` or more of `n`, each with `rate`."""
    if k <= 0:
        return 1.0
    if k > n or rate <= 0.0:
        return 0.0
    if rate >= 1.0:
        return 1.0
    if k <= n * rate:
        return max(0.0, 1.0 - math.fsum(_terms(range(k - 1, -1, -1), n, rate)))
    return min(1.0, math.fsum(_terms(range(k, n + 1), n, rate)))


def _terms(many: Iterable[int], n: int, rate: float) -> list[float]:
    """Give the probabilities of so many failures, going away from the likeliest number; the last ones are nothing."""
    terms: list[float] = []
    log_rate, log_rest = math.log(rate), math.log1p(-rate)
    for k in many:
        ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        term = math.exp(ways + k * log_rate + (n - k) * log_rest)
        if terms and term <= terms[0] * NOTHING:
            break
        terms.append(term)
    return terms
