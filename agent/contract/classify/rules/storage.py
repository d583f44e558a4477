"""Stores that cannot write, unpack or find what they hold, for another reason than room."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="storage_error",
        needle="file system",
        pattern=r"read-only file system",
        by="EROFS",
        example="mkdir /var/lib/containerd/x: read-only file system",
    ),
    Rule(
        cause="storage_error",
        needle="input/output error",
        by="EIO",
        example="write /var/lib/containerd/x: input/output error",
    ),
    Rule(
        cause="storage_error",
        needle="structure needs cleaning",
        by="EUCLEAN of ext4 and xfs",
        example="open /var/lib/containerd/x: structure needs cleaning",
    ),
    Rule(
        cause="storage_error",
        needle="stale",
        pattern=r"stale (?:nfs )?file handle",
        by="ESTALE",
        example="stat /var/lib/containers: stale file handle",
    ),
    Rule(
        cause="storage_error",
        needle="resource busy",
        pattern=r"(?:remove|unmount|umount|unlinkat|rename|mount) [^\s\"]{1,400}: device or resource busy",
        by="EBUSY",
        example="remove /var/lib/containerd/tmpmounts/x: device or resource busy",
    ),
    Rule(
        cause="storage_error",
        needle="does not resolve|not known|use by",
        pattern=r"does not resolve to an image id|image not known|(?:layer|container) not known|image is in use by",
        by="containers/storage",
        example="locating image with ID: image not known",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="item",
        pattern=r"locating item named \"[^\s]{1,160} for image with id [^\s]{1,90}(?: \(consider "
        r"removing the image[^;]{0,120})?",
        by="containers/storage",
        example='locating item named "manifest" for image with ID "1" (consider removing the image to resolve the '
        "issue): file does not exist",
    ),
    Rule(
        cause="storage_error",
        needle="store",
        pattern=r"failed to write to image store(?:: context deadline exceeded)?",
        by="Docker",
        example="Failed to write to image store: context deadline exceeded",
    ),
    Rule(
        cause="storage_error",
        needle="snapshot",
        pattern=r"(?:parent )?snapshot [^\s\"]{1,200} (?:does not exist|not found)|failed to (?:stat|create|"
        r"prepare) (?:parent )?snapshot|"
        r"failed to prepare extraction snapshot",
        by="containerd's snapshotters",
        example="failed to stat snapshot sha256:00: not found",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="content digest|content sha256|error locating|get reader",
        pattern=r"(?:failed to get reader from content store|content digest [^\s\"]{1,140}: not found|"
        r"error locating content[^;]{0,80}|content sha256:[0-9a-f]{1,64}: not found)",
        by="containerd's content store",
        example="failed to extract layer: failed to get reader from content store: content digest sha256:00: not found",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="/var/lib/",
        pattern=r"(?:open|mkdir|write|rename|stat|mount|chmod|chown|lstat|link) /var/lib/(?:containerd|containers|"
        r"docker|rancher|kubelet)"
        r"[^\s\"]{0,400}: (?:permission denied|operation not permitted|no such file or directory|invalid argument|"
        r"too many open files|"
        r"not a directory|bad message)",
        by="Go os, in the store",
        example="open /var/lib/containers/storage/overlay/x: permission denied",
    ),
    Rule(
        cause="storage_error",
        needle="temp|temporary",
        pattern=r"(?:failed to create|error creating|creating) (?:a )?temp(?:orary)? (?:dir|directory|"
        r"file)[^;\]]{0,200}",
        by="containerd, containers/image, why follows",
        example="failed to create temp dir: stat /var/tmp: permission denied",
        weight=HINT,
    ),
    Rule(
        cause="storage_error",
        needle="many links|open files|symbolic",
        pattern=r"too many (?:open files|levels of symbolic links|links)",
        by="EMFILE, ELOOP, EMLINK",
        example="open /var/lib/containerd/x: too many open files",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="database|locking|metadata",
        pattern=r"database is (?:locked|closed)|metadata\.db[^;]{0,60}|error locking",
        by="containerd's bolt, podman",
        example="database is locked",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="locked",
        pattern=r"ref [^\s\"]{1,200} locked(?: for [^\s\"]{1,30})?(?: \(since [^)]{1,60}\))?: unavailable",
        by="containerd's content store: another pull holds the layer",
        example="failed to copy: failed to open writer: ref layer-sha256:00 locked for 1.2s (since now): unavailable",
        transient=True,
    ),
    Rule(
        cause="storage_error",
        needle="layer does not exist|layer not known|max depth exceeded|no such layer",
        pattern=r"(?:layer does not exist|(?:parent of )?layer not known|max depth exceeded|no such layer)",
        by="Docker's and containers/storage's layer stores",
        example="error creating pod sandbox: layer not known",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="snapshot",
        pattern=r"(?:target )?snapshot \"?[^\s\"]{1,200}\"?: already exists",
        by="containerd's snapshotters",
        example='target snapshot "sha256:00": already exists: unknown',
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="is not ready|missing parent|lease does not exist|is missing",
        pattern=r"snapshot [^\s\"]{1,100} is not ready|missing parent \"?[^\s\"]{0,200}\"? ?bucket|lease does not "
        r"exist|image "
        r"layer is missing|image data item is missing",
        by="containerd, nydus, containers/storage",
        example="mounts: snapshot 12 is not ready, err: no instance 12: not found",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="cannot allocate memory",
        by="ENOMEM while unpacking",
        example="fork/exec /usr/bin/unpigz: cannot allocate memory",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="driver found|driver not|graphdriver|graphdrivers|kernel does|support d",
        pattern=r"(?:error initializing|contains several valid) graphdrivers?|no supported storage driver found|driver "
        r"not "
        r"supported|prerequisites for driver not satisfied|does not support d_type|kernel does not support overlay fs",
        by="Docker, containers/storage, containerd",
        example="error initializing graphdriver: driver not supported",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="configure storage",
        by="podman 4.4+, why follows",
        example="Error: configure storage: storage option overlay.size only supported for backingFS XFS. Found extfs",
        weight=HINT,
    ),
    Rule(
        cause="storage_error",
        needle="layer content modified|layer content missing|may be corrupted",
        pattern=r"layer content (?:modified|missing)|exists in local storage but may be corrupted",
        by="containers/storage's check; podman 4.0+",
        example="layer 00: /etc/hosts(mode:0644,mtime:0x0), layer content modified",
    ),
    Rule(
        cause="storage_error",
        needle="was not found|not loaded",
        pattern=r"snapshotter \"?[a-z0-9._-]{1,60}\"? was not found|snapshotter not loaded",
        by="containerd 1.x-2.x: the snapshotter that its configuration names",
        example="failed to stat snapshot sha256:00: snapshotter not loaded: overlayfs: invalid argument",
    ),
)
