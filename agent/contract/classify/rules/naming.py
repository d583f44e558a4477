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
        needle="parse|parsing|tag",
        pattern=r"(?:couldn't|could not|failed to|unable to) parse (?:image )?(?:reference|name)|error parsing "
        r"(?:image )?reference|"
        r"parsing (?:named )?reference|is not a valid repository/tag",
        by="kubelet, Docker, containers/image, crane",
        example='couldn\'t parse image reference "A"',
        weight=WORDS,
    ),
    Rule(
        cause="invalid_reference",
        needle="invalid",
        pattern=r"invalid (?:image (?:name|reference)|tag format|checksum digest (?:length|format)|digest format)|"
        r"tag_invalid",
        by="github.com/distribution/reference, go-digest",
        example="invalid checksum digest length",
        weight=WORDS,
    ),
    Rule(
        cause="short_name_ambiguous",
        needle="short",
        pattern=r"short[- ]name (?:resolution enforced but cannot prompt without a tty|mode is enforcing)"
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
)
