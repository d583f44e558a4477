"""Loose words speak only where nothing else does, and lines of a healthy day stay unknown."""

import re

import pytest

from agent.contract.classify import classify
from agent.contract.classify.rule import LIKELY, Rule
from agent.contract.classify.rules import RULES

INNOCENT = (
    'Back-off pulling image "r.example.com/team/app:1"',
    'Normal BackOff 16m (x2 over 25m) kubelet Back-off pulling image "docker.io/a/denied:timeout"',
    'Container image "r.example.com/a:1" already present on machine',
    'Pulling image "r.example.com/forbidden/not-found:404"',
    'Successfully pulled image "r.example.com/a:1" in 4.6s (4.6s including waiting). Image size: 500 bytes.',
    "Image is up to date for sha256:fc0179a204e2d895c81bf7d0a6333986cc74ddcf84cfc3859fa29c50b112a56f",
    "Status: Downloaded newer image for nginx:latest",
    "Digest: sha256:0e11c388b664df8a27a901dce21eb89f11d8292f7fca1b3e3c4321bf7897bffe",
    "Getting image source signatures",
    "Writing manifest to image destination Storing signatures",
    "Copying blob sha256:cd134db5e982 done",
    "0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 Insufficient memory.",
    "0/5 nodes are available: 3 Insufficient ephemeral-storage, 2 node(s) didn't match Pod's node affinity/selector. "
    "preemption: 0/5 nodes are available: 5 No preemption victims found for incoming pod.",
    "0/1 nodes are available: 1 node(s) didn't match pod affinity rules",
    'pods "a" is forbidden: exceeded quota: compute, requested: cpu=2, used: cpu=3, limited: cpu=4',
    "Successfully assigned shop/cart-7d9 to node-1",
    "Created container app",
    "Started container timeout-app",
    "Back-off restarting failed container app in pod cart-7d9_shop",
    "Stopping container app",
    "Scaled up replica set cart-7d9 to 3",
    "Login Succeeded",
    "user root logged in, token refreshed",
    'time="2026-01-02T03:04:05Z" level=info msg="PullImage \\"r.example.com/a:1\\""',
    "2019/05/08 15:49:46 No matching credentials were found, falling back on anonymous",
    "Waited for 1.2s due to client-side throttling, not priority and fairness",
    "listening on port 5000, 404 pages served, timeout=30s",
    "GET /v2/ HTTP/1.1 200 OK",
    "HTTP code is 500 which indicates error: server error - No command specified",
    "(HTTP code 500) server error - No command specified",
    "API error (500): No command specified",
    "pull policy is IfNotPresent",
    "removed 3 unused layers",
    "certificate rotation finished",
    "proxy mode: iptables",
    "the image was signed by cosign",
    "registry r.example.com is up",
    "ErrImagePull",
    "ImagePullBackOff",
    'Successfully pulled image "r.example.com/a/error:500" in 4.2s',
    'Back-off pulling image "error:500"',
    'Pulling image "not found"',
    'container "denied" in pod "forbidden" is waiting to start: ImagePullBackOff',
    'MountVolume.SetUp failed for volume "token" : secret "regcred" not found',
    'Error: secret "db-password" not found',
    'Error: configmap "tls-config" not found',
    "Error: couldn't find key password in Secret default/db",
    "Error: container create failed: permission denied",
    'OCI runtime create failed: exec: "sh": executable file not found in $PATH',
    "container has runAsNonRoot and image will run as root",
    "pod has unbound immediate PersistentVolumeClaims",
    "deleted 3 images, freed 500 MB",
    "pulled 12 layers, no errors",
    '{"level":"info","msg":"request finished","status":200}',
    "INFO[0003] trying next host",
    'WARN[0000] skipping verifying HTTPS certs for "r.example.com"',
    "Pull complete Verifying Checksum Download complete Already exists",
    "something nobody has ever read",
    "Error: identifier is not a container",
)


LOOSE = [rule for rule in RULES if rule.weight == LIKELY]


@pytest.mark.parametrize("rule", LOOSE, ids=lambda rule: rule.example)
def test_loose_words_keep_quiet_where_another_rule_speaks(rule: Rule) -> None:
    assert classify(rule.example).cause == rule.cause
    assert classify(f"{rule.example}: context canceled").causes == ["cancelled"]
    assert classify(f"toomanyrequests: {rule.example}").causes == ["rate_limited"]


@pytest.mark.parametrize("rule", LOOSE, ids=lambda rule: rule.example)
def test_loose_words_in_a_name_mean_nothing(rule: Rule) -> None:
    name = re.sub(r"[^a-z0-9]+", "-", rule.example.lower())
    assert classify(f'Back-off pulling image "r.example.com/team/{name}:{name[:60]}"').cause == "unknown"


@pytest.mark.parametrize("line", INNOCENT)
def test_a_line_that_tells_of_no_failed_pull_stays_unknown(line: str) -> None:
    assert classify(line).cause == "unknown"
