"""What an agent is told to do: strict YAML, or nothing at all.

The structs are schema, default and documentation. An empty file is valid: the agent then checks what its node really
uses. Environment only for what Kubernetes knows (NODE_NAME); secrets only as paths to files.
"""

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from agent.check import Settings
from agent.contract.address import Listen, is_loopback, parse_listen, read_token
from agent.contract.reference import InvalidReferenceError, parse
from agent.contract.strict import ConfigError, load
from agent.contract.table import CADENCES, ROUND_S
from agent.host.runtime import ALIASES, NAMES

__all__ = ["CheckConfig", "Checks", "Config", "ConfigError", "Pull", "load_config"]

_DAY_S = 86_400
Every = Annotated[float, msgspec.Meta(ge=1, le=7 * _DAY_S)]  # below a second the monitor is the load
Patience = Annotated[float, msgspec.Meta(ge=0.1, le=600)]  # above ten minutes nobody waits for a pull
Refuse = Callable[[str, str], ConfigError]  # (key, why)

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
_REGISTRY = re.compile(r"(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[0-9]{1,5})?")


class CheckConfig(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One check. `every_s`: seconds between two runs on a target, `patience_s`: seconds it has for its answer.

    Both default to the table of cadences: `every_s` stretched with `interval_s`, `patience_s` capped by the agent's.
    """

    enabled: bool = True
    every_s: Every | None = None
    patience_s: Patience | None = None


class Checks(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Every check by its name."""

    disk: CheckConfig = CheckConfig()
    clock: CheckConfig = CheckConfig()
    runtime: CheckConfig = CheckConfig()
    dns: CheckConfig = CheckConfig()
    tcp: CheckConfig = CheckConfig()
    tls: CheckConfig = CheckConfig()
    registry: CheckConfig = CheckConfig()
    rate_limit: CheckConfig = CheckConfig()
    manifest: CheckConfig = CheckConfig()
    platform: CheckConfig = CheckConfig()
    layer: CheckConfig = CheckConfig()
    pull: CheckConfig = CheckConfig()


class Pull(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Real test pulls. `image`: a small one, best by digest; without one no real pull happens by itself."""

    image: str | None = None


class Config(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An agent.

    `node`: its name; else NODE_NAME, else the host's name. `aggregator`: where to report, `http://host:8080`; none: the
    agent checks and serves its metrics alone. `token_file`: what it shows there, required off loopback. `root`: the
    tree of the node's files. `interval_s`: seconds between two rounds. `patience_s`: the most that any check but `pull`
    waits. `images` and `registries`: what is checked; none: what the node really uses. `facts`: what only a person
    knows of this node, such as its zone. `listen`: where /metrics, /healthz and /readyz are; null: nowhere.
    `runtime`: whose path is judged; null: the one that kubelet uses, or the only one.
    """

    node: str = ""
    aggregator: str | None = None
    token_file: str | None = None
    root: str = "/"
    interval_s: Every = ROUND_S
    patience_s: Patience | None = None
    images: list[str] = []
    registries: list[str] = []
    pull: Pull = Pull()
    facts: dict[str, str | int | float | bool] = {}
    listen: str | None = "127.0.0.1:9090"
    runtime: str | None = None
    checks: Checks = Checks()

    def settings(self) -> dict[str, Settings]:
        """Give each check's settings: what is configured, else the table's."""
        found = {}
        for name in Checks.__struct_fields__:
            own: CheckConfig = getattr(self.checks, name)
            row = CADENCES[name]
            cap_s = row.patience_s if name == "pull" or self.patience_s is None else self.patience_s
            found[name] = Settings(
                enabled=own.enabled,
                every_s=own.every_s or row.every_s * self.interval_s / ROUND_S,
                patience_s=own.patience_s or min(row.patience_s, cap_s),
            )
        return found

    def listens_at(self) -> Listen | None:
        """Give where the agent's own HTTP server is."""
        return parse_listen(self.listen) if self.listen else None


def load_config(path: str | None = None, **given: str | None) -> Config:
    """Read the configuration, and let the command line's options (`node`, `aggregator`, `root` …) win.

    Raises:
        ConfigError: in one line, with the place: `agent.yaml: $.interval_s: expected float ≥ 1.0`.
    """
    config = load(path, Config) if path else Config()
    options = {key: value for key, value in given.items() if value is not None}
    for key, value in options.items():
        setattr(config, key, value)

    def refuse(key: str, why: str) -> ConfigError:
        return ConfigError(f"--{key}: {why}" if key in options else f"{path or 'configuration'}: $.{key}: {why}")

    config.node = config.node or os.environ.get("NODE_NAME", "") or socket.gethostname()
    if not _NAME.fullmatch(config.node):
        raise refuse("node", f"expected letters, digits, '.', '_' and '-' (at most 253), got {config.node!r}")
    if not Path(config.root).is_dir():
        raise refuse("root", f"there is no directory {config.root!r}")
    if config.runtime is not None and config.runtime not in (*NAMES, *ALIASES):
        raise refuse("runtime", f"expected one of {', '.join(NAMES)}, got {config.runtime!r}")
    _check_aims(config, refuse)
    _check_doors(config, refuse)
    return config


def _check_aims(config: Config, refuse: Refuse) -> None:
    for number, image in enumerate(config.images):
        config.images[number] = _image(f"images[{number}]", image, refuse)
    for number, registry in enumerate(config.registries):
        if not _REGISTRY.fullmatch(registry):
            raise refuse(f"registries[{number}]", f"expected a host or host:port such as quay.io, got {registry!r}")
    if config.pull.image is not None:
        config.pull = Pull(image=_image("pull.image", config.pull.image, refuse))


def _image(key: str, text: str, refuse: Refuse) -> str:
    try:
        return str(parse(text))
    except InvalidReferenceError as error:
        raise refuse(key, str(error)) from error


def _check_doors(config: Config, refuse: Refuse) -> None:
    open_doors = []
    if config.aggregator is not None:
        try:
            parts = urlsplit(config.aggregator)
            host, fine = parts.hostname or "", parts.port != 0 and parts.scheme in ("http", "https")
        except ValueError:
            host, fine = "", False
        if not fine or not host or parts.username or parts.query or parts.fragment:
            raise refuse("aggregator", f"expected a URL such as http://127.0.0.1:8080, got {config.aggregator!r}")
        if not is_loopback(host):
            open_doors.append("aggregator")
    try:
        listen = config.listens_at()
    except ValueError as error:
        raise refuse("listen", str(error)) from error
    if listen is not None and not listen.is_loopback:
        open_doors.append("listen")
    for key in open_doors:
        if config.token_file is None:
            raise refuse(key, "is off loopback: token_file is required")
    if config.token_file is not None:
        read_token(config.token_file)
