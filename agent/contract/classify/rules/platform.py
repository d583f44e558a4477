"""Images for another machine."""

from agent.contract.classify.rule import WORDS, Rule

RULES = (
    Rule(
        cause="wrong_architecture",
        needle="no match for platform",
        pattern=r"no match for platform in manifest(?: [^\s\"]{1,140}?)?(?:: not found)?",
        by="containerd",
        example="no match for platform in manifest sha256:00: not found",
    ),
    Rule(
        cause="wrong_architecture",
        needle="no matching manifest",
        pattern=r"no matching manifest for [^\"\];]{1,120}",
        by="Docker",
        example="no matching manifest for linux/arm64/v8 in the manifest list entries",
    ),
    Rule(
        cause="wrong_architecture",
        needle="no image found",
        pattern=r"no image found in (?:manifest list|image index) for (?:architecture|platform) [^;\]]{1,80}",
        by="containers/image",
        example='no image found in manifest list for architecture arm64, variant "v8", OS linux',
    ),
    Rule(
        cause="wrong_architecture",
        needle="exec format error",
        by="execve, ENOEXEC",
        example="exec /app: exec format error",
    ),
    Rule(
        cause="wrong_architecture",
        needle="mismatch",
        pattern=r"(?:image )?(?:architecture|os|platform) mismatch(?:: image uses [^;]{1,60})?",
        by="containers/image",
        example='Image architecture mismatch: image uses "amd64", expecting "arm64"',
    ),
    Rule(
        cause="wrong_architecture",
        needle="platform",
        pattern=r"(?:does not match the (?:specified|detected host|expected) platform|does not provide the "
        r"specified platform|"
        r"cannot be used on this platform|no child with platform [^\s\"]{1,60}|no matching image found for platform|"
        r"platform [^\s\"]{1,60} (?:is )?not supported|unsupported platform|could not find (?:a )?platform)",
        by="Docker, crane, containerd",
        example="image with reference a was found but does not provide the specified platform (linux/arm64)",
    ),
    Rule(
        cause="wrong_architecture",
        needle="diffids",
        pattern=r"failed to get image diffids: manifest [^\s\"]{1,140}: not found",
        by="containerd 1.1: the index's variant is not there",
        example="failed to get image information: failed to get image diffIDs: manifest sha256:00: not found",
        weight=WORDS,
    ),
)
