"""Where a trace for somebody else may go, and which hosts a node's own files name."""

import re
from pathlib import Path

import pytest

from agent.check import Check, Look, Refused
from agent.checks import pull
from agent.contract.reference import parse
from agent.contract.result import ok
from agent.host.named import named
from agent.host.node import Node
from agent.host.root import Root
from agent.host.runtime import Runtime
from agent.probes.guard import Guard, kind_of
from agent.round import Question, Round
from tests.integration.asking import write

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.0.9", "loopback"),
        ("::1", "loopback"),
        ("169.254.0.1", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("febf:ffff::1", "link-local"),
        ("169.254.169.254", "metadata"),
        ("100.100.100.200", "metadata"),
        ("168.63.129.16", "metadata"),
        ("192.0.0.192", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("fd00:ec2::23", "metadata"),
        ("fd20:ce::254", "metadata"),
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "unspecified"),
        ("::", "unspecified"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "broadcast"),
        ("::ffff:127.0.0.1", "loopback"),  # mapped
        ("::ffff:a9fe:a9fe", "metadata"),
        ("::127.0.0.1", "loopback"),  # compatible
        ("::ffff:0:127.0.0.1", "loopback"),  # translated
        ("64:ff9b::169.254.169.254", "metadata"),  # NAT64
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b:1::169.254.169.254", "metadata"),
        ("64:ff9b:1:a9fe:a9:fe00::", "unspecified"),  # its end alone says so
        ("64:ff9b:1:a9fe:a9:fe00:102:304", "metadata"),
        ("2002:7f00:1::1", "loopback"),  # 6to4
        ("2002:a9fe:a9fe::", "metadata"),
        ("2001:0:a9fe:a9fe::1", "metadata"),  # Teredo: its server
        ("2001:0:808:808::80ff:fffe", "loopback"),  # and its client, 127.0.0.1 with every bit turned
        ("2001:db8::5efe:127.0.0.1", "loopback"),  # ISATAP
        ("2001:db8:64::169.254.169.254", "metadata"),  # NAT64 by a prefix of the network's own
        ("nonsense", "no address"),
        ("", "no address"),
    ],
)
def test_nobody_is_sent_to_these_addresses_in_whatever_form(address: str, kind: str) -> None:
    assert kind in (kind_of(address) or "may be asked")


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "8.8.8.8",
        "128.0.0.1",
        "169.253.255.255",
        "2606:4700::1111",
        "fd12:3456::1",
        "2001:db8::7f00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::10.1.2.3",
        "::ffff:10.0.0.1",
        "2002:808:808::1",
    ],
)
def test_other_addresses_may_be_asked(address: str) -> None:
    assert kind_of(address) is None


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST.", "a.localhost", "metadata.google.internal", "instance-data"),
        *("127.1", "0x7f000001", "2130706433", "0177.0.0.1", "[::1]", "::ffff:127.0.0.1", "169.254.43518"),
    ],
)
def test_a_host_that_is_such_a_place_by_itself_is_refused_unresolved(host: str) -> None:
    """A proxy would resolve it, and may read more forms of an address than this process does."""
    assert Guard().refusal(host, 443, ()) is not None


def test_a_name_is_refused_when_one_of_its_addresses_is() -> None:
    refusal = Guard().refusal("quay.io", 443, ("10.0.0.1", "169.254.169.254"))
    assert refusal is not None
    assert refusal.startswith("quay.io is 169.254.169.254, which is a cloud's metadata address")
    assert Guard().refusal("quay.io", 443, ("10.0.0.1",)) is None


def test_what_is_named_may_be_asked_at_that_port_and_no_other() -> None:
    guard = Guard(frozenset({("mirror.node", 5000), ("::1", 5000)}))
    assert guard.refusal("Mirror.node.", 5000, ("127.0.0.1",)) is None
    assert guard.refusal("[0:0::1]", 5000, ("::1",)) is None
    assert guard.refusal("mirror.node", 5001, ("127.0.0.1",)) is not None
    assert guard.refusal("127.0.0.1", 5000, ("127.0.0.1",)) is not None


CERTS = "/etc/containerd/certs.d"
CONTAINERD = f'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "{CERTS}"\n'
OLD = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.mirrors."*"]\nendpoint = ["http://127.0.0.1:5000"]\n'
IMAGE = "127.0.0.1:6000/team/app:1"


