"""A short run of the fuzzer; the long one is `python -m tests.fuzz`."""

from tests.fuzz.canaries import FORMS
from tests.fuzz.run import run

LINES = 4000  # a second or two
SEED = 20261122


def test_no_input_breaks_the_classifier_and_no_secret_comes_out() -> None:
    outcome = run(SEED, LINES, through_command=False)
    assert outcome.complaints == []
    assert outcome.lines == LINES
    assert outcome.secrets > 10 * len(FORMS)
