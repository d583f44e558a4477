"""What every integration test starts from."""

import pytest

from agent.distribution import tokens


@pytest.fixture(autouse=True)
def no_tokens_from_other_tests() -> None:
    for key in list(tokens.KEPT._kept):
        tokens.KEPT.forget(key)
