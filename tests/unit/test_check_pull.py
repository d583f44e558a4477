"""What a real pull's course means, and what of it is to be taken away."""

from typing import Any

import pytest

from agent.check import Settings
from agent.checks.pull import Observation, judge
from agent.contract.reference import parse
from agent.runtimes.crictl import Held, added
from agent.runtimes.journal import Entry
from agent.runtimes.order import Order, Pull, last_words

SETTINGS = Settings.default("pull")
DIGEST, CONFIG, OTHER = ("sha256:" + letter * 64 for letter in "abc")
GOOD = Pull("containerd", took_s=1.0, transferred_bytes=10)
UNAUTHORISED = Pull("containerd", error="failed to authorize: 401 Unauthorized")


def order(text: str) -> Order:
    return Order(parse(text), DIGEST, CONFIG, 100)


@pytest.mark.parametrize(
    ("pulls", "status", "cause"),
    [
        ((GOOD,), "ok", None),
        ((Pull("containerd", took_s=31.0),), "warn", "pull_slow"),
        ((GOOD, Pull("podman", took_s=31.0)), "warn", "pull_slow"),
        ((Pull("containerd", error="write /x: no space left on device"),), "failed", "disk_full"),
        ((Pull("containerd", ended=False), GOOD), "failed", "cancelled"),
        ((GOOD, Pull("podman", error="write /x: no space left on device")), "warn", "disk_full"),
        ((Pull("containerd", refused="crictl is not installed"),), "unknown", None),
        ((Pull("containerd", refused="crictl is not installed"), Pull("podman", took_s=1.0)), "ok", None),
        ((UNAUTHORISED,), "failed", "auth_failed"),
    ],
)
def test_pulls_are_judged_by_that_of_the_judged_runtime(
    pulls: tuple[Pull, ...], status: str, cause: str | None
) -> None:
    verdict = judge(Observation(pulls), SETTINGS)
    assert (verdict.status, verdict.cause) == (status, cause)
    assert set(verdict.evidence["pulls"]) == {pull.runtime for pull in pulls}


def test_a_refusal_says_nothing_where_crictl_did_not_show_the_nodes_credentials() -> None:
    assert judge(Observation((UNAUTHORISED,), credentials=True), SETTINGS).status == "unknown"


def test_nothing_tried_is_unknown_and_says_why() -> None:
    verdict = judge(Observation((), refused="another pull is under way on this node"), SETTINGS)
    assert (verdict.status, verdict.detail) == ("unknown", "another pull is under way on this node")


def test_a_pull_from_the_cache_is_told_as_that() -> None:
    verdict = judge(Observation((Pull("containerd", was_present=True, from_cache=True, took_s=0.2),)), SETTINGS)
    assert "served from its own cache" in verdict.detail
    assert verdict.evidence["pulls"]["containerd"]["from_cache"] is True


def test_an_image_goes_by_its_tag_and_its_digest() -> None:
    assert order("quay.io/a/b:1").names == ("quay.io/a/b:1", f"quay.io/a/b@{DIGEST}")
    assert order("quay.io/a/b:1").asked == "quay.io/a/b:1"


def test_beside_a_digest_the_tag_is_nothing() -> None:
    by_both = order(f"quay.io/a/b:1@{OTHER}")
    assert by_both.names == (f"quay.io/a/b@{OTHER}",)
    assert by_both.asked == f"quay.io/a/b@{OTHER}"


def entry(*before: str) -> Entry:
    return Entry(
        runtime="containerd",
        names=list(order("q.io/a:1").names),
        config_digest=CONFIG,
        before=list(before),
    )


def held(*names: str, config: str = CONFIG) -> Held:
    tags, digests = ([n for n in names if "@" not in n], [n for n in names if "@" in n])
    return Held(id=config, repo_tags=tags, repo_digests=digests)


@pytest.mark.parametrize(
    ("before", "present", "names"),
    [
        # nothing was there: every name and the id go
        ((), [held("q.io/a:1", f"q.io/a@{DIGEST}")], ["q.io/a:1", f"q.io/a@{DIGEST}", CONFIG]),
        # it was there just so: nothing goes
        ((CONFIG, "q.io/a:1", f"q.io/a@{DIGEST}"), [held("q.io/a:1", f"q.io/a@{DIGEST}")], []),
        # it was there under another name: that one and the id stay
        (
            (CONFIG, "r.io/z:9"),
            [held("r.io/z:9", "q.io/a:1", f"q.io/a@{DIGEST}")],
            ["q.io/a:1", f"q.io/a@{DIGEST}"],
        ),
        # somebody else named it in between: the id is theirs too
        ((), [held("q.io/a:1", "r.io/z:9")], ["q.io/a:1"]),
        # other images are nobody's business
        ((), [held("q.io/other:1", config=OTHER)], []),
        # the tag moved while it was pulled: what came under it goes
        ((), [held("q.io/a:1", f"q.io/a@{OTHER}", config=OTHER)], ["q.io/a:1", f"q.io/a@{OTHER}", OTHER]),
    ],
)
def test_only_what_the_pull_added_is_taken_away(before: tuple[str, ...], present: list[Held], names: list[str]) -> None:
    assert added(entry(*before), present) == names


def test_a_port_is_no_tag() -> None:
    one = Entry(runtime="containerd", names=[f"q.io:5000/a@{DIGEST}"], config_digest=CONFIG)
    assert added(one, [held("q.io:5000/a:2")]) == ["q.io:5000/a:2", CONFIG]


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("", "it failed without a word"),
        ("warn\nlevel=fatal msg=x\n\n", "level=fatal msg=x"),
        ("Get https://u:pw@q.io/: EOF", "Get https://***@q.io/: EOF"),
    ],
)
def test_the_last_line_is_what_a_program_meant(stderr: str, words: str) -> None:
    assert last_words(stderr) == words


def test_evidence_is_json_like() -> None:
    import json

    pulls: tuple[Any, ...] = (GOOD, Pull("podman", refused="no"))
    assert json.dumps(judge(Observation(pulls), SETTINGS).evidence)
