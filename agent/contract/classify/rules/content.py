"""Content that arrived, and is not what it should be: wrong digest, damaged, of a kind that nobody reads."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="digest_mismatch",
        needle="commit digest",
        pattern=r"unexpected commit digest [^\s,\"]{1,140}, expected [^\s:,\"]{1,20}:[0-9a-f]{1,128}",
        by="containerd",
        example="failed commit on ref: unexpected commit digest sha256:00, expected sha256:11: failed precondition",
    ),
    Rule(
        cause="digest_mismatch",
        needle="size validation",
        pattern=r"failed size validation(?:: \d{1,20} != \d{1,20})?",
        by="containerd",
        example='"layer-sha256:00" failed size validation: 1 != 2: failed precondition',
    ),
    Rule(
        cause="digest_mismatch",
        needle="digest",
        pattern=r"(?:digest did not match|does not match (?:the )?(?:(?:expected|provided|selected) )?(?:manifest )?"
        r"digest|digest mismatch|"
        r"digest does not match|verification failed for digest|digest invalid|digest_invalid|"
        r"provided digest did not match uploaded content|digest verification failed)",
        by="containers/image, Docker, distribution",
        example="Digest did not match, expected sha256:00, got sha256:11",
    ),
    Rule(
        cause="digest_mismatch",
        needle="layers from",
        pattern=r"layers from manifest don't match image configuration",
        by="Docker",
        example="layers from manifest don't match image configuration",
    ),
    Rule(
        cause="digest_mismatch",
        needle="mismatched",
        pattern=r"mismatched image rootfs and manifest layers",
        by="containerd",
        example="mismatched image rootfs and manifest layers",
    ),
    Rule(
        cause="digest_mismatch",
        needle="diff id",
        pattern=r"wrong diff id (?:\"?[a-z0-9]{3,12}:[0-9a-f]{1,128}\"? )?calculated on extraction",
        by="containerd",
        example='wrong diff id calculated on extraction "sha256:00"',
    ),
    Rule(
        cause="digest_mismatch",
        needle="checksum|header",
        pattern=r"archive/tar: invalid tar header|invalid tar header|gzip: invalid (?:checksum|header)|zlib: "
        r"invalid header|invalid checksum(?! digest)",
        by="Go archive/tar and compress",
        example="failed to register layer: Error processing tar file(exit status 1): archive/tar: invalid tar header",
    ),
    Rule(
        cause="digest_mismatch",
        needle="corrupt|corrupted|crc32|unpigz",
        pattern=r"(?:flate: corrupt input[^\";]{0,60}|corrupted? -- crc32 mismatch|crc32 mismatch|corrupt(?:ed)? "
        r"(?:layer|blob|image|data)|"
        r"image is corrupt|unpigz: [^\";]{0,80}corrupt[^\";]{0,40})",
        by="Go compress/flate, pigz",
        example="unpigz: skipping: <stdin>: corrupted -- crc32 mismatch",
    ),
    Rule(
        cause="digest_mismatch",
        needle="magic number",
        pattern=r"(?:magic number mismatch|invalid magic number)",
        by="zstd",
        example="zstd: magic number mismatch",
    ),
    Rule(
        cause="unsupported_media_type",
        needle="media type|mediatype",
        pattern=r"(?:unsupported|unknown|unexpected|invalid|unrecognized) (?:(?:manifest|diff|layer|docker v2s[12]|"
        r"ociv1|"
        r"image config) )?media ?type|"
        r"media ?type \"?[^\s\"]{1,200}\"? (?:is )?(?:not|no longer) supported|media ?type[ :,\"][^\";]{0,60}not "
        r"allowed",
        by="containerd, containers/image, go-containerregistry",
        example='media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported '
        "since containerd v2.1",
    ),
    Rule(
        cause="unsupported_media_type",
        needle="mediatype in manifest",
        pattern=r"mediatype in manifest should be '[^']{1,200}' not '[^']{0,200}'",
        by="Docker",
        example="mediaType in manifest should be 'application/vnd.oci.image.manifest.v1+json' not ''",
    ),
    Rule(
        cause="unsupported_media_type",
        needle="encountered unknown type",
        pattern=r"encountered unknown type [^\s\"]{1,200}",
        by="containerd",
        example="encountered unknown type application/json; children may not be fetched",
        weight=WORDS,
    ),
    Rule(
        cause="unsupported_media_type",
        needle="schema|schema1|schemav1|schemaversion|unsupported",
        pattern=r"(?:unsupported (?:manifest )?schema ?version|schema ?(?:version )?v?1 (?:manifest|image)s? (?:is|"
        r"are|support)|"
        r"schema 1 support|manifest version 2, schema 1|unsupported docker v2s?1)[^\";]{0,80}",
        by="Docker, containerd, containers/image",
        example="[DEPRECATION NOTICE] Docker Image Format v1 and Docker Image manifest version 2, schema 1 "
        "support is disabled",
        weight=WORDS,
    ),
    Rule(
        cause="unsupported_media_type",
        needle="manifest invalid|not parse|unimplemented manifest|unsupported manifest",
        pattern=r"manifest[_ ]invalid|unsupported manifest(?: type)?|unimplemented manifest mime type|could not "
        r"parse manifest",
        by="distribution, containers/image",
        example="manifest invalid: manifest invalid",
        weight=WORDS,
    ),
    Rule(
        cause="unsupported_media_type",
        needle="is not a container image|image-specific operation",
        pattern=r"unsupported image-specific operation on artifact[^;\]]{0,120}|is not a container image",
        by="containers/image",
        example='unsupported image-specific operation on artifact with type "application/vnd.cncf.helm.config.v1+json"',
    ),
    Rule(
        cause="unsupported_media_type",
        needle="compression|decompressor|unsupported compression|unsupported layer",
        pattern=r"unsupported (?:layer )?compression[^\";]{0,60}|unknown compression|no decompressor",
        by="containers/image, containerd",
        example="unsupported compression zstd",
        weight=HINT,
    ),
    Rule(
        cause="unsupported_media_type",
        needle="compression is not supported|compression not supported",
        pattern=r"(?:zstd|bzip2|xz|gzip) compression (?:is )?not supported",
        by="containers/image, Docker",
        example='"application/vnd.oci.image.layer.v1.tar+zstd": zstd compression is not supported for docker images',
    ),
    Rule(
        cause="unsupported_media_type",
        needle="processor for media|stream processor",
        pattern=r"no processor for media-type|failed to get stream processor for [a-z]{3,20}/",
        by="containerd: a layer in a form that it cannot unpack",
        example="failed to extract layer: failed to get stream processor for "
        "application/vnd.oci.image.layer.v1.tar+enc: "
        "no processor for media-type",
    ),
    Rule(
        cause="unsupported_media_type",
        needle="schema 1|schema version",
        pattern=r"schema 1 image manifests are no longer supported|media-type: schema 1 not supported|unsupported "
        r"schema "
        r"version",
        by="containerd 2.x, containers/image",
        example="schema 1 image manifests are no longer supported: invalid argument",
    ),
    Rule(
        cause="unsupported_media_type",
        needle="encountered remote|rootfs in",
        pattern=r"encountered remote \"?[^\s\"]{1,200}\"? ?\([a-z]{2,20}\) when fetching|invalid rootfs in image "
        r"configuration",
        by="Docker: a chart, a plugin or another artifact",
        example='encountered remote "application/vnd.docker.plugin.v1+json"(plugin) when fetching',
    ),
    Rule(
        cause="unsupported_media_type",
        needle="format unsupported|is unsupported|signatures for|unimplemented manifest|unsupported manifest",
        pattern=r"unsupported manifest format|manifest format (?:is )?unsupported|unimplemented manifest list mime "
        r"type|"
        r"signatures for oci images is not supported",
        by="Docker, containers/image",
        example="unsupported manifest format",
    ),
    Rule(
        cause="digest_mismatch",
        needle="size",
        pattern=r"unexpected (?:commit )?size \d{1,20}, expected \d{1,20}",
        by="containerd",
        example="failed commit on ref: unexpected commit size 1, expected 2: failed precondition",
    ),
    Rule(
        cause="digest_mismatch",
        needle="unexpected digest|got digest|size mismatch|checksum mismatch|blob checksum",
        pattern=r"unexpected digest(?: received: got)? [^\s,]{1,140}|got digest [^\s,]{1,140}, expected|"
        r"size mismatch when copying|blob size mismatch|checksum mismatch for|invalid blob checksum",
        by="containers/image and storage, containerd",
        example="Size mismatch when copying sha256:00, expected 1, got 2",
    ),
    Rule(
        cause="digest_mismatch",
        needle="config's diffid|config claims|does not match expected|diffids don't match",
        pattern=r"does not match config's diffid|config claims|digest [^\s]{1,140} does not match expected|number of "
        r"layers "
        r"and diffids don't match",
        by="containers/image, containerd",
        example='layer 1 (blob sha256:00) does not match config\'s DiffID "sha256:11"',
    ),
    Rule(
        cause="digest_mismatch",
        needle="unhandled tar header|missed writing",
        pattern=r"unhandled tar header type|archive/tar: missed writing",
        by="containerd, Go archive/tar",
        example="unhandled tar header type 7",
    ),
    Rule(
        cause="unsupported_media_type",
        needle="schema 1 images have been deprecated",
        pattern=r"(?:pulling )?schema 1 images have been deprecated(?: and disabled)?",
        by="containerd 2.0",
        example='failed to get converter for "r.example.com/a:1": Pulling Schema 1 images have been deprecated and '
        "disabled by default since containerd v2.0.",
    ),
    Rule(
        cause="digest_mismatch",
        needle="rootfs and manifest layers",
        pattern=r"mismatched (?:image )?rootfs and manifest layers",
        by="containerd 1.x: the configuration speaks of other layers",
        example="failed to unpack image: mismatched image rootfs and manifest layers",
    ),
)