@pytest.mark.parametrize(
    ("runtime", "files", "image", "expected"),
    [
        ("containerd", {}, IMAGE, set()),
        (None, {}, IMAGE, set()),
        (
            "containerd",
            {f"{CERTS}/quay.io/hosts.toml": 'server = "https://quay.io"\n[host."http://127.0.0.1:5000"]\n'},
            "quay.io/team/app:1",
            {("127.0.0.1", 5000), ("quay.io", 443)},
        ),
        (
            "containerd",
            {f"{CERTS}/_default/hosts.toml": '[host."http://127.0.0.1:5000"]\n'},
            IMAGE,
            {("127.0.0.1", 5000)},
        ),
        ("containerd", {f"{CERTS}/127.0.0.1:6000/hosts.toml": "\n[host]\n"}, IMAGE, {("127.0.0.1", 6000)}),
        ("containerd", {f"{CERTS}/127.0.0.1_6000_/hosts.toml": "\n[host]\n"}, IMAGE, {("127.0.0.1", 6000)}),
        ("containerd", {f"{CERTS}/127.0.0.1:6000/hosts.toml": "broken ["}, IMAGE, set()),
        ("containerd", {"/etc/containerd/config.toml": OLD}, IMAGE, {("127.0.0.1", 5000)}),
        (
            "podman",
            {"/etc/containers/registries.conf": '[[registry]]\nprefix = "quay.io"\nlocation = "localhost:5000/quay"\n'},
            "quay.io/team/app:1",
            {("localhost", 5000)},
        ),
        (
            "podman",
            {"/etc/containers/registries.conf": '[[registry]]\nlocation = "127.0.0.1:6000"\n'},
            IMAGE,
            {("127.0.0.1", 6000)},
        ),
        (
            "podman",
            {"/etc/containers/registries.conf": '[[registry]]\nprefix = "*.1"\ninsecure = true\n'},
            "169.254.169.1/team/app:1",
            set(),
        ),
        (
            "podman",
            {"/etc/containers/registries.conf": '[[registry]]\nlocation = "127.0.0.1:6000"\nblocked = true\n'},
            IMAGE,
            set(),
        ),
        ("docker", {"/etc/docker/daemon.json": {"insecure-registries": ["127.0.0.0/8"]}}, IMAGE, set()),
        (
            "docker",
            {"/etc/docker/daemon.json": {"insecure-registries": ["127.0.0.1:6000"]}},
            IMAGE,
            {("127.0.0.1", 6000)},
        ),
        (
            "docker",
            {"/etc/docker/daemon.json": {"registry-mirrors": ["http://localhost"]}},
            "docker.io/library/app:1",
            {("localhost", 80)},
        ),
    ],
)
def test_the_runtimes_own_files_name_a_host_and_a_rule_for_all_names_none(
    tmp_path: Path, runtime: str | None, files: dict[str, str], image: str, expected: set[tuple[str, int]]
) -> None:
    if runtime == "containerd":
        write(tmp_path, "/etc/containerd/config.toml", CONTAINERD)
    write(tmp_path, "/etc/containers/policy.json", {"default": [{"type": "insecureAcceptAnything"}]})
    for path, content in files.items():
        write(tmp_path, path, content)
    assert named(Node(Root(tmp_path), runtime, "node-1"), parse(image)) == expected


async def test_a_guarded_real_pull_is_made_only_after_the_whole_way_was_walked(tmp_path: Path) -> None:
    """A runtime follows redirects by itself: it is not sent where this round was led astray."""

    async def well(target: str, look: Look) -> None:
        del target, look

    async def astray(target: str, look: Look) -> None:
        raise Refused(target)

    def find(name: str) -> Check:
        if name == "pull":
            return pull.CHECK
        return Check(name, astray if name == "layer" else well, lambda seen, settings: ok())

    node = Node(Root(tmp_path), None, "node-1")
    node.__dict__["runtimes"] = (Runtime("containerd", socket="/run/containerd/containerd.sock", found=True),)
    image = "quay.io/team/app:1"
    results = await Round(node, {}, guard=Guard(), find=find).ask([Question("pull", image)])
    told = {result.key: result for result in results}
    assert told[f"layer {image}"].detail == f"refused: {image}"
    assert (told[f"pull {image}"].status, told[f"pull {image}"].blocked_by) == ("skipped", f"layer {image}")


def test_every_connection_is_made_where_the_guard_was_asked() -> None:
    """Whoever dials anew must ask it: a redirect, a token realm and a proxy all come through these."""
    dials = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "agent").rglob("*.py")
        if re.search(r"\b(tcp\.)?dial\(|open_connection\(|create_connection\(", path.read_text())
    }
    assert dials == {"agent/checks/tcp.py", "agent/distribution/detour.py", "agent/probes/tcp.py"}
