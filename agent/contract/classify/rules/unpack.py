"""Layers that cannot be unpacked or mounted, for another reason than room or damage."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="storage_error",
        needle="exists",
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
        needle="unpack",
        pattern=r"failed to unpack image on snapshotter [a-z0-9-]{1,40}",
        by="containerd: unpacking, why follows",
        example="failed to unpack image on snapshotter overlayfs: odd",
        weight=HINT,
    ),
)
