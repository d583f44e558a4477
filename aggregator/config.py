"""What an aggregator is told to do: strict YAML, or nothing at all. An empty file is valid."""

from collections.abc import Callable
from typing import Annotated

import msgspec

from agent.contract.address import Listen, parse_listen, read_token
from agent.contract.strict import ConfigError, load

__all__ = ["Config", "ConfigError", "load_config"]

LEAST_BYTES = 64 << 20  # what a thousand nodes say, the journal of the writes, and some past
Refuse = Callable[[str, str], ConfigError]  # (key, why)

_MINUTE_S = 60
_YEAR_S = 365 * 86_400


class Config(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An aggregator.

    `listen`: where agents report and people read. `store`: the SQLite file; `:memory:` keeps nothing. `cluster`: what
    this fleet is called. `token_file`: what agents show; required off loopback. `reader_token_file`: what readers show
    off loopback; null: the same token. `forget_after_s`: a node not heard for so long has left the fleet. `keep_s`: how
    long the past is kept (incidents, reports, changes of nodes); a month, because what is looked into later than that
    is looked into from a ticket. `store_bytes`: what the file may have, the past goes before it is larger; a gibibyte
    is a month of incidents of thousands of nodes, or five days in which all of them flap. `registry_rate`: requests a
    second that all agents together make to one registry; their intervals are stretched to stay under it.
    """

    listen: str = "127.0.0.1:8080"
    store: str = "pullscope.db"
    cluster: str = ""
    token_file: str | None = None
    reader_token_file: str | None = None
    forget_after_s: Annotated[float, msgspec.Meta(ge=_MINUTE_S, le=_YEAR_S)] = 86_400.0
    keep_s: Annotated[float, msgspec.Meta(ge=_MINUTE_S, le=10 * _YEAR_S)] = 30 * 86_400.0
    store_bytes: Annotated[int, msgspec.Meta(ge=LEAST_BYTES)] = 1 << 30
    registry_rate: Annotated[float, msgspec.Meta(ge=0.01, le=1e6)] = 20.0

    def listens_at(self) -> Listen:
        """Give where the server is."""
        return parse_listen(self.listen)


def load_config(path: str | None = None, **given: str | None) -> Config:
    """Read the configuration, and let the command line's options (`listen`, `store`, `cluster`, `token_file`) win.

    Raises:
        ConfigError: in one line, with the place.
    """
    config = load(path, Config) if path else Config()
    options = {key: value for key, value in given.items() if value is not None}
    for key, value in options.items():
        setattr(config, key, value)

    def refuse(key: str, why: str) -> ConfigError:
        option = key.replace("_", "-")
        return ConfigError(f"--{option}: {why}" if key in options else f"{path or 'configuration'}: $.{key}: {why}")

    _check(config, refuse)
    return config


def _check(config: Config, refuse: Refuse) -> None:
    try:
        listen = config.listens_at()
    except ValueError as error:
        raise refuse("listen", str(error)) from error
    if not listen.is_loopback and config.token_file is None:
        raise refuse("listen", f"{config.listen} is off loopback: token_file is required")
    if not config.store:
        raise refuse("store", "expected the path of a file")
    for path in (config.token_file, config.reader_token_file):
        if path is not None:
            read_token(path)
