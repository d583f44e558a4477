"""Images for another machine."""

from agent.contract.classify.rule import WORDS, Rule

RULES = (
    Rule(
        cause="wrong_architecture",
        needle="no match for platform",
        pattern=r"no match for platform in manifest(?: [^\s\"]{1,140}?)?(?:: not found)?",
        by="containerd 1.3-2.x",
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
        needle="for architecture|index for|list for platform",
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
    Rule(
        cause="wrong_architecture",
        needle="found for platform",
        pattern=r"no manifest found for platform",
        by="containerd 2.x",
        example="failed to pull: no manifest found for platform: not found",
    ),
    Rule(
        cause="wrong_architecture",
        needle="requested platform",
        pattern=r"requested platform\(s\) \([^)]{1,200}\) (?:not found|found, but)|no images providing the requested "
        r"platform\(s\) found",
        by="Docker 28+, containerd image store",
        example="no images providing the requested platform(s) found: linux/s390x",
    ),
    Rule(
        cause="wrong_architecture",
        needle="cannot load|operating",
        pattern=r"cannot load (?:windows|linux|[a-z0-9]{2,12}) image on (?:linux|windows)|operating system is not "
        r"supported|the container operating system does not match the host operating system",
        by="Docker; Windows, 0xc0370101",
        example="cannot load windows image on linux",
    ),
    Rule(
        cause="wrong_architecture",
        needle="based image is incompatible",
        pattern=r"a windows version [0-9.]{3,20}-based image is incompatible with a [0-9.]{3,20} host",
        by="Docker on Windows",
        example="a Windows version 10.0.20348-based image is incompatible with a 10.0.17763 host",
    ),
    Rule(
        cause="wrong_architecture",
        needle="rosetta error|could not open",
        pattern=r"rosetta error: failed to open elf at|qemu-(?:x86_64|aarch64|arm|i386|s390x|ppc64le)(?:-static)?: "
        r"could "
        r"not open",
        by="Docker Desktop, QEMU: another machine's program without its loader",
        example="rosetta error: failed to open elf at /lib64/ld-linux-x86-64.so.2",
    ),
    Rule(
        cause="wrong_architecture",
        needle="does not support platform",
        pattern=r"snapshotter [a-z0-9.-]{1,40} does not support platform",
        by="containerd 2.x",
        example="snapshotter erofs does not support platform windows/amd64 for image r.example.com/a:1",
    ),
    Rule(
        cause="wrong_architecture",
        needle="descriptor matching platform",
        pattern=r"(?:image )?manifest does not contain descriptor matching platform",
        by="Amazon ECS",
        example="CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/amd64'",
    ),
    Rule(
        cause="wrong_architecture",
        needle="no match for current platform",
        pattern=r"no match for current platform(?: [^\s\"]{1,60})?(?: in manifest(?: [^\s\"]{1,140}?)?)?"
        r"(?:: not found)?",
        by="containerd 1.2",
        example="no match for current platform linux/arm/v7 in manifest sha256:00: not found",
    ),
)
