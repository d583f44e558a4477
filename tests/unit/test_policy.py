import json
from pathlib import Path
from typing import Any

import pytest

from agent.host.fault import Fault
from agent.host.policy import check
from agent.host.root import HostFileError, Root

ACCEPT, REJECT = [{"type": "insecureAcceptAnything"}], [{"type": "reject"}]


def node(folder: Path, policy: Any) -> Root:
    place = folder / "etc/containers/policy.json"
    place.parent.mkdir(parents=True)
    place.write_text(policy if isinstance(policy, str) else json.dumps(policy))
    return Root(folder)


def test_no_policy_forbids_nothing(tmp_path: Path) -> None:
    check(Root(tmp_path), "quay.io", "team/app")


@pytest.mark.parametrize("scope", ["quay.io/team/app", "quay.io/team", "quay.io", "*.io", ""])
def test_the_named_scope_wins_over_the_default(scope: str, tmp_path: Path) -> None:
    check(node(tmp_path / "a", {"default": REJECT, "transports": {"docker": {scope: ACCEPT}}}), "quay.io", "team/app")
    root = node(tmp_path / "b", {"default": ACCEPT, "transports": {"docker": {scope: REJECT}}})
    with pytest.raises(Fault, match="rejected") as caught:
        check(root, "quay.io", "team/app")
    assert caught.value.cause == "policy_blocked"


def test_the_default_counts_where_no_scope_is_named(tmp_path: Path) -> None:
    root = node(tmp_path, {"default": REJECT, "transports": {"docker": {"quay.io/other": ACCEPT}}})
    with pytest.raises(Fault, match="default"):
        check(root, "quay.io", "team/app")


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", "{}", '{"default": []}', '{"default": [{}], "transports": 5}', "[" * 9999]
)
def test_a_broken_policy_is_said_with_its_file(broken: str, tmp_path: Path) -> None:
    with pytest.raises(HostFileError, match=r"/etc/containers/policy\.json"):
        check(node(tmp_path, broken), "quay.io", "team/app")
