"""The fleet as a matrix: which node could tell what of which target.

Made once for a snapshot; columns and facts are made when a rule first asks for them, so that a healthy fleet costs no
more than reading it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property

from agent.contract.report import Node, Pod, Snapshot, Subject
from agent.contract.result import Result
from aggregator.correlate.cell import Cell
from aggregator.correlate.facts import Facts
from aggregator.correlate.history import utc
from aggregator.correlate.place import place_of
from aggregator.correlate.view import Key, State, View, merge, view_of

ALL = Subject(kind="all")
TELLING = frozenset({"ok", "warn", "failed"})


class Fleet:
    """All nodes of a snapshot at its time. `views` holds every node by name, in the order of the names."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.cluster = snapshot.cluster
        self.at: datetime = utc(snapshot.at)
        self.pods: Sequence[Pod] = snapshot.pods
        self.ignored: list[str] = []
        self.views = {node.name: view_of(node, self.at) for node in self._by_name(snapshot.nodes)}
        self.ignored += [line for view in self.views.values() for line in view.ignored]

    def _by_name(self, nodes: Sequence[Node]) -> list[Node]:
        names = Counter(node.name for node in nodes)
        twice = sorted(name for name, count in names.items() if count > 1)
        if not twice:
            return sorted(nodes, key=lambda node: node.name)
        self.ignored += [f"{names[name]} nodes are called {name}: the one heard last counts" for name in twice]
        same: dict[str, list[Node]] = defaultdict(list)
        for node in nodes:
            same[node.name].append(node)
        return [merge(same[name]) if len(same[name]) > 1 else same[name][0] for name in sorted(same)]

    def named(self, *states: State) -> list[str]:
        """Give the names of the nodes in these states, sorted."""
        return [name for name, view in self.views.items() if view.state in states]

    @cached_property
    def heard(self) -> list[View]:
        """The nodes that count and were heard."""
        return [view for view in self.views.values() if view.state == "heard"]

    @cached_property
    def expected(self) -> frozenset[str]:
        """The nodes that count, heard or not."""
        return frozenset(self.named("heard", "silent", "waiting"))

    def cells(self, status: str) -> list[Cell]:
        """Give all answers of this status of the nodes that count and were heard."""
        return [cell for view in self.heard for cell in view.cells(status, self.at)]

    @cached_property
    def columns(self) -> dict[Key, dict[str, Result]]:
        """Per check and target: the nodes that could tell, and what they told."""
        columns: dict[Key, dict[str, Result]] = defaultdict(dict)
        for view in self.heard:
            name = view.name
            for key, result in view.answers.items():
                if result.status in TELLING:
                    columns[key][name] = result
        return dict(columns)

    @cached_property
    def read(self) -> dict[str, str]:
        """Per image whose manifest is read somewhere: the first node that reads it."""
        return {
            target: min(good)
            for (check, target), column in self.columns.items()
            if check == "manifest" and (good := [name for name, result in column.items() if result.status != "failed"])
        }

    @cached_property
    def keys_of(self) -> dict[Subject, list[Key]]:
        """Per subject: what was asked of it anywhere, and could be told."""
        keys: dict[Subject, list[Key]] = defaultdict(list)
        for key in self.columns:
            for subject in place_of(*key).subjects():
                keys[subject].append(key)
        return dict(keys)

    @cached_property
    def told_by_check(self) -> dict[str, set[str]]:
        """Per check: the nodes that could tell anything by it."""
        told: dict[str, set[str]] = defaultdict(set)
        for (check, _), column in self.columns.items():
            told[check].update(column)
        return dict(told)

    @cached_property
    def answers(self) -> int:
        """How many answers there are in all."""
        return sum(map(len, self.columns.values()))

    @cached_property
    def questions(self) -> int:
        """How many questions a node is asked at most: so many chances for a coincidence."""
        return max((len(view.answers) for view in self.heard), default=0)

    @cached_property
    def facts(self) -> Facts:
        """The facts of the counted nodes, silent ones included."""
        facts = Facts()
        for name in self.expected:
            facts.add(name, self.views[name].facts())
        return facts

    def asked(self, subject: Subject, checks: Iterable[str]) -> list[Key]:
        """Give what was asked of a subject by these checks."""
        wanted = set(checks)
        return [key for key in self.keys_of.get(subject, ()) if key[0] in wanted]

    def told(self, subject: Subject, checks: Iterable[str]) -> set[str]:
        """Give the nodes that could tell something of a subject by one of these checks."""
        if subject == ALL:
            return {name for check in checks for name in self.told_by_check.get(check, ())}
        return {name for key in self.asked(subject, checks) for name in self.columns[key]}
