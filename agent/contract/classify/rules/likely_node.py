"""Words of certificates, content and the node that leave little doubt, whoever puts them however.

They are read only where no other table knows a word of the line. Of several that match, the one counts that ends last.

Cannot see: words that mean something else in the log of another program; the tests hold lines that stay unknown.
"""

from agent.contract.classify.rule import LIKELY, Rule

_WRONG = (
    r"(?:mismatch|mismatched|mismatches|not match|n't match|not matching|differs?|not equal|not verified|invalid|"
    r"incorrect|"
    r"wrong|verification failed|failed|unexpected|corrupt(?:ed)?)"
)
_WRONG_NEEDLES = (
    "mismatch|mismatched|mismatches|not match|n't match|not matching|differ|differs|not equal|not verified|invalid|"
    "incorrect|wrong|failed|unexpected|corrupt|corrupted"
)
_FEW_WORDS = r"(?: [a-z']{1,14}){0,4}?"
_THEN = r" (?:[a-z']{1,14} ){0,4}?"
_STORE = (
    r"/(?:[^\s:\"]{1,200}/)?(?:containerd|docker|containers|overlay2?|snapshots|vfs|k0s|rancher|podman)/[^\s\"]{1,300}"
)
_ERRNO = (
    r"(?:no such file or directory|permission denied|operation not permitted|file exists|not a directory|is a "
    r"directory|invalid argument|directory not empty|device or resource busy|stale (?:nfs )?file handle|too many open "
    r"files|too many links|cross-device link|operation not supported|not supported|function not implemented|file name "
    r"too long|bad file descriptor|cannot allocate memory|transport endpoint is not connected)"
)
_ERRNO_NEEDLES = (
    "no such file|permission denied|not permitted|file exists|not a directory|is a directory|invalid argument|"
    "directory not empty|resource busy|file handle|too many open files|too many links|cross-device|not supported|not "
    "implemented|name too long|file descriptor|allocate memory|transport endpoint"
)
_CONFIGURATION = (
    r"/(?:[^\s\":]{0,200}/)?(?:certs\.d|registries\.conf(?:\.d)?|registries\.d|policy\.json|auth\.json|hosts\.toml|"
    r"config\.toml|daemon\.json|containers\.conf|storage\.conf|registries\.yaml|crio\.conf(?:\.d)?|mounts\.conf)"
    r"[^\s\":]{0,200}"
)

