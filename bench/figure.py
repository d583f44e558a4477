"""One line of the table: ours, the peer's, and how they compare."""

from dataclasses import dataclass


class MissingError(Exception):
    """Something that the figure needs is not on this machine, or not in this version. The text says what."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One comparison.

    Args:
        ours, peer: in `unit`, what each spent on the same thing.
        goal: the ratio that is wished for at most; none where the goal is absolute or there is none.
        limit: the absolute value that ours shall not pass, in `unit`.
        notes: how it was measured, and what speaks against it.
    """

    name: str
    unit: str
    ours: float
    peer_name: str
    peer: float
    goal: float | None = None
    limit: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def ratio(self) -> float:
        """How many times the peer's cost ours is."""
        return self.ours / self.peer if self.peer else float("inf")

    @property
    def met(self) -> bool | None:
        """Whether the goals are met; none where there is none."""
        if self.goal is None and self.limit is None:
            return None
        return (self.goal is None or self.ratio <= self.goal) and (self.limit is None or self.ours <= self.limit)

    @property
    def goal_text(self) -> str:
        """The goals in words."""
        ratio = [f"≤ {self.goal:g}x"] if self.goal is not None else []
        return ", ".join([*ratio, *([f"≤ {self.limit:g} {self.unit}"] if self.limit is not None else [])]) or "none set"


def table(figures: list[Figure]) -> str:
    """Give the figures as text, a line each."""
    rows = [("figure", "ours", "peer", "ratio", "goal", "")]
    for figure in figures:
        met = {True: "met", False: "MISSED", None: ""}[figure.met]
        ours, peer = (f"{value:.4g} {figure.unit}" for value in (figure.ours, figure.peer))
        rows.append((figure.name, ours, f"{peer} ({figure.peer_name})", f"{figure.ratio:.2f}x", figure.goal_text, met))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines)
