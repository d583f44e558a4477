"""Pods wait for their images: their symptoms are joined to what explains them."""

from datetime import timedelta

from agent.contract.report import Pod
from agent.contract.result import Window
from tests.scenario.five_nodes import APP_1, AT, BLOBS, CART, ONE, fleet, report, said, when

GONE = 'Failed to pull image "one.lab/team/app:1": manifest unknown'
REFUSED = "failed to pull and unpack image: dial tcp 10.0.0.1:443: connect: connection refused"


def pod(name: str, node: str | None, image: str, message: str = "", reason: str = "ImagePullBackOff") -> Pod:
    since = AT - timedelta(minutes=3)
    return Pod(namespace="shop", name=name, node=node, image=image, reason=reason, message=message, since=since)


def test_a_pod_is_named_by_the_finding_that_explains_it() -> None:
    told = report(
        fleet(when("image_not_found", checks="manifest", target=APP_1)), [pod("cart-1", "node-2", APP_1, GONE)]
    )
    assert said(told) == [("image_not_found", "cluster", f"image {APP_1}", "1 2 3 4 5")]
    assert told.findings[0].pods == ["shop/cart-1"]


def test_a_pod_that_suffers_from_a_host_is_evidence_of_the_host() -> None:
    told = report(fleet(when("connect_refused", checks="tcp", target=BLOBS)), [pod("cart-1", "node-2", CART, REFUSED)])
    assert [finding.pods for finding in told.findings] == [["shop/cart-1"]]


def test_a_pod_whose_message_says_nothing_is_explained_by_its_node() -> None:
    told = report(fleet(when("disk_full", nodes=["node-1"], checks="disk")), [pod("cart-1", "node-1", CART)])
    assert said(told) == [("disk_full", "node", "all", "1")]
    assert told.findings[0].pods == ["shop/cart-1"]


def test_a_pod_that_waits_for_an_image_that_is_gone_does_not_bear_out_one_bad_run_of_its_registry() -> None:
    nodes = fleet(when("connection_reset", nodes=["node-2"], checks="registry", target=ONE), Window(10, 1))
    told = report(nodes, [pod("cart-1", "node-2", APP_1, GONE)])
    assert said(told) == [("image_not_found", "node", f"image {APP_1}", "2")]
    unsaid = report(nodes, [pod("cart-1", "node-2", APP_1)])
    assert said(unsaid) == [("connection_reset", "node", f"registry {ONE}", "2")]


def test_a_pod_waits_for_what_was_seen_twice_rather_than_for_one_bad_run() -> None:
    gone = when("image_not_found", nodes=["node-2"], checks="manifest", target=APP_1)
    nodes = fleet(gone, Window(10, 10))
    bad = next(result for result in nodes[1].results if result.key == f"tls {ONE}:443")
    bad.status, bad.cause, bad.since, bad.window = "failed", "connection_reset", AT, Window(10, 1)
    assert said(report(nodes, [pod("cart-1", "node-2", APP_1)])) == [("image_not_found", "node", f"image {APP_1}", "2")]


def test_a_pod_that_no_probe_explains_is_a_finding() -> None:
    told = report(fleet(), [pod("cart-1", "node-2", "quay.io/x/y:1", GONE)])
    assert said(told) == [("image_not_found", "node", "image quay.io/x/y:1", "2")]
    assert (told.findings[0].checks, told.findings[0].since) == ([], AT - timedelta(minutes=3))


def test_pods_on_some_nodes_are_not_the_cluster() -> None:
    told = report(fleet(), [pod(f"cart-{n}", f"node-{n}", "quay.io/x/y:1", GONE) for n in (1, 2)])
    assert said(told) == [("image_not_found", "nodes", "image quay.io/x/y:1", "1 2")]


def test_a_pod_on_a_node_that_does_not_count_is_no_finding() -> None:
    nodes = fleet()
    nodes[1].schedulable = False
    assert said(report(nodes, [pod("cart-1", "node-2", APP_1, GONE), pod("cart-2", None, APP_1, GONE)])) == []


def test_a_pod_that_crashes_is_none_unless_it_is_the_architecture() -> None:
    crash = pod("cart-1", "node-2", APP_1, "back-off restarting failed container", "CrashLoopBackOff")
    wrong = pod("cart-2", "node-3", APP_1, "exec /app: exec format error", "CrashLoopBackOff")
    assert said(report(fleet(), [crash, wrong])) == [("wrong_architecture", "node", f"image {APP_1}", "3")]


def test_the_checklist_counts_them() -> None:
    items = {item.ask: item for item in report(fleet(), [pod("cart-1", "node-2", APP_1, GONE)]).checklist}
    assert (items["no pod waits for its image"].answer, items["no pod waits for its image"].detail) == (
        "no",
        "1 wait: shop/cart-1",
    )


def test_without_pods_it_says_that_nobody_watches() -> None:
    items = {item.ask: item.answer for item in report(fleet()).checklist}
    assert items["no pod waits for its image"] == items["no Failed to pull image events"] == "not watched"


def test_nodes_whose_checks_pass_the_image_are_in_the_denominator() -> None:
    (finding,) = report(fleet(), [pod("cart-1", "node-2", APP_1, GONE)]).findings
    assert (finding.failing, finding.observed) == (1, 5)
