"""What still works, and should be looked at?

Takes the answers with status `warn`; sorts and counts them as failures are. A warning about what fails already of the
same cause is not said again.

Cannot see: whether a warning comes and goes; it is said as long as it stands.
"""

from collections.abc import Sequence

from aggregator.correlate.draft import Draft
from aggregator.correlate.failures import drafts_of
from aggregator.correlate.fleet import ALL, Fleet


def find(fleet: Fleet, found: Sequence[Draft]) -> list[Draft]:
    """Give a draft for every warning that no failure says already."""
    cells = [cell for cell in fleet.cells("warn") if cell.result.cause]
    cells.sort(key=lambda cell: cell.order)
    said = {(draft.cause, draft.subject) for draft in found}
    whole = {(draft.cause, node) for draft in found if draft.subject == ALL for node in draft.nodes}
    drafts = drafts_of([cell for cell in cells if (cell.cause, cell.node) not in whole], fleet, "warning")
    return [draft for draft in drafts if (draft.cause, draft.subject) not in said]
