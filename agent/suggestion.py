"""What name was likely meant, as far as this node can look: said after a trace that found no image.

Asks the registry's list of tags, then by HEAD the same image at the places that are in use here. What was seen there is
said as confirmed; what was looked for and is not there is not said; what could not be looked up says so.

Cannot see: registries that nothing on this node uses; what a registry shows to others.

Source: runbook 009, Fix 2: Image Does Not Exist.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent import checks
from agent.check import Check, Look, Settings
from agent.contract.reference import DEFAULT_REGISTRY, Reference, parse
from agent.contract.report import Suggestion
from agent.contract.result import ok
from agent.contract.suggest import suggest
from agent.contract.suggest.elsewhere import Place, elsewhere
from agent.contract.suggest.likely import NOT_LOOKED_UP
from agent.contract.suggest.tags import Neighbour, neighbours
from agent.distribution import tags
from agent.host.node import Node
from agent.host.root import HostFileError
from agent.round import Question, Round
from agent.runtimes import images

WITHIN_S = 8.0  # of a trace that has its answer: nobody waits longer for a hint
PATIENCE_S = 3.0  # for one answer of a registry that has just answered
TAGS_S = 4.0  # for the whole list: half of it, so that other places can be asked, too
USED_S = 2.0  # for the runtime to say what it uses: local work
LEAST_S = 0.5  # below this nothing is asked any more
NAME = "suggestion"

Observe = Callable[[Look, Reference], Awaitable[Any]]


async def suggestion(
    reference: Reference,
    cause: str,
    node: Node,
    settings: Mapping[str, Settings],
    left_s: float,
    *,
    implied: bool,
) -> Suggestion | None:
    """Give the name that was likely meant by one that could not be had.

    Args:
        cause: why not.
        left_s: seconds that are left of the whole trace.
        implied: no tag was named.
    """
    by_text = suggest(cause, str(reference), "")
    # Docker Hub answers 401 for what does not exist; any other refusal is no question of names.
    if not (cause == "image_not_found" or (cause == "auth_failed" and reference.registry == DEFAULT_REGISTRY)):
        return by_text
    search = _Search(reference, node, settings, min(WITHIN_S, left_s), by_text, refused=cause == "auth_failed")
    return await search.seen(implied=implied) or search.by_text


class _Search:
    """One search. `by_text` is what the text says, until it is seen not to be there."""

    def __init__(
        self,
        missing: Reference,
        node: Node,
        settings: Mapping[str, Settings],
        within_s: float,
        by_text: Suggestion | None,
        *,
        refused: bool,
    ) -> None:
        self.by_text = by_text
        self._missing = missing
        self._node = node
        self._settings = settings
        self._ends_at = time.monotonic() + within_s
        self._refused = refused  # the registry does not want to be asked

    async def seen(self, *, implied: bool) -> Suggestion | None:
        """Ask until something is seen, the surest first."""
        missing = self._missing
        near: list[Neighbour] = []
        if missing.digest and missing.tag and not self._refused:
            beside = await self._tag_beside_digest()
            if beside:
                return beside
        elif missing.tag and missing.digest is None and not self._refused:
            near = await self._near(missing.tag, implied)
        if near and near[0].sure:
            return self._listed(near)
        return await self._at_places() or (self._listed(near) if near else None)

    async def _near(self, tag: str, implied: bool) -> list[Neighbour]:
        """Ask for the list of tags, and give what it holds around the wanted one."""
        found = tags.Tags()
        await self._ask([self._missing], lambda look, reference: tags.read(look, reference, found), TAGS_S)
        self._refused = found.refused
        meant = parse(self.by_text.image) if self.by_text else None
        if meant is not None and meant.repository == self._missing.repository:
            if meant.tag in found.names:
                return [Neighbour(meant.tag or "", "it is spelled so there", sure=True)]
            if found.whole:
                self.by_text = None
        return neighbours(tag, found.names, implied=implied)

    def _listed(self, near: list[Neighbour]) -> Suggestion:
        missing = self._missing
        more = ", ".join(one.tag for one in near[1:])
        reason = f"{missing.registry} lists {near[0].tag} and no {missing.tag}: {near[0].reason}"
        image = str(replace(missing, tag=near[0].tag))
        return Suggestion(image=image, reason=reason + (f"; also {more}" if more else ""), confirmed=True)

    async def _tag_beside_digest(self) -> Suggestion | None:
        """Ask whether the tag beside a digest that is gone is there."""
        meant = replace(self._missing, digest=None)
        digest = (await self._ask([meant], tags.digest_of))[str(meant)]
        if digest is None:
            return None
        now = f", which is {digest[:19]}... now" if digest else ""
        reason = f"{meant.registry} has not this digest, but it has the tag {meant.tag}{now}"
        return Suggestion(image=str(meant), reason=reason, confirmed=True)

    async def _at_places(self) -> Suggestion | None:
        """Ask the same image at the other places in use; what the text says first, where that place is in use."""
        used = await _used(self._node)
        in_use = {self._missing.registry, *used.registries, *(parse(image).registry for image in used.images)}
        places = elsewhere(self._missing, used.images, used.registries)
        by_text = self.by_text
        if by_text is not None and parse(by_text.image).registry in in_use:
            first = Place(parse(by_text.image), by_text.reason.removesuffix(f" ({NOT_LOOKED_UP})"))
            places = [first, *(place for place in places if place.reference != first.reference)]
        if self._refused:
            places = [place for place in places if place.reference.registry != self._missing.registry]
        there = await self._ask([place.reference for place in places], _is_there)
        if by_text is not None and there.get(by_text.image) is False:
            self.by_text = None
        for place in places:
            if there[str(place.reference)]:
                reason = f"{place.reason}, and {place.reference.registry} has it"
                return Suggestion(image=str(place.reference), reason=reason, confirmed=True)
        return None

    async def _ask(
        self, references: Sequence[Reference], observe: Observe, within_s: float = WITHIN_S
    ) -> dict[str, Any | None]:
        """Ask one thing of each image at the same time; none where nobody could tell, or in no time."""
        left_s = min(within_s, self._ends_at - time.monotonic())
        if left_s < LEAST_S or not references:
            return {str(reference): None for reference in references}
        check = Check(NAME, lambda target, look: observe(look, parse(target)), lambda seen, settings: ok(""))
        own = Settings(enabled=False, every_s=left_s, patience_s=PATIENCE_S)
        round_ = Round(
            self._node,
            {**self._settings, NAME: own},
            deadline_s=left_s,
            find=lambda name: check if name == NAME else checks.check(name),
        )
        await round_.ask([Question(NAME, str(reference), (reference.registry,)) for reference in references])
        return {str(reference): round_.seen(NAME, str(reference)) for reference in references}


async def _is_there(look: Look, reference: Reference) -> bool:
    return await tags.digest_of(look, reference) is not None


async def _used(node: Node) -> images.Used:
    """Ask what the node uses; nothing where it does not say so in time, or only has the list for want of another."""
    with contextlib.suppress(TimeoutError, HostFileError):
        async with asyncio.timeout(USED_S):
            used = await images.used(node)
            if used.images is not images.DEFAULTS:
                return used
    return images.Used((), (), "")
