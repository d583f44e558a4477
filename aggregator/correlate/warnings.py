"""What still works, and should be looked at?

Takes the answers with status `warn`; sorts and counts them as failures are. A warning about what fails already of the
same cause is not said again.

Cannot see: whether a warning comes and goes; it is said when it was seen twice, as long as it stands.
"""

from collections.abc import Sequence

from aggregator.correlate.draft import Draft
from aggregator.correlate.failures import drafts_of
from aggregator.correlate.matrix import ALL, Matrix
from aggregator.correlate.noise import settled


def find(matrix: Matrix, found: Sequence[Draft]) -> list[Draft]:
    """Give a draft for every warning that no failure says already."""
    said = {(draft.cause, draft.subject) for draft in found}
    whole: dict[str, int] = {}
    for draft in found:
        if draft.subject == ALL:
            whole[draft.cause] = whole.get(draft.cause, 0) | draft.nodes
    drafts = drafts_of(matrix.claims.warnings, matrix, "warning", whole)
    return settled((draft for draft in drafts if (draft.cause, draft.subject) not in said), matrix)
