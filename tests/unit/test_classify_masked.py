"""A message is read whoever copied it, and however: names masked, quotation marks changed, lines wrapped."""

import re

import pytest

from agent.contract.classify import classify
from agent.contract.classify.rule import LIKELY, Rule
from agent.contract.classify.rules import RULES, cut

_HOST = re.compile(r"(?:r|auth|cdn|m|proxy)\.(?:example\.com|corp)|registry-1\.docker\.io")
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_DIGEST = re.compile(r"sha256:[0-9a-f]+")
_MASKS = {
    _HOST: (
        "***",
        "<REGISTRY HOST>",
        "<your registry>",
        "<registry>",
        "[REDACTED]",
        "{{ host }}",
        "{{.Registry}}",
        "$REGISTRY",
        "${REGISTRY}",
        "…",
        "xxx",
        "my-registry",
        "r.****.com",
    ),
    _ADDRESS: (
        "<IP ADDRESS REMOVED>",
        "xxx.xxx.xxx.xxx",
        "x.x.x.x",
        "***",
        "***.***.***.***",
        "[IP]",
        "10.x.x.x",
        "<ip>",
        "A.B.C.D",
    ),
    _DIGEST: ("sha256:YYYY", "sha256:…", "sha256:abc...", "<DIGEST>", "sha256:*****", "sha256:<digest>", "***"),
}
WHOLE = [rule for rule in RULES if rule not in cut.RULES]
KNOWN = [rule for rule in WHOLE if rule.weight > LIKELY]
# A proxy's bare reason phrase is told from a registry's words by nothing but the end of the message behind it.
ENDING = [rule for rule in KNOWN if r"\.?$" in rule.pattern and rule.cause == "proxy_failed"]


def causes(messages: list[str]) -> dict[str, str]:
    """Give the cause of each message."""
    return {message: classify(message).cause for message in messages}


@pytest.mark.parametrize("rule", KNOWN, ids=lambda rule: f"{rule.cause}: {rule.example[:50]}")
def test_what_stands_in_the_place_of_a_name_changes_nothing(rule: Rule) -> None:
    masked = [
        name.sub(mask.replace("\\", ""), rule.example)
        for name, masks in _MASKS.items()
        for mask in masks
        if name.search(rule.example)
    ]
    read = causes(masked)
    assert {message for message, cause in read.items() if cause != rule.cause} == set()


@pytest.mark.parametrize("rule", WHOLE, ids=lambda rule: f"{rule.cause}: {rule.example[:50]}")
def test_neither_spaces_nor_wraps_nor_marks_around_it_change_what_a_message_means(rule: Rule) -> None:
    told = rule.example
    copied = [
        told.replace(" ", "\t"),
        told.replace(" ", "\n"),
        told.replace(" ", "\r\n  "),
        told.replace(" ", "\\n"),
        told.replace(": ", ":\n    "),
        told.replace('"', '\\"'),
        re.sub(r'"([^"]*)"', r"“\1”", told),
        f"`{told}`",
        f"({told})",
        told.upper(),
    ]
    read = causes(copied)
    assert {message for message, cause in read.items() if cause != rule.cause} == set()


@pytest.mark.parametrize(
    "rule", [rule for rule in KNOWN if rule not in ENDING], ids=lambda rule: f"{rule.cause}: {rule.example[:50]}"
)
def test_a_message_among_other_lines_of_a_log_is_found(rule: Rule) -> None:
    log = f"kubelet[1]: I0102 1 x.go:1] starting\n{rule.example}\nkubelet[1]: Back-off pulling image"
    event = f'Warning  Failed  5s (x4 over 2m)  kubelet  Failed to pull image "a": {rule.example}, retrying in 5s'
    assert causes([log, event]) == {log: rule.cause, event: rule.cause}