_SPOKEN = (
    (
        "tls_expired",
        "expired|not yet valid",
        r"(?:certificate|cert|x509)[^;]{0,80}? (?:expired|not yet valid)",
        "the certificate of the mirror has long expired",
    ),
    (
        "tls_name_mismatch",
        "hostname|host name|name|common name|san",
        r"(?:certificate|cert|x509)[^;]{0,80}? (?:wrong|not match|n't match|not for|not valid for|"
        r"mismatch)[^;]{0,40}? "
        r"(?:hostname|host name|name|common name|san)",
        "the certificate does not match the name",
    ),
    (
        "tls_untrusted",
        "certificate|certificates|x509",
        r"(?:unknown|untrusted|not trusted|not trust|n't trust|self[- ]signed|verify|verifying|verified|invalid|bad|"
        r"unable|"
        r"failed|error|problem)[^;]{0,80}? (?:certificates?|x509)",
        "we do not trust that certificate",
    ),
    (
        "tls_untrusted",
        "unknown|untrusted|trusted|self-signed|self signed|verify|verified|verification|invalid|problem|error|failed|"
        "authority|unverified",
        r"(?:certificates?|x509)[^;]{0,80}? (?:unknown|untrusted|trusted|self[- ]signed|verify|verified|"
        r"verification|"
        r"invalid|problem|error|failed|authority|unverified)",
        "the certificate has a problem",
    ),
    (
        "tls_protocol",
        "ssl|tls",
        r"(?:ssl|tls)(?:: | |_)(?:[^;]{1,60}?[ _])?(?:handshake|protocol|version|alert|errors?|fail(?:ed|ure)?|"
        r"unsupported)",
        "SSL protocol trouble",
    ),
    (
        "disk_full",
        "space|inodes",
        r"(?:no|no more|no free|not enough|insufficient|out of|ran out of|lack of|low on|little|low)"
        r"(?: (?:free|disk|storage|available|local))? (?:space|inodes)",
        "the node ran out of space",
    ),
    (
        "disk_full",
        "full|exhausted|exceeded|used up",
        r"(?:disk|storage|volume|partition|filesystem|file system|thin ?pool|inodes?|snapshotter)"
        + _FEW_WORDS
        + r" (?:full|exhausted|exceeded|used up)",
        "the partition of the images is full",
    ),
    (
        "digest_mismatch",
        _WRONG_NEEDLES,
        r"(?:digests?|checksums?|hash|hashes|diffids?|sha256|size)(?: [^;]{0,160}?)? " + _WRONG,
        "the digest is wrong",
    ),
    (
        "digest_mismatch",
        "digest|digests|checksum|checksums|hash|crc|layer|blob|archive|tar|gzip|zstd",
        _WRONG + _FEW_WORDS + r" (?:digests?|checksums?|hash|crc|layer|blob|archive|tar|gzip|zstd)(?! for)",
        "a mismatch of the checksum",
    ),
    (
        "wrong_architecture",
        "platform|platforms|architecture|architectures|arch",
        r"(?:no|not|unsupported|unknown|wrong|incompatible|mismatch|mismatched|different|n't|cannot|unable)"
        + _FEW_WORDS
        + r" (?:platforms?|architectures?|arch)",
        "not built for this architecture",
    ),
    (
        "wrong_architecture",
        "unsupported|not supported|mismatch|not match|n't match|incompatible|not found|not available",
        r"(?:platform|architecture|arch)[^;]{0,80}? (?:unsupported|not supported|mismatch|not match|n't match|"
        r"incompatible|not found|not available)",
        "the platform linux/arm64 is incompatible",
    ),
    (
        "wrong_architecture",
        "linux/amd64|linux/arm64|linux/arm|linux/386|linux/s390x|linux/ppc64le|windows/amd64|exec format",
        r"(?:no|not|without)(?: [a-z]{1,12}){1,3} (?:linux/(?:amd64|arm64|arm|386|s390x|ppc64le)|windows/amd64)|"
        r"exec format",
        "not found for linux/arm64",
    ),
    (
        "signature_rejected",
        "signature|signatures|signed|attestation|attestations|cosign|notary",
        r"(?:no|not|missing|invalid|bad|wrong|untrusted|failed|error|rejected|unable|cannot|without|required|parsing|"
        r"reading|verifying|fetching)(?: [a-z]{1,12}){0,4}? (?:signatures?|signed|attestations?|cosign|notary)",
        "reading signatures: strange",
    ),
    (
        "signature_rejected",
        "required|missing|invalid|failed|not|rejected|untrusted|mismatch|unknown|unsigned|error",
        r"(?:signatures?|notary|cosign|sigstore|attestations?)[^;]{0,60}? (?:required|missing|invalid|failed|not|"
        r"rejected|"
        r"untrusted|mismatch|unknown|unsigned|error)",
        "the signature is rejected",
    ),
    (
        "unsupported_media_type",
        "mediatype|media type|media-type|mime type|mimetype|content type|content-type|manifest version|manifest type|"
        "manifest format|manifest list|schema version|schemaversion|manifest schema",
        r"(?:unsupported|not supported|unknown|invalid|unexpected|unrecogni[sz]ed|cannot|wrong|bad|missing|unable|not)"
        r"(?: [a-z]{1,14}){0,5}? (?:media[ -]?type|mime ?type|content[ -]type|manifest (?:version|type|format|list|"
        r"schema)|"
        r"schema ?version)",
        "the tool does not know this media type",
    ),
    (
        "unsupported_media_type",
        "unsupported|not supported|no longer supported|unknown|unrecognized|unexpected|must be converted|cannot modify",
        r"(?:media[ -]?type|mime ?type|content[ -]type|manifest|schema ?version|application/vnd\.[a-z0-9.+-]{1,120})\"?"
        r"[^;]{0,120}? (?:unsupported|not supported|no longer supported|unknown|unrecognized|unexpected|must be "
        r"converted|cannot modify)",
        "application/vnd.docker.distribution.manifest.v1+prettyjws not supported",
    ),
    (
        "invalid_reference",
        "image|reference|tag|repository|image name|registry",
        r"(?:invalid|malformed|illegal|bad) (?:docker[ -]|container |oci )?(?:image|reference|tag|repository|registry)"
        r"(?:-url)?",
        "a malformed image name",
    ),
    (
        "invalid_reference",
        "lowercase|lower case|upper case|uppercase",
        r"(?:must|should|has to|only|not|contains?)(?: [a-z]{1,12}){0,3}? (?:lower ?case|upper ?case)",
        "the name must be all lower case",
    ),
    (
        "config_invalid",
        "no such file|permission denied|is a directory|invalid|unexpected|syntax|parse|cannot|failed",
        _CONFIGURATION + r"\"?:? (?:[^;]{1,100}? )?(?:no such file|permission denied|is a directory|invalid|unexpected|"
        r"syntax|"
        r"parse|cannot|"
        r"failed)",
        "open /etc/docker/certs.d/r.example.com: permission denied",
    ),
    (
        "config_invalid",
        "serverurl|registries.yaml|hosts.toml|registries.conf|daemon.json|config.toml|policy.json|certs.d",
        r"(?:error|invalid|failed|cannot|unable)[^;]{0,80}?[ /](?:serverurl|registries\.yaml|hosts\.toml|"
        r"registries\.conf|"
        r"daemon\.json|config\.toml|policy\.json|certs\.d)",
        "Error parsing the serverURL",
    ),
    (
        "runtime_unavailable",
        "deadline|refused|no such file|denied|unimplemented|timeout|not found|unavailable|not running|not exist",
        r"(?:endpoint|socket|connect|connecting|connection|dial|dialing|unix|stat|open|access|runtime|"
        r"address)[^;]{0,120}?"
        r"\.sock(?:et)?[^;]{0,200}? (?:deadline|refused|no such file|permission denied|unimplemented|timeout|not "
        r"found|"
        r"unavailable|not running|not exist)",
        "connect endpoint 'unix:///run/crio/crio.sock': deadline is over",
    ),
    (
        "runtime_unavailable",
        "socket",
        r"(?:no|cannot|unable|not|missing|failed)" + _FEW_WORDS + r" socket|(?:containerd|docker|podman|crio|cri-o|cri|"
        r"runtime) socket not found",
        "there is no such socket",
    ),
    (
        "runtime_unavailable",
        "runtime service|image service|runtimeservice|imageservice|runtime endpoint",
        r"(?:unimplemented|unavailable|failed|not|unknown|unable|cannot|no)[^;]{0,80}?[ .](?:runtime service|image "
        r"service|"
        r"runtimeservice|imageservice|runtime endpoint)",
        "not connected to the runtime service",
    ),
    (
        "runtime_unavailable",
        "not running|not ready|not responding|not started|is down|has stopped|not up|not respond|not available|"
        "unresponsive",
        r"(?:containerd|crio|cri-o|docker|dockerd|docker daemon|podman|container runtime|docker engine|docker "
        r"desktop|podman "
        r"machine)(?: (?:daemon|service|engine|machine|vm))?(?: (?:is|was|does|has))? (?:not running|not ready|not "
        r"responding|"
        r"not started|is down|has stopped|not up|not respond|not available|unresponsive)",
        "the podman machine is not running",
    ),
    (
        "storage_error",
        _ERRNO_NEEDLES,
        _STORE + r" (?:[^;]{1,300}? )?" + _ERRNO,
        "rename /var/lib/containerd/ingest/0/data /var/lib/containerd/blobs/0: no such file or directory",
    ),
    (
        "storage_error",
        "layer|layers|rootfs|snapshot|squashfs|diff|unpacker|extraction|overlay|overlayfs|graph driver|graphdriver|"
        "storage driver|snapshotter",
        r"(?:failed|error|unable|cannot|can't|could not|couldn't)"
        r"(?: (?:to )?[a-z]{1,14}){1,4}? (?:layers?|rootfs|snapshot|squashfs|diff|unpacker|extraction|overlay|"
        r"overlayfs|"
        r"graph ?driver|storage driver|snapshotter)",
        "error unpacking rootfs: strange",
    ),
    (
        "storage_error",
        "packer failed to pack|creating squashfs",
        r"packer failed to pack|creating squashfs",
        "packer failed to pack: strange",
    ),
    (
        "cancelled",
        "timeout|timed out|time out|deadline|canceled|cancelled|aborted|interrupted|killed|gave up|giving up",
        r"(?:pull|pulling|pulled|download|downloading|operation|image|it|was|has)[^;]{0,200}? (?:timeout|timed "
        r"out|time "
        r"out|deadline|cancell?ed|aborted|interrupted|killed|gave up|giving up)(?![=\":])",
        "the pull took long and timed out",
    ),
    (
        "clock_skew",
        "clock|system time|time zone",
        r"(?:clock|system time)" + _THEN + r"(?:skew|skewed|wrong|off|out of sync|not synchroni[sz]ed|behind|ahead)",
        "the clock of the node is wrong",
    ),
)

RULES = tuple(
    Rule(
        cause=cause,
        needle=needle,
        pattern=pattern,
        by="any program, in words of its own",
        example=example,
        weight=LIKELY,
    )
    for cause, needle, pattern, example in _SPOKEN
)
