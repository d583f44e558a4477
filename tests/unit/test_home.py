import os
from pathlib import Path

from agent.host.home import own
from agent.host.root import Root

PATHS = ("/run/containers/0/auth.json", "/root/.config/containers/auth.json", "/etc/containers/registries.conf")


def test_another_tree_is_roots(tmp_path: Path) -> None:
    assert own(Root(tmp_path), PATHS) == PATHS


def test_a_person_has_files_of_their_own(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        read, write = os.pipe()
        if not (child := os.fork()):
            os.setresuid(65534, 65534, 65534)
            os.environ |= {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": "/run/user/65534"}
            os.write(write, "\n".join(own(Root(), PATHS)).encode())
            os._exit(0)
        os.waitpid(child, 0)
        told = os.read(read, 65536).decode().split("\n")
        assert told == ["/run/user/65534/containers/auth.json", f"{tmp_path}/.config/containers/auth.json", PATHS[2]]
        assert own(Root(), PATHS) == PATHS
    else:
        assert own(Root(), PATHS)[1].startswith(os.environ["HOME"])
