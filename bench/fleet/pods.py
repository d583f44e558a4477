"""Pods that wait for their images: symptoms of what the agents see, and now and then of what no probe sees."""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

from agent.contract.report import Pod, Subject
from bench.fleet.agent import Seen
from bench.fleet.truth import Expected
from bench.fleet.world import AT, World

BACK_OFF = 'Back-off pulling image "{image}"'
SAID = {  # what Kubernetes writes for a cause
    "image_not_found": 'failed to resolve reference "{image}": {image}: not found',
    "auth_failed": "failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized",
    "rate_limited": "429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit",
    "connect_refused": "dial tcp 192.0.2.10:443: connect: connection refused",
    "connect_timeout": "dial tcp 192.0.2.10:443: i/o timeout",
    "dns_failed": "dial tcp: lookup {host}: no such host",
    "tls_untrusted": "tls: failed to verify certificate: x509: certificate signed by unknown authority",
}


def draw(
    world: World, walks: Mapping[str, Sequence[Seen]], expected: list[Expected], chance: random.Random
) -> list[Pod]:
    """Draw pods; one that fails for a reason of its own is put into the truth."""
    found = [pod for node, seen in walks.items() if (pod := _waiting(node, seen, chance)) is not None]
    del found[chance.randint(1, 20) :]
    if walks and chance.random() < 0.15:
        node = chance.choice(sorted(walks))
        registry = chance.choice(world.registries).name
        if any(one.result.status != "ok" for one in walks[node] if registry in one.result.registries):
            return found  # what fails there already might explain it
        image = f"{registry}/private/job:v{chance.randint(1, 9)}"
        found.append(_pod(node, image, "image_not_found", chance))
        subject = Subject(kind="image", value=image)
        expected.append(Expected({"pod alone"}, "image_not_found", subject, {node}, ["node"]))
    return found


def _waiting(node: str, seen: Sequence[Seen], chance: random.Random) -> Pod | None:
    """Give a pod that waits because of what the node's agent sees on the way to an image, if it does."""
    failing = {one.result.key: one.result for one in seen if one.result.status == "failed" and one.fault}
    for one in seen:
        if one.result.check != "manifest" or chance.random() < 0.5:
            continue
        low = failing.get(one.result.blocked_by or "") or (one.result if one.result.key in failing else None)
        if low is not None and low.cause in SAID:
            return _pod(node, one.result.target, str(low.cause), chance)
    return None


def _pod(node: str, image: str, cause: str, chance: random.Random) -> Pod:
    host = image.partition("/")[0]
    message = BACK_OFF if chance.random() < 0.3 and cause != "image_not_found" else SAID.get(cause, BACK_OFF)
    return Pod(
        namespace="shop",
        name=f"pod-{chance.randrange(16**5):05x}",
        node=node,
        image=image,
        reason=chance.choice(("ErrImagePull", "ImagePullBackOff")),
        message=message.format(image=image, host=host),
        since=AT - timedelta(seconds=chance.uniform(30, 900)),
    )
