"""Runtimes that do not answer on their socket."""

from agent.contract.classify.rule import HINT, WORDS, Rule

RULES = (
    Rule(
        cause="runtime_unavailable",
        needle="dial unix",
        pattern=r"dial unix [^\s\"]{1,300}: (?:connect: )?[^\"\];]{3,80}",
        by="Go net, the runtime's socket",
        example="transport: Error while dialing dial unix /run/containerd/containerd.sock: connect: no such file "
        "or directory",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="make sure you are running as root",
        pattern=r"failed to connect, make sure you are running as root and the runtime has been started(?:: "
        r"[^\"\];]{1,80})?",
        by="crictl",
        example="failed to connect, make sure you are running as root and the runtime has been started: context "
        "deadline exceeded",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="docker daemon",
        pattern=r"cannot connect to the docker daemon[^;]{0,120}|is the docker daemon running",
        by="Docker",
        example="Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="unknown service runtime",
        pattern=r"unknown service runtime\.v1(?:alpha2)?\.(?:image|runtime)service",
        by="gRPC: the CRI plugin is disabled",
        example="rpc error: code = Unimplemented desc = unknown service runtime.v1.ImageService",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="api is not ",
        pattern=r"cri v1 (?:runtime|image) api is not (?:implemented|available) for endpoint",
        by="crictl and kubelet",
        example="validate service connection: CRI v1 image API is not implemented for endpoint "
        '"unix:///run/containerd/containerd.sock"',
        weight=WORDS,
    ),
    Rule(
        cause="runtime_unavailable",
        needle="runtime",
        pattern=r"container runtime (?:is down|is not running|status check may not have completed|not ready|"
        r"network not ready)|"
        r"runtime (?:is )?not ready",
        by="kubelet",
        example="container runtime is down",
        weight=WORDS,
    ),
    Rule(
        cause="runtime_unavailable",
        needle="error reading from server",
        pattern=r"error reading from server: [^\"\];]{1,120}",
        by="gRPC: the runtime went away during the call",
        example="rpc error: code = Unavailable desc = error reading from server: EOF",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="transport is closing",
        by="gRPC",
        example="rpc error: code = Unavailable desc = transport is closing",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="code = unavailable",
        pattern=r"rpc error: code = unavailable",
        by="gRPC's code alone",
        example="rpc error: code = Unavailable desc = odd",
        weight=HINT,
    ),
    Rule(
        cause="runtime_unavailable",
        needle="error during connect",
        pattern=r"error during connect",
        by="Docker: its socket, why follows",
        example="error during connect: odd",
        weight=HINT,
    ),
)
