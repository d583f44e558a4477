"""How often is a fleet explained wrongly?

Compared with: the rule that alerting does today, an alert per target where too large a share of the nodes fails.

How: two thousand drawn fleets with known faults (`bench.fleet`); counted is what each gets wrong: whole fleets whose
set of findings is not exactly right, findings (1 - F1), and differences that should be named and are not. Smaller is
better, so that these figures read like the others; the notes give the usual form and the calibration.

Cannot see: faults that the simulator does not know, and its mistakes.
"""

from bench.figure import Figure
from bench.fleet.run import GOALS, as_text, figures, score
from bench.site import Site

FLEETS = 2_000  # as the goals say
JOBS = 2


def measure(site: Site) -> list[Figure]:
    """Measure both over the same fleets."""
    del site
    scores = score(range(FLEETS), jobs=JOBS)
    ours, theirs = figures(scores.ours), figures(scores.alerting)
    notes = tuple(as_text(scores).splitlines())
    return [
        _wrong("fleets not explained exactly", "exact", ours, theirs, notes),
        _wrong("wrong findings (1 - F1)", "f1", ours, theirs),
        _wrong("differences not named", "difference", ours, theirs),
    ]


def _wrong(
    label: str, name: str, ours: dict[str, float], theirs: dict[str, float], notes: tuple[str, ...] = ()
) -> Figure:
    missed, peer = round(1.0 - ours[name], 4), round(1.0 - theirs[name], 4)
    return Figure(label, "of 1", missed, "alerting", peer, limit=round(1.0 - GOALS[name], 4), notes=notes)
