"""The aggregator's configuration."""

from pathlib import Path

import pytest

from agent.contract.strict import ConfigError
from aggregator.config import load_config

MISTAKES = (
    ("port: 80", "$.port: unknown key"),
    ("listen: '0.0.0.0:8080'", "$.listen: 0.0.0.0:8080 is off loopback: token_file is required"),
    ("listen: nowhere", "$.listen: expected HOST:PORT"),
    ("store: ''", "$.store: expected the path of a file"),
    ("forget_after_s: 1", "$.forget_after_s: expected float ≥ 60.0"),
    ("keep_s: 1", "$.keep_s: expected float ≥ 60.0"),
    ("store_bytes: 1000000", "$.store_bytes: expected int ≥ 67108864"),
    ("reader_token_file: /nowhere", "/nowhere: the token cannot be read"),
)


@pytest.mark.parametrize(("text", "wanted"), MISTAKES)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, text: str, wanted: str) -> None:
    path = tmp_path / "aggregator.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(str(path))
    assert wanted in str(caught.value) and "\n" not in str(caught.value)


def test_an_option_wins_and_is_named_as_it_is_typed() -> None:
    assert load_config(listen="127.0.0.1:0", store="x.db", cluster="prod-1").cluster == "prod-1"
    with pytest.raises(ConfigError, match=r"^--listen: :8080 is off loopback: token_file is required"):
        load_config(listen=":8080")


def test_a_token_opens_the_door_off_loopback(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret")
    assert not load_config(listen=":8080", token_file=str(tmp_path / "token")).listens_at().is_loopback
