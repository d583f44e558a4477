"""What a registry says: its limits, its images, its credentials, its content."""

from agent.contract.causes.cause import ARCH, AUTH, MISSING, NETWORK, RATE, Cause

CAUSES = (
    Cause(
        id="rate_limited",
        title="the registry's pull rate limit is used up",
        meaning="The registry answers 429, or says that no pulls are left for this source in this window.",
        transient=True,
        summary="Pull with credentials, through a mirror, or wait for the window to pass.",
        steps=(
            "oc extract secret/pull-secret -n openshift-config --to=- > /tmp/ps.json",
            "docker login {registry}",
            "jq -s '.[0] * .[1]' /tmp/ps.json ~/.docker/config.json > /tmp/merged.json",
            "oc set data secret/pull-secret -n openshift-config --from-file=.dockerconfigjson=/tmp/merged.json",
            "rm /tmp/ps.json /tmp/merged.json",
            "or mirror the image: skopeo copy docker://{image} docker://YOUR-REGISTRY/IMAGE",
        ),
        see=RATE,
    ),
    Cause(
        id="image_not_found",
        title="the image does not exist in its registry",
        meaning="The registry knows no such repository or tag, or hides it from who may not read it.",
        summary="Correct the name or the tag, or push the image again.",
        steps=(
            "skopeo list-tags docker://{repository}",
            "kubectl get pods -A -o jsonpath='{{..image}}' | tr ' ' '\\n' | grep -F '{repository}'",
            "kubectl set image deployment/NAME CONTAINER={repository}:TAG  # the corrected name",
        ),
        see=MISSING,
    ),
    Cause(
        id="auth_failed",
        title="the registry refuses this node's credentials, or there are none",
        meaning="401 or 403 of registry or token service, or a client certificate is demanded that the node has not.",
        summary="Give the node or the pod credentials that may read this repository.",
        steps=(
            "skopeo inspect --no-tags docker://{image}  # with and without credentials",
            "kubectl get secret -n NAMESPACE --field-selector type=kubernetes.io/dockerconfigjson",
            "kubectl create secret docker-registry NAME -n NAMESPACE --docker-server={registry} --docker-username=USER",
            "name it in the pod: spec.imagePullSecrets, or in the service account",
        ),
        see=AUTH,
    ),
    Cause(
        id="registry_unavailable",
        title="the registry does not serve",
        meaning="5xx, an HTTP answer that does not come in time, or nonsense instead of an answer.",
        transient=True,
        summary="Look at the registry's or the token service's own health.",
        steps=("curl -sv https://{host}:{port}/v2/ -o /dev/null", "look at the registry's status page and logs"),
        see=NETWORK,
    ),
    Cause(
        id="blob_unavailable",
        title="the manifest is there, but its layers cannot be fetched",
        meaning="The registry or the blob host (CDN, object store) that it redirects to refuses or does not answer.",
        transient=True,
        summary="Open the way to the blob host; check the storage behind the registry.",
        steps=("curl -svL https://{host}:{port}/v2/ -o /dev/null", "allow the blob host in egress firewall and proxy"),
        see=NETWORK,
    ),
    Cause(
        id="digest_mismatch",
        title="the content is not what its digest says",
        meaning="A manifest or layer arrives damaged or changed: storage, proxy or cache.",
        summary="Purge the cache or proxy in between, or push the image again.",
        steps=("skopeo copy docker://{image} dir:/tmp/check  # verifies every digest",),
        see=NETWORK,
    ),
    Cause(
        id="unsupported_media_type",
        title="the manifest is of a kind that the runtime does not read",
        meaning="Schema 1, an artifact that is no image, or an unknown media type.",
        summary="Push the image again as OCI or Docker schema 2.",
        steps=("skopeo inspect --raw docker://{image}", "skopeo copy --format oci docker://{image} docker://{image}"),
        see=MISSING,
    ),
    Cause(
        id="wrong_architecture",
        title="there is no image for this node's platform",
        meaning="The index names no manifest for the node's platform, or the only one is for another.",
        summary="Build the image for this platform, or keep the pod off these nodes.",
        steps=(
            "docker manifest inspect {image} | jq '.manifests[].platform'",
            "docker buildx build --platform linux/amd64,linux/arm64 --push -t {image} .",
            "or: nodeSelector: kubernetes.io/arch",
        ),
        see=ARCH,
    ),
)
