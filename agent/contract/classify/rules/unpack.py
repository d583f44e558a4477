"""Layers that cannot be unpacked or mounted, for another reason than room or damage."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="storage_error",
        needle="file exists",
        pattern=r"(?:rename|mkdir|link|symlink) [^\s\"]{1,400}(?: [^\s\"]{1,400})?: file exists",
        by="containerd's snapshotters",
        example="failed to rename: rename /var/lib/containerd/a /var/lib/containerd/b: file exists: unknown",
    ),
    Rule(
        cause="storage_error",
        needle="directory not empty",
        by="ENOTEMPTY",
        example="mount callback failed on /tmp/x: unlinkat /tmp/x/y: directory not empty: unknown",
    ),
    Rule(
        cause="storage_error",
        needle="etc|gids",
        pattern=r"potentially insufficient uids or gids available in user namespace[^;]{0,200}|/etc/subuid[^;]{0,80}",
        by="containers/storage, rootless",
        example="potentially insufficient UIDs or GIDs available in user namespace (requested 0:42): check /etc/subuid",
    ),
    Rule(
        cause="storage_error",
        needle="lchown",
        pattern=r"lchown [^\s\"]{1,400}: (?:invalid argument|operation not permitted)",
        by="containers/storage, containerd",
        example="lchown /etc/gshadow: invalid argument",
    ),
    Rule(
        cause="storage_error",
        needle="create|creating|mount|mounting",
        pattern=r"(?:error|failed)(?: to)? (?:creating|create|mounting|mount) overlay[^;]{0,120}|error creating "
        r"overlay mount[^;]{0,160}",
        by="containers/storage, Docker",
        example="error creating overlay mount to /var/lib/docker/x: invalid argument",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="adding|callback|creating|extract|register",
        pattern=r"failed to (?:register|extract) layer|error (?:adding|creating) layer|adding layer with blob|"
        r"mount callback failed",
        by="Docker, containerd, containers/storage: unpacking, why follows",
        example="failed to register layer: something odd",
        weight=HINT,
    ),
    Rule(
        cause="storage_error",
        needle="on snapshotter",
        pattern=r"failed to unpack image on snapshotter [a-z0-9-]{1,40}",
        by="containerd: unpacking, why follows",
        example="failed to unpack image on snapshotter overlayfs: odd",
        weight=HINT,
    ),
    Rule(
        cause="storage_error",
        needle="hcsshim|in win32|processbaselayer",
        pattern=r"hcsshim::[a-z]{4,40}|processbaselayer|failed in win32",
        by="Docker and containerd on Windows",
        example="hcsshim::ImportLayer failed in Win32: The system cannot find the path specified. (0x3)",
    ),
    Rule(
        cause="storage_error",
        needle="devicemapper|dm_task_run|devmapper",
        pattern=r"devicemapper: error|dm_task_run failed|devmapper: error mounting",
        by="Docker, device mapper",
        example="devicemapper: Error running deviceCreate (createSnapDevice) dm_task_run failed",
    ),
    Rule(
        cause="storage_error",
        needle="overlayfs: |not supported over|upperdir",
        pattern=r"overlayfs: filesystem on|(?:'overlay'|overlay) is not supported over|not supported as upperdir",
        by="the kernel, containers/storage",
        example="overlayfs: filesystem on '/var/lib/containerd/x' not supported as upperdir",
    ),
    Rule(
        cause="storage_error",
        needle="to mount",
        pattern=r"failed to mount (?:overlay|rootfs component|/[^\s\"]{1,300}|\[?\{[^\s\"]{0,60})",
        by="containerd, containers/storage, why follows",
        example="failed to mount rootfs component: invalid argument: unknown",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="enough ids available|newuidmap|newgidmap|subuid ranges|subgid ranges",
        pattern=r"there might not be enough ids available in the namespace|new[ug]idmap: [^;]{3,120}|no sub[ug]id "
        r"ranges "
        r"found",
        by="containers/storage, podman, rootless",
        example="there might not be enough IDs available in the namespace (requested 192:192 for /run): odd",
    ),
    Rule(
        cause="storage_error",
        needle="btrfs|zfs",
        pattern=r"failed to (?:create|destroy|enable|limit|rescan|search) btrfs|zfs (?:create|clone|snapshot|destroy|"
        r"mount) "
        r"[^;]{1,300}=> cannot|creating zfs mount|must be a btrfs filesystem",
        by="Docker, containers/storage, containerd",
        example="Failed to create btrfs snapshot: odd",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="apply layer|applying|applylayer|creating layer|creating read|of parent|processing|re-exec",
        pattern=r"applylayer (?:exit status|stdout)|processing tar file\(|re-exec error|error while applying layer|"
        r"copying of "
        r"parent failed|(?:error )?creating (?:read-only |read-write )?layer with id|apply layer error for",
        by="Docker, containers/storage, containerd: unpacking, why follows",
        example="Error while applying layer: ApplyLayer exit status 1 stdout:  stderr: operation not permitted",
        weight=HINT,
    ),
    Rule(
        cause="storage_error",
        needle="finished image",
        pattern=r"error committing the finished image|committing the finished image",
        by="containers/image: the last step, why follows",
        example="Error committing the finished image: odd",
        weight=HINT,
    ),
    Rule(
        cause="storage_error",
        needle="permission denied|operation not permitted|operation not supported|function not implemented|invalid "
        "argument",
        pattern=r"(?:mkdir|mkdirat|chmod|chown|lchown|link|linkat|symlink|symlinkat|mknod|mknodat|rename|renameat|"
        r"unlinkat|"
        r"utimensat|fchownat|fchmodat|l?setxattr|fsync|fallocate|copy_file_range|lgetxattr|rmdir|remove) "
        r"/[^\s\"]{0,400}: (?:permission denied|operation not (?:permitted|supported)|function not implemented|invalid "
        r"argument)",
        by="Go os and unix: writing the store",
        example="mkdir /data/containers/overlay/x: operation not supported",
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="set xattr|convert whiteout file|mapped to a host id",
        pattern=r"failed to set xattr|failed to convert whiteout file|container id \d{1,12} cannot be mapped to a host "
        r"id",
        by="containerd, Docker: what the store's file system or its user namespace cannot do",
        example='failed to convert whiteout file "a/.wh..wh..opq": operation not supported: unknown',
        weight=WORDS,
    ),
    Rule(
        cause="storage_error",
        needle="file too large|too long",
        pattern=r"(?:write|open|mkdir|rename|link|symlink) [^\s\"]{1,400}: (?:file too large|file name too long)",
        by="EFBIG, ENAMETOOLONG",
        example="write /var/lib/containerd/x: file too large",
    ),
    Rule(
        cause="storage_error",
        needle="error pulling image",
        pattern=r"error pulling image \([^\s)]{1,128}\) from [^\s,]{1,300}, (?:driver [a-z0-9]{2,20} failed to|"
        r"(?:[a-z]{2,12} /[^\s\"]{1,300}: )?(?:operation not (?:supported|permitted)|permission denied|"
        r"invalid argument|input/output error|function not implemented|file exists|no such file or directory|"
        r"read-only file system))",
        by="Docker up to 1.7: the store's errno behind the image",
        example="Error pulling image (latest) from r.example.com/a, operation not supported",
    ),
)
