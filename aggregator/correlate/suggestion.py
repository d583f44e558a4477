"""Which name was likely meant by an image that a finding says is not there?

How: an image that nodes of this fleet do read, under the same name elsewhere or under another spelling of the tag; else
what the text alone suggests. Nobody is asked.

Cannot see: images that no node checks; what only a registry's list would tell (`pullscope trace` asks for it).

Source: runbook 009, Fix 2: Image Does Not Exist.
"""

from dataclasses import replace

from agent.contract.reference import InvalidReferenceError, Reference, parse
from agent.contract.report import Suggestion
from agent.contract.suggest import suggest
from agent.contract.suggest.elsewhere import elsewhere
from agent.contract.suggest.tags import neighbours
from aggregator.correlate.draft import Draft
from aggregator.correlate.matrix import Matrix

NAMED = frozenset({"image_not_found", "invalid_reference"})  # the causes that a name can explain


def suggestion_of(draft: Draft, matrix: Matrix) -> Suggestion | None:
    """Give the likely name, and why; none where nobody knows."""
    image = draft.subject.value
    if draft.cause not in NAMED or draft.subject.kind != "image" or not image:
        return None
    try:
        missing = parse(image)
    except InvalidReferenceError:
        missing = None
    seen = _seen(missing, matrix) if missing else None
    first = matrix.seats[matrix.names_of(draft.shown)[0]].number
    told = (part.bucket.entries[first] for part in draft.parts if first in part.bucket.entries)
    said = min(cell.detail for entry in told for cell in entry.cells)
    return seen or suggest(draft.cause, image, said)


def _seen(missing: Reference, matrix: Matrix) -> Suggestion | None:
    """Look among the images that nodes read."""
    repository, name = f"{missing.repository}:", missing.path.rpartition("/")[2]
    read = {
        column.target: nodes
        for column in sorted(matrix.answers.columns.of_check.get("manifest", ()), key=lambda column: column.target)
        if (nodes := matrix.answers.at(column) & ~column.failing_at_all)
    }
    beside = [image.removeprefix(repository) for image in read if image.startswith(repository)]
    alike = [image for image in read if f"/{name}:" in image or f"/{name}@" in image]
    near = neighbours(missing.tag, beside) if missing.tag and not missing.digest else []
    places = [str(replace(missing, tag=one.tag)) for one in near if one.sure]
    places += [str(place.reference) for place in elsewhere(missing, alike, ())]
    for place in places:
        if place in read:
            reason = f"{matrix.names_of(read[place])[0]} reads it under this name"
            return Suggestion(image=place, reason=reason, confirmed=True)
    return None
