"""Every command in the README, run as it stands there, in a network namespace of its own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import need

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text()
COMMANDS = [
    line.removeprefix("$ ")
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
]
ELSEWHERE = {  # too long to run twice: where each is run, and what must stand there
    "make test": (".ci/run", "exec make test"),
    "make image-parts": ("tests/integration/test_image.py", '"deploy/image/fetch"'),
    "buildah bud --build-arg BASE=localhost/base:1 -t pullscope .": ("tests/integration/test_image.py", '"bud"'),
}
WITHIN_S = 40.0


class Shell:
    """A shell in a folder and a network namespace of its own: ports are free there, and nobody else is."""

    def __init__(self, folder: Path, namespace: int) -> None:
        self.folder = folder
        self.inside = ("nsenter", f"--net=/proc/{namespace}/ns/net", "--", "bash", "-c")
        self.environ = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder)}

    def run(self, command: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (*self.inside, command),
            cwd=folder or self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )

    @contextlib.contextmanager
    def start(self, command: str, folder: Path | None = None) -> Iterator["Started"]:
        assert command in COMMANDS
        log = self.folder / f"{len(list(self.folder.glob('*.log')))}.log"
        with log.open("w") as output:
            child = subprocess.Popen(
                (*self.inside, f"exec {command}"),
                cwd=folder or self.folder,
                env=self.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started = Started(child, log)
        try:
            yield started
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(10)
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


class Started:
    """A command that keeps running, and what it says."""

    def __init__(self, child: subprocess.Popen[bytes], log: Path) -> None:
        self.child = child
        self.log = log

    def says(self, words: str) -> None:
        ends_at = time.monotonic() + WITHIN_S
        while words not in self.log.read_text():
            assert self.child.poll() is None, f"ended with {self.child.returncode}: {self.log.read_text()[-2000:]}"
            assert time.monotonic() < ends_at, f"{words!r} is not said: {self.log.read_text()[-2000:]}"
            time.sleep(0.05)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    need.root()
    script = "ip link set lo up && echo up && exec sleep 600"
    holder = subprocess.Popen(("unshare", "--net", "sh", "-c", script), stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"up\n"
        yield Shell(tmp_path, holder.pid)
    finally:
        holder.kill()
        holder.wait()
        assert holder.stdout is not None
        holder.stdout.close()


def test_no_command_stands_there_untried() -> None:
    here = Path(__file__).read_text()
    untried = [command for command in COMMANDS if command not in here]
    assert untried == []


@pytest.mark.parametrize("command", ELSEWHERE)
def test_what_is_run_elsewhere_is_run_there(command: str) -> None:
    place, words = ELSEWHERE[command]
    assert command in COMMANDS
    assert words in (PROJECT / place).read_text()


def test_make_run_tells_a_first_report_and_ends_on_ctrl_c(shell: Shell) -> None:
    if not (PROJECT / ".venv/.ready-run").exists():
        need.missing("an environment set up by make")
    started_at = time.monotonic()
    with shell.start("make run", PROJECT) as started:
        started.says("the report is served at http://127.0.0.1:8080/report")
        started.says("of 1 node reporting")
        assert time.monotonic() - started_at < 30
        os.killpg(started.child.pid, signal.SIGINT)
        started.child.wait(10)
        started.says("ended, nothing left behind")


@pytest.mark.parametrize(
    "command",
    [
        "pullscope trace docker.io/library/nginx:latest",
        "pullscope trace --json --root /mnt --as containerd quay.io/prometheus/busybox:latest",
        "pullscope trace --pull registry.k8s.io/pause:3.10",
    ],
)
def test_a_trace_without_a_network_says_so(shell: Shell, command: str) -> None:
    done = shell.run(command)
    assert done.returncode == 1, done.stderr
    if "--json" in command:
        assert json.loads(done.stdout)["cause"] == "dns_failed"
    else:
        assert "cannot be pulled on" in done.stdout


def test_a_fleet_of_one_reports_and_is_read(shell: Shell) -> None:
    with (
        shell.start("pullscope aggregator --cluster prod-1 --store pullscope.db") as aggregator,
        shell.start("pullscope agent --node node-1 --aggregator http://127.0.0.1:8080") as agent,
    ):
        aggregator.says("serving at http://127.0.0.1:8080")
        agent.says("linked to")
        waited = shell.run('curl -s "http://127.0.0.1:8080/nodes/node-1?wait=30s"')
        assert json.loads(waited.stdout)["verdict"] == "unfit"  # there is no way to any registry from in here
        assert "1 of 1 node reporting" in shell.run("curl -s http://127.0.0.1:8080/report").stdout
        assert json.loads(shell.run("curl -s http://127.0.0.1:8080/report?format=json").stdout)["cluster"] == "prod-1"
        snapshot = shell.run("curl -s http://127.0.0.1:8080/snapshot").stdout
        assert [node["name"] for node in json.loads(snapshot)["nodes"]] == ["node-1"]
        assert "pullscope_" in shell.run("curl -s http://127.0.0.1:8080/metrics").stdout
        assert shell.run("pullscope report --fail-on failure").returncode == 1
        assert "since " in shell.run("pullscope report --since 12h").stdout
        asked = shell.run('curl -s "http://127.0.0.1:8080/report?since=12h&format=json"').stdout
        assert json.loads(asked)["incidents"]
        assert "1 of 1 node reporting" in shell.run('curl -s "http://127.0.0.1:8080/report?at=-1s"').stdout
        # The machine's own images are looked at where it has some: then quay.io may be nobody's.
        uses_quay = any("quay.io" in result["registries"] for result in json.loads(snapshot)["nodes"][0]["results"])
        for command in (
            "pullscope trace --sample 5 quay.io/prometheus/busybox:latest",
            "pullscope trace --nodes node-1 --aggregator http://127.0.0.1:8080 quay.io/prometheus/busybox:latest",
        ):
            done = shell.run(command)
            assert done.returncode == (1 if uses_quay else 2), done.stdout + done.stderr
            assert ("0 of 1 can, node-1 cannot: " if uses_quay else "quay.io is refused: ") in done.stdout + done.stderr
        said = shell.run(
            """curl -sN -d '{"image": "quay.io/prometheus/busybox:latest", "sample": 5}' http://127.0.0.1:8080/trace"""
        ).stdout
        assert said.splitlines()[-1].startswith("0 of 1 can" if uses_quay else "quay.io is refused: ")
        (shell.folder / "snapshots.jsonl").write_text(json.dumps(json.loads(snapshot)) + "\n")
    done = shell.run("pullscope correlate --json < snapshots.jsonl")
    assert json.loads(done.stdout)["verdict"] == "failing"


def test_off_loopback_a_token_opens_the_door(shell: Shell) -> None:
    assert shell.run("head -c 32 /dev/urandom | base64 > token").returncode == 0
    with shell.start("pullscope aggregator --listen 0.0.0.0:8080 --store pullscope.db --token-file token") as started:
        started.says("serving at")
    assert "Traceback" not in started.log.read_text()


def test_the_configuration_of_an_agent_is_one_that_it_takes(shell: Shell) -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    token = shell.folder / "token"
    token.write_text("a-token-of-this-test\n")
    (shell.folder / "agent.yaml").write_text(text.replace("/etc/pullscope/token", str(token)))
    with shell.start("pullscope agent --config agent.yaml") as started:
        started.says("no link to http://aggregator.example:8080")  # and it goes on
        assert started.child.poll() is None


def test_classify_names_the_cause(shell: Shell) -> None:
    assert shell.run('pullscope classify "toomanyrequests: rate limit exceeded"').stdout.startswith("rate_limited")
    (shell.folder / "messages.txt").write_text("manifest unknown\nno space left on device\n")
    answers = shell.run("pullscope classify --json < messages.txt").stdout.splitlines()
    assert [json.loads(answer)["cause"] for answer in answers] == ["image_not_found", "disk_full"]
