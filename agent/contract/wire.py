"""The link between agent and aggregator: one WebSocket, JSON text messages, version 1.

    agent                                     aggregator
    Hello(version, node, boot, …)      ->
                                       <-     Welcome(at, seq)
    Report(version, seq, at, body)     ->
                                       <-     Ack(seq, at): all up to seq is committed
                                       <-     Interval(interval_s)
                                       <-     Run(id, …): ask this now, or trace this image now
    Answer(id, …), … Answer(id, done)  ->
    Want(id, …): may I pull?           ->
                                       <-     Lease(id, granted, …)
    Spent(id, pulls)                   ->

A report that was not acked is sent again after a reconnect with the same boot id and sequence number, so that a
repeated one changes nothing. Directives go only to agents whose hello says that they understand them. What an agent
says besides reports may be lost with its link: it is neither acked nor sent again, and nobody waits for it without end.

JSON, not msgpack: measured on a report of 30 results, msgpack has 25 % fewer bytes and costs the same time within a
tenth, but it cannot carry a certificate's serial number (over 64 bits), and no person reads it.

Close codes, besides RFC 6455's own (1000 normal, 1001 going away, 1002 a broken frame, 1007 not JSON or not this form,
1009 too big): the constants below. Each close says its reason in words.
"""

from datetime import datetime
from typing import Any

import msgspec

from agent.contract.report import Trace
from agent.contract.result import Result

VERSION = 1
PATH = "/v1/link"

MAX_MESSAGE_BYTES = 1024 * 1024  # refused above; four times what an agent puts into one report
REPORT_BYTES = 256 * 1024  # an agent splits its results into reports of about this size
RESULT_BYTES = 32 * 1024  # a result above this is sent without its evidence: no fact for a person is that long
IN_FLIGHT = 8  # reports sent and not acked: enough to hide a commit, few enough to hold in memory

CLOSE_DONE = 1000
CLOSE_GOING_AWAY = 1001
CLOSE_BAD_FRAME = 1002
CLOSE_NOT_TEXT = 1003
CLOSE_BAD_MESSAGE = 1007
CLOSE_TOO_BIG = 1009
CLOSE_VERSION = 4001  # the other side speaks another version of this wire form
CLOSE_ORDER = 4002  # the first message is no hello, or a later one is
CLOSE_NODE = 4003  # the name of the node cannot be one
CLOSE_IDLE = 4008  # nothing came for three of the node's intervals
CLOSE_REPLACED = 4009  # another link speaks for this node: two agents with one name, or an old link that lingered

RETRY_SLOWLY = frozenset({CLOSE_VERSION, CLOSE_NODE, CLOSE_REPLACED})  # no quick retry can help


class Hello(msgspec.Struct, kw_only=True, tag="hello", tag_field="type"):
    """The first message of a link.

    `boot` is made anew by each start of an agent; `speaks` names the directives that it understands.
    """

    version: int
    node: str
    boot: str
    at: datetime
    interval_s: float
    facts: dict[str, Any] = {}
    speaks: list[str] = []


class Report(msgspec.Struct, kw_only=True, tag="report", tag_field="type"):
    """Results of a node. `at` is the node's clock when it was sent, `body` a `Body`."""

    version: int
    seq: int
    at: datetime
    body: msgspec.Raw


