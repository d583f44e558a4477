"""Images that are not there: no such tag, no such repository."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="image_not_found",
        needle="manifest",
        pattern=r"(?:manifest unknown|manifest_unknown|manifest tagged by [^\";]{1,200} is not found|named "
        r"manifest is not known|"
        r"manifest[:,.]{0,3} (?:not found|does not exist|invalid reference)|no such manifest)",
        by="containers/image; distribution's error code in every client",
        example="reading manifest 1.0 in docker.io/library/a: manifest unknown",
    ),
    Rule(
        cause="image_not_found",
        needle="manifest for",
        pattern=r"manifest for [^\s\"]{1,400} not found",
        by="Docker",
        example="manifest for a/b:latest not found: manifest unknown: manifest unknown",
    ),
    Rule(
        cause="image_not_found",
        needle="name",
        pattern=r"(?:name unknown|name_unknown|repository name not known to registry|"
        r"the repository with name '[^']{1,300}' does not exist)",
        by="distribution's error code; ECR",
        example="name unknown: The repository with name 'a' does not exist in the registry with id '1'",
    ),
    Rule(
        cause="invalid_reference",
        needle="invalid repository name|name invalid|name_invalid",
        pattern=r"name invalid(?:: [^\";\]]{3,120})?|name_invalid(?:: [^\";\]]{3,120})?|(?<=\")invalid repository name",
        by="distribution's error code; Docker Hub, Artifact Registry",
        example="NAME_INVALID: Missing image name. Pushes should be of the form docker push HOST/PROJECT/REPOSITORY",
        weight=WORDS,
    ),
    Rule(
        cause="image_not_found",
        needle="statusnotfound",
        pattern=r"response was http\.statusnotfound",
        by="containerd 1.2-2.0, between two hosts",
        example="trying next host - response was http.StatusNotFound",
        weight=WORDS,
    ),
    Rule(
        cause="image_not_found",
        needle="not found",
        pattern=r"(?:failed to resolve (?:reference|image)|failed to pull and unpack image)[: ][^;\]]{1,800}?[: "
        r"]not found",
        by="containerd",
        example='failed to resolve reference "r.example.com/a:1": r.example.com/a:1: not found',
        weight=HINT,
    ),
    Rule(
        cause="image_not_found",
        needle="not found",
        pattern=r"(?:repository|repo|image|tag|reference)(?: [^\s\"]{1,300}| \"[^\s\"]{1,300}\")? (?:was )?not found"
        r"(?: in repository)?",
        by="Docker, Nexus, Artifactory, Harbor",
        example="repository r.example.com/a not found: does not exist or no pull access",
        weight=WORDS,
    ),
    Rule(
        cause="image_not_found",
        needle="project",
        pattern=r"(?:unauthorized: |unknown: |denied: )?project '?[^\s'\"]{1,200}'? not found(?: or deleted)?",
        by="Google Container Registry, Harbor",
        example="unknown: Project 'project:a' not found or deleted.",
    ),
    Rule(
        cause="image_not_found",
        needle="deleted|deprecated",
        pattern=r"tag [^\s\"]{1,130} was deleted or has expired|container registry is deprecated and shutting down",
        by="quay; Google Container Registry since 2025",
        example="Tag 1.0 was deleted or has expired. To pull, revive via time machine",
    ),
    Rule(
        cause="image_not_found",
        needle="entity was not found",
        pattern=r"requested entity was not found",
        by="Google Artifact Registry",
        example="manifest unknown: Requested entity was not found.",
        weight=WORDS,
    ),
    Rule(
        cause="image_not_found",
        needle="imagenotfoundexception|repositorynotfoundexception|requested image",
        pattern=r"imagenotfoundexception|repositorynotfoundexception|requested image not found",
        by="Amazon ECR",
        example="RepositoryNotFoundException: The repository with name 'a' does not exist in the registry",
        weight=WORDS,
    ),
    Rule(
        cause="image_not_found",
        needle="defined in|the indexed",
        pattern=r"could not find repository on any of the indexed registries|unable to find image in the registries "
        r"defined in",
        by="Docker 1.x, podman 0.x",
        example="Could not find repository on any of the indexed registries.",
        weight=HINT,
    ),
    Rule(
        cause="image_not_found",
        needle="not found",
        pattern=r"artifact [^\s\"]{1,300} not found|failed to fetch \"[^\s\"]{1,300}\" [^;\"]{0,80}not found|"
        r"(?<=: )not found",
        by="Harbor; containerd's errdefs at the end of a chain",
        example="unknown: artifact library/a:1 not found",
        weight=HINT,
    ),
    Rule(
        cause="image_not_found",
        needle="no such image",
        by="Docker",
        example="Error response from daemon: No such image: a:1",
        weight=WORDS,
    ),
    Rule(
        cause="image_not_found",
        needle="does not exist",
        pattern=r"(?:tag|repository|image|project)(?: [^\s\"]{1,300})? does not exist(?! or may)",
        by="several registries",
        example="tag 1.0 does not exist",
        weight=HINT,
    ),
    Rule(
        cause="image_not_found",
        needle="code = notfound",
        pattern=r"code = notfound",
        by="gRPC's code alone",
        example="rpc error: code = NotFound desc = truncated",
        weight=HINT,
    ),
    Rule(
        cause="image_never_pulled",
        needle="errimageneverpull",
        by="kubelet",
        example="is waiting to start: ErrImageNeverPull",
    ),
    Rule(
        cause="image_never_pulled",
        needle="pull policy of never",
        pattern=r"is not present with pull policy of never",
        by="kubelet",
        example='Container image "a:1" is not present with pull policy of Never',
    ),
    Rule(
        cause="image_not_found",
        needle="image not known",
        pattern=r"no such image \"?[^\s\"]{1,400}\"?(?: in registry)?: image not known",
        by="buildah 0.x-1.10",
        example='creating build container: no such image "r.example.com/a:1" in registry: image not known',
    ),
)
