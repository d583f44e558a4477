"""Stores without room: bytes, inodes, quota."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="disk_full",
        needle="no space left",
        pattern=r"no space left(?: on device)?",
        by="ENOSPC, as every runtime passes it on",
        example="failed to extract layer: write /var/lib/containerd/x: no space left on device: unknown",
    ),
    Rule(
        cause="disk_full",
        needle="enospc",
        by="Node.js and logs",
        example="write failed: ENOSPC",
        weight=WORDS,
    ),
    Rule(
        cause="disk_full",
        needle="quota exceeded",
        pattern=r"disk quota exceeded",
        by="EDQUOT",
        example="mkdir /var/lib/containers/x: disk quota exceeded",
    ),
    Rule(
        cause="disk_full",
        needle="data blocks|insufficient|not enough|of disk|space exhausted",
        pattern=r"(?:not enough|insufficient)(?: free| disk| storage)? space(?: on (?:the )?(?:disk|device))?|out "
        r"of disk space|"
        r"disk space exhausted|free data blocks which is less than minimum required",
        by="Windows, devicemapper, several",
        example="There is not enough space on the disk.",
    ),
    Rule(
        cause="disk_full",
        needle="thin pool",
        pattern=r"thin pool has \d{1,20} free data blocks[^;]{0,120}",
        by="devicemapper",
        example="devmapper: Thin Pool has 10 free data blocks which is less than minimum required 1024 free data "
        "blocks",
    ),
    Rule(
        cause="disk_full",
        needle="diskpressure|full|pressure",
        pattern=r"(?:disk|volume|filesystem|file system) is full|diskpressure|node has disk ?pressure|disk full",
        by="kubelet, several",
        example="the node has condition: [DiskPressure]",
        weight=WORDS,
    ),
    Rule(
        cause="disk_full",
        needle="garbage collect",
        pattern=r"failed to garbage collect required amount of images",
        by="kubelet, ImageGCFailed",
        example="failed to garbage collect required amount of images. Wanted to free 9 bytes, but freed 0 bytes",
        weight=WORDS,
    ),
    Rule(
        cause="disk_full",
        needle="low on resource",
        pattern=r"low on resource: (?:ephemeral-storage|imagefs|nodefs|inodes|\[?diskpressure)",
        by="kubelet, eviction",
        example="The node was low on resource: ephemeral-storage.",
        weight=WORDS,
    ),
    Rule(
        cause="disk_full",
        needle="out of space|quota exceeded",
        pattern=r"cannot (?:create|clone|snapshot|receive|write) [^;]{1,300}: (?:out of space|dataset quota exceeded)|"
        r"(?:user|group|project|dataset) (?:block |inode )?quota exceeded",
        by="ZFS, XFS",
        example="zfs clone tank/a tank/b => cannot create 'tank/b': out of space",
    ),
    Rule(
        cause="disk_full",
        needle="invalid capacity",
        pattern=r"invalid capacity 0 on image filesystem",
        by="kubelet, InvalidDiskCapacity",
        example="InvalidDiskCapacity: invalid capacity 0 on image filesystem",
        weight=HINT,
    ),
    Rule(
        cause="disk_full",
        needle="freediskspacefailed",
        by="kubelet's reason",
        example="FreeDiskSpaceFailed: odd",
        weight=HINT,
    ),
)
