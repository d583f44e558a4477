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
        pattern=r"(?:(?:failed to connect|connect endpoint '?[^\s']{1,300}'?), )?make sure you are running as root "
        r"and the "
        r"(?:runtime|endpoint) has been started(?:: [^\"\];]{1,80})?",
        by="crictl",
        example="failed to connect, make sure you are running as root and the runtime has been started: context "
        "deadline exceeded",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="cannot connect|daemon running",
        pattern=r"cannot connect to the docker daemon[^;]{0,120}|is the docker daemon running",
        by="Docker",
        example="Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="imageservice|runtimeservice",
        pattern=r"unknown service runtime\.v1(?:alpha2)?\.(?:image|runtime)service",
        by="gRPC: the CRI plugin is disabled",
        example="rpc error: code = Unimplemented desc = unknown service runtime.v1.ImageService",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="implemented for|not available",
        pattern=r"cri v1 (?:runtime|image) api is not (?:implemented|available) for endpoint",
        by="crictl and kubelet",
        example="validate service connection: CRI v1 image API is not implemented for endpoint "
        '"unix:///run/containerd/containerd.sock"',
        weight=WORDS,
    ),
    Rule(
        cause="runtime_unavailable",
        needle="have completed|not ready|runtime is",
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
        needle="error during",
        pattern=r"error during connect",
        by="Docker: its socket, why follows",
        example="error during connect: odd",
        weight=HINT,
    ),
    Rule(
        cause="runtime_unavailable",
        needle="read unix|write unix",
        pattern=r"(?:read|write) unix [^\s\"]{1,300}: (?:(?:read|write): )?[a-z ]{3,60}",
        by="Go net: the runtime went away during the call",
        example="read unix @->/run/containerd/containerd.sock: read: connection reset by peer",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="permission denied while|provider|to podman",
        pattern=r"permission denied while trying to connect to the docker (?:daemon socket|api)|unable to connect to "
        r"podman "
        r"socket|cannot connect to podman|"
        r"no running provider for the matching container",
        by="Docker, podman, Podman Desktop",
        example="permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="eacces|econnrefused|enoent",
        pattern=r"connect (?:eacces|enoent|econnrefused) [/\\][^\s\"]{1,300}",
        by="Node.js: the runtime's socket",
        example="connect EACCES /var/run/docker.sock",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="the system cannot find the file",
        pattern=r"open [/\\.?]{2,8}pipe[/\\]{1,4}[^\s\":]{1,80}: the system cannot find the file",
        by="Docker and containerd on Windows: the named pipe",
        example="open //./pipe/docker_engine: The system cannot find the file specified.",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="cannot access|not running|to dial",
        pattern=r"containerd not running\?|cannot access containerd socket|failed to dial \"?/[^\s\"]{1,200}sock\"?: "
        r"[^\"\];]{3,80}",
        by="nerdctl, ctr",
        example='ctr: failed to dial "/run/containerd/containerd.sock": context deadline exceeded',
    ),
    Rule(
        cause="runtime_unavailable",
        needle="pleg is not healthy",
        by="kubelet: the runtime answers too slowly or not",
        example="PLEG is not healthy: pleg was last seen active 3m3s ago; threshold is 3m0s",
        weight=WORDS,
    ),
    Rule(
        cause="runtime_unavailable",
        needle="and version|is closing|not initialized|subconns",
        pattern=r"all subconns are in transientfailure|the client connection is closing|server is not initialized yet|"
        r"for "
        r"api route and version",
        by="gRPC, containerd while it starts, Docker Desktop",
        example="rpc error: code = Unavailable desc = all SubConns are in TransientFailure",
        weight=WORDS,
    ),
    Rule(
        cause="runtime_unavailable",
        needle="connecting to containerd|connect to containerd",
        pattern=r"(?:problem connecting|failed to connect|unable to connect) to containerd[: ][^\";]{0,200}",
        by="nerdctl, rust-extensions, buildkit",
        example="Problem connecting to containerd: tonic::transport::Error(Transport, hyper::Error(Connect, Os))",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="socket not found|podman socket found",
        pattern=r"(?:no podman socket found|containerd socket not found): (?:stat )?[^\s\"]{1,300}(?:: [a-z ]{3,60})?",
        by="trivy, syft and others that look for a runtime",
        example="containerd error: containerd socket not found: /run/containerd/containerd.sock",
    ),
    Rule(
        cause="runtime_unavailable",
        needle='sock: |sock": ',
        pattern=r"(?:stat|lstat|open|access|connect) \"?[^\s\"]{1,300}\.sock\"?: (?:connect: )?(?:no such file or "
        r"directory|permission denied|connection refused|is a directory|the system cannot find the (?:file|path))",
        by="Go os, the runtime's socket",
        example="stat /run/user/0/podman/podman.sock: no such file or directory",
        weight=WORDS,
    ),
    Rule(
        cause="runtime_unavailable",
        needle="libpod/_ping",
        pattern=r"(?:get )?\"?http://d/v[0-9.]{1,12}/libpod/_ping\"?: [^\"\];]{3,120}",
        by="podman's remote client: its machine or its service",
        example='unable to connect: Get "http://d/v5.0.3/libpod/_ping": ssh: rejected: connect failed (open failed)',
    ),
    Rule(
        cause="runtime_unavailable",
        needle="response from docker engine",
        pattern=r"bad response from docker engine",
        by="Docker Desktop: its socket answers, the engine behind it does not",
        example="Error response from daemon: Bad response from Docker engine",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="error reading preface from client",
        pattern=r"error reading preface from client //\./pipe/[a-z_]{3,40}",
        by="Docker Desktop on Windows: its pipe closed",
        example="http2: server: error reading preface from client //./pipe/docker_engine: file has already been closed",
    ),
    Rule(
        cause="runtime_unavailable",
        needle="message larger than max",
        pattern=r"(?:received|trying to send) message larger than max \(\d{1,12} vs\. \d{1,12}\)",
        by="gRPC between kubelet and the runtime",
        example="code = ResourceExhausted desc = grpc: received message larger than max (16777216 vs. 4194304)",
        weight=WORDS,
        transient=False,
    ),
)