class Body(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a report says; empty, it says that the agent lives.

    `results` in the order in which they came about. `targets`, where given, are all keys (`tls quay.io:443`) that the
    node has: others are gone. `dropped` counts changes of state that did not fit into the spool since the last report.
    """

    results: list[Result] = []
    targets: list[str] | None = None
    dropped: int = 0
    facts: dict[str, Any] | None = None
    interval_s: float | None = None


class Welcome(msgspec.Struct, kw_only=True, tag="welcome", tag_field="type"):
    """The answer to a hello: the aggregator's clock, and the last report of this boot that is committed (0: none)."""

    at: datetime
    seq: int


class Ack(msgspec.Struct, kw_only=True, tag="ack", tag_field="type"):
    """All reports of this boot up to `seq` are committed. `at` is the aggregator's clock."""

    seq: int
    at: datetime


class Interval(msgspec.Struct, kw_only=True, tag="interval", tag_field="type"):
    """Directive: run your rounds this often from now on; null is the interval of your own configuration."""

    interval_s: float | None = None


class Ask(msgspec.Struct, kw_only=True, frozen=True):
    """One question: a check of a target. `cause` is what another node saw there; none where it sees nothing wrong."""

    check: str
    target: str
    cause: str | None = None

    @property
    def name(self) -> str:
        """The name of the question, the same as its result's: `tls quay.io:443`."""
        return f"{self.check} {self.target}"


class Run(msgspec.Struct, kw_only=True, tag="run", tag_field="type"):
    """Directive: do this now, within `within_s` seconds.

    `questions` are asked as a round asks them, where the agent asks them anyway; their results come as reports, and one
    `Answer` ends it. `image` is traced instead; its results come as answers, the trace itself in the last one.
    """

    id: str
    questions: list[Ask] = []
    image: str | None = None
    pull: bool = False
    within_s: float = 30.0


class Answer(msgspec.Struct, kw_only=True, omit_defaults=True, tag="answer", tag_field="type"):
    """What came of a `Run`: one result, or with `done` its end; `error` says why there is none."""

    id: str
    result: Result | None = None
    trace: Trace | None = None
    error: str | None = None
    done: bool = False


ASK_AGAIN_S = 900.0  # who waits for a lease asks again after this at the latest: otherwise it counts as gone


class Want(msgspec.Struct, kw_only=True, tag="want", tag_field="type"):
    """A question for a lease: so many pulls of a registry, which counts them for `identity` (none: not known)."""

    id: str
    registry: str
    identity: str | None = None
    pulls: int = 1


class Lease(msgspec.Struct, kw_only=True, tag="lease", tag_field="type"):
    """The answer to a `Want`. Granted, it holds until `until`; refused, `next_at` says when to ask again."""

    id: str
    granted: bool
    until: datetime | None = None
    next_at: datetime | None = None
    why: str = ""


class Spent(msgspec.Struct, kw_only=True, tag="spent", tag_field="type"):
    """A lease comes back: so many pulls were made with it."""

    id: str
    pulls: int


class Kind(msgspec.Struct):
    """Only what sort of message this is, and of which version: what is read where the whole cannot be."""

    type: str
    version: int = VERSION


class WireError(Exception):
    """A message that cannot be taken. `code` is the close code, the text its reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


RUN, LEASE = "run", "lease"
SPEAKS = (RUN, LEASE)  # what an agent of this version understands besides reports

Directive = Interval | Run | Lease
Word = Answer | Want | Spent  # of an agent, besides its reports
UpMessage = Hello | Report | Word
DownMessage = Welcome | Ack | Directive

_KNOWN_DOWN = frozenset({"welcome", "ack", "interval", RUN, LEASE})

_kind = msgspec.json.Decoder(Kind)
_up = msgspec.json.Decoder(UpMessage)
_down = msgspec.json.Decoder(DownMessage)
_body = msgspec.json.Decoder(Body)
_encoder = msgspec.json.Encoder()


def encode(message: UpMessage | DownMessage | Body) -> bytes:
    """Give a message as it goes over the link."""
    return _encoder.encode(message)


def read_up(data: str | bytes) -> UpMessage:
    """Read what an agent sent.

    Raises:
        WireError: with the code and the reason to close with.
    """
    try:
        message: UpMessage = _up.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        _check_version(_version_of(data))
        raise WireError(CLOSE_BAD_MESSAGE, f"not a message of version {VERSION}: {error}") from error
    if isinstance(message, Hello | Report):
        _check_version(message.version)
    return message


def _version_of(data: str | bytes) -> int:
    try:
        return _kind.decode(data).version
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return VERSION  # it says nothing of another one: it is broken


def _check_version(version: int) -> None:
    if version != VERSION:
        raise WireError(CLOSE_VERSION, f"the agent speaks version {version}, this aggregator version {VERSION}")


def read_body(report: Report) -> Body:
    """Read what a report says. Raises as `read_up`."""
    try:
        return _body.decode(report.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(CLOSE_BAD_MESSAGE, f"report {report.seq} is not of version {VERSION}: {error}") from error


def read_down(data: str | bytes) -> DownMessage | str:
    """Read what the aggregator sent; the name of its sort where this agent does not know it.

    Raises:
        WireError: where it is no message at all.
    """
    try:
        kind = _kind.decode(data).type
        return _down.decode(data) if kind in _KNOWN_DOWN else kind
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(CLOSE_BAD_MESSAGE, f"not a message of version {VERSION}: {error}") from error
