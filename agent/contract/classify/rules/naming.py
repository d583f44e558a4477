"""Names that can be no image, or any."""

from agent.contract.classify.rule import WORDS, Rule

RULES = (
    Rule(
        cause="invalid_reference",
        needle="reference format",
        pattern=r"invalid reference format(?:: [^\"\];]{1,120})?",
        by="github.com/distribution/reference",
        example="docker: invalid reference format: repository name must be lowercase",
    ),
    Rule(
        cause="invalid_reference",
        needle="repository name",
        pattern=r"repository name must (?:be (?:lowercase|canonical)|not be more than|have at least)|invalid "
        r"repository name",
        by="github.com/distribution/reference, Docker",
        example="repository name must be canonical",
    ),
    Rule(
        cause="invalid_reference",
        needle="invalidimagename",
        by="kubelet's reason",
        example="InvalidImageName",
        weight=WORDS,
    ),
    Rule(
        cause="invalid_reference",
        needle="couldn|not a valid|not parse|parsing|to parse",
        pattern=r"(?:couldn't|could not|failed to|unable to) parse (?:image )?(?:reference|name)|error parsing "
        r"(?:image )?reference|"
        r"parsing (?:named )?reference|is not a valid repository/tag",
        by="kubelet, Docker, containers/image, crane",
        example='couldn\'t parse image reference "A"',
        weight=WORDS,
    ),
    Rule(
        cause="invalid_reference",
        needle="checksum digest|digest format|invalid image|tag format|tag_invalid",
        pattern=r"invalid (?:image (?:name|reference)|tag format|checksum digest (?:length|format)|digest format)|"
        r"tag_invalid",
        by="github.com/distribution/reference, go-digest",
        example="invalid checksum digest length",
        weight=WORDS,
    ),
    Rule(
        cause="short_name_ambiguous",
        needle="short",
        pattern=r"short[- ]name (?:resolution enforced(?: but cannot prompt without a tty)?|mode is enforcing)"
        r"|short-name \"[^\s\"]{1,300}\" did not resolve to an alias[^;\]]{0,160}",
        by="containers/image, CRI-O",
        example='short-name "a/b:1" did not resolve to an alias and no unqualified-search registries are defined',
    ),
    Rule(
        cause="short_name_ambiguous",
        needle="ambiguous list",
        pattern=r"returns ambiguous list",
        by="CRI-O",
        example="image name a/b:1 returns ambiguous list",
    ),
    Rule(
        cause="short_name_ambiguous",
        needle="unqualified",
        pattern=r"no unqualified-search registries are defined|unqualified[- ]search registries",
        by="containers/image",
        example='no unqualified-search registries are defined in "/etc/containers/registries.conf"',
        weight=WORDS,
    ),
    Rule(
        cause="invalid_reference",
        needle="invalid reference: ",
        pattern=r"invalid reference: (?:invalid (?:repository|tag|digest|registry)|missing (?:repository|registry))"
        r"[^\";\]]{0,120}",
        by="ORAS",
        example='invalid reference: invalid repository "Team/App"',
    ),
    Rule(
        cause="invalid_reference",
        needle="authorities|characters|not parse",
        pattern=r"could not parse reference|(?:repository|tag) can only contain the characters|(?:repository|tag) must "
        r"be "
        r"between \d{1,3} and \d{1,3} characters in length|registries must be valid rfc 3986 uri authorities",
        by="go-containerregistry: crane, kaniko, ko",
        example="could not parse reference: r.example.com/A:1",
    ),
    Rule(
        cause="invalid_reference",
        needle="apply default image tag",
        pattern=r"failed to apply default image tag",
        by="kubelet, why follows",
        example='Failed to apply default image tag "A": odd',
        weight=WORDS,
    ),
    Rule(
        cause="invalid_reference",
        needle="transport:reference|invalid source name",
        pattern=r"expected colon-separated transport:reference|invalid source name",
        by="skopeo",
        example='Invalid source name a: Invalid image name "a", expected colon-separated transport:reference',
    ),
    Rule(
        cause="invalid_reference",
        needle="tag and a digest|tag and digest",
        pattern=r"references with both a tag and digest are currently not supported|cannot (?:have|use) both a tag and "
        r"a "
        r"digest",
        by="containers/image",
        example="Docker references with both a tag and digest are currently not supported",
    ),
    Rule(
        cause="invalid_reference",
        needle="digest algorithm|namespace name|object|should not",
        pattern=r"base name \([^)\s]{1,300}\) should not be blank|invalid namespace name|object required|unsupported "
        r"digest algorithm",
        by="BuildKit, old Docker, containerd, go-digest",
        example="base name (${IMAGE}) should not be blank",
    ),
    Rule(
        cause="short_name_ambiguous",
        needle="is a short name",
        pattern=r"image name provided is a short name and no search registries are defined",
        by="podman and buildah up to 2.x",
        example="image name provided is a short name and no search registries are defined in the registries config "
        "file",
    ),
    Rule(
        cause="invalid_reference",
        needle="strict validation requires",
        pattern=r"strict validation requires the (?:registry|full repository path|tag|identifier) to be "
        r"(?:explicitly defined|given)",
        by="go-containerregistry: kaniko",
        example="a:1 strict validation requires the registry to be explicitly defined",
    ),
)
