"""The lab's own certificate authority: the nodes trust it and nobody else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

HOSTS = ("registry.lab", "auth.lab", "images.lab", "blobs.lab")
VALID = timedelta(days=90)  # longer than any clock of the lab runs ahead, and than the warning before the end


class Authority:
    """Issues certificates into a folder: `HOST.pem` (chain and key in one), `ca.pem` and `ca.key`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._ca = trustme.CA(organization_name="Pullscope lab")
        self.bundle = self._ca.cert_pem.bytes().decode()
        self.stranger = trustme.CA(organization_name="A stranger").cert_pem.bytes().decode()
        (folder / "ca.pem").write_text(self.bundle)
        self.key = folder / "ca.key"
        self.key.touch(0o600)
        self.key.write_bytes(self._ca.private_key_pem.bytes())
        for host in HOSTS:
            self.issue(host)

    def issue(self, host: str, *, expired: bool = False) -> Path:
        """Issue the host's certificate anew and give its file."""
        end = datetime.now(UTC) + (-timedelta(days=1) if expired else VALID)
        leaf = self._ca.issue_cert(host, not_before=end - VALID - timedelta(days=1), not_after=end)
        path = self.folder / f"{host}.pem"
        path.write_bytes(leaf.private_key_and_cert_chain_pem.bytes())
        path.chmod(0o600)
        return path
