"""The report as it was at a time, and the incidents since a time: what `/report?at=` and `?since=` give."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from aiohttp import web

from agent.contract.report import Report
from aggregator.incidents.past import begins_at, incidents_since, said_at
from aggregator.reporter import Reporter
from aggregator.store.store import Store, StoreError
from aggregator.web.ask import refusal
from aggregator.web.moment import moment_of


@dataclass(frozen=True, slots=True)
class Asked:
    """The report that a reader gets; `since` where incidents are asked for, `remark` where it is not quite of `at`."""

    report: Report
    at: datetime | None = None
    since: datetime | None = None
    remark: str = ""


async def asked_for(request: web.Request, reporter: Reporter, store: Store) -> Asked:
    """Give the report of now, or of the time that is asked for, or of now with the incidents since a time.

    Raises:
        web.HTTPException: where the time makes no sense, or nothing was kept of it.
    """
    report = await reporter.newest()
    at, since = (moment_of(request, name, report.at) for name in ("at", "since"))
    try:
        if since is not None:
            others = [name for name in ("at", "node", "image") if name in request.query]
            if others:
                raise refusal(f"since: goes not together with {others[0]}")
            found = await incidents_since(store, since, reporter.memory.records)
            return Asked(msgspec.structs.replace(report, incidents=found), since=since)
        if at is None:
            return Asked(report)
        if reporter.formed_at is not None and at >= reporter.formed_at:
            return Asked(msgspec.structs.replace(report, at=at), at)
        return await _of(store, at)
    except StoreError as error:
        raise web.HTTPServiceUnavailable(text=f"{error}\n") from error


async def _of(store: Store, at: datetime) -> Asked:
    said = await said_at(store, at)
    if said is None:
        begin = await begins_at(store)
        when = f"the records begin at {begin:%Y-%m-%dT%H:%M:%SZ}" if begin is not None else "there are none yet"
        raise web.HTTPNotFound(text=f"at: nothing was kept of {at:%Y-%m-%dT%H:%M:%SZ}; {when}\n")
    remark = f"nothing was said at {at:%Y-%m-%d %H:%M:%S} UTC: no aggregator ran; this is the last report before it"
    return Asked(said.report, at, remark=remark if said.unheard else "")
