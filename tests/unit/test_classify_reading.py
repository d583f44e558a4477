"""How a line is read: by the needles of rules, plain, whatever it was wrapped in, and never a name for a cause."""

import json
import random
import re

import pytest

from agent.contract.classify import classify
from agent.contract.classify.attempts import split
from agent.contract.classify.hits import SHORT_CHARACTERS, Hit, hits
from agent.contract.classify.index import source
from agent.contract.classify.opening import opened
from agent.contract.classify.plain import LINE_CHARACTERS, SECRET_CHARACTERS, plain
from agent.contract.classify.rule import NAME_LETTERS, compiled
from agent.contract.classify.rules import RULES
from agent.contract.letters import lowered, words
from tests.fuzz.inputs import inputs

REFUSED = "dial tcp 10.0.0.5:443: connect: connection refused"


def found(text: str) -> set[Hit]:
    low = lowered(plain(text))
    return hits(low, frozenset(words(low)), every=True)


def tried_in_turn(text: str) -> set[Hit]:
    """Give what every rule finds, tried at every letter."""
    low = lowered(plain(text))
    told = set()
    for number, rule in enumerate(RULES):
        at = 0
        while match := compiled(source(rule)).search(low, at):
            start, at = match.span()
            name = start > 2 and re.match(r'[a-z0-9] "[^ ]*"', low[start - 3 : at + 1])
            if start and (low[start - 1] in NAME_LETTERS or low[start - 1].isalnum() or name):
                at = start + 1
            else:
                told.add((rule.weight, at, -start, -number))
    heavier = {hit for hit in told if hit[0]}
    return heavier or told


def test_reading_by_needles_finds_what_tells_most_of_all_that_the_rules_find() -> None:
    luck = random.Random(1)
    texts = [rule.example for rule in RULES]
    texts += [f"{luck.choice(texts)}: {luck.choice(texts)}" for _ in range(150)]
    texts += [line.decode(errors="replace") for line, _ in inputs(3, 150) if len(line) < SHORT_CHARACTERS]
    for text in texts:
        slow, fast = tried_in_turn(text), found(text)
        assert fast <= slow | fast
        assert max(fast, default=None) == max(slow, default=None), text


@pytest.mark.parametrize("rule", RULES[::7], ids=lambda rule: rule.example[:40])
def test_a_long_line_is_read_to_its_end(rule: object) -> None:
    example = getattr(rule, "example", "")
    for filler in ("x y ", "failed image status "):
        long = filler * (SHORT_CHARACTERS // len(filler))
        assert max(found(f"{long}; {example}"), default=(0,))[0] == max(found(example), default=(0,))[0]


def test_a_pattern_is_opened_and_means_the_same() -> None:
    assert opened("(?:x509: )?certificate (?:a|b)") == ["x509: certificate (?:a|b)", "certificate (?:a|b)"]
    assert opened(r"\(?client|a[|)]b") == [r"\(client", "client", "a[|)]b"]
    assert opened("(?<=: )denied(?=x)") == ["d(?<=: d)enied(?=x)"]
    assert opened("(?:a|(?:b|c)d)e") == ["ae", "bde", "cde"]
    assert opened("(?:ab){2}c") == ["(?:ab){2}c"]
    assert opened(r"[]\]|]x|y") == [r"[]\]|]x", "y"]


@pytest.mark.parametrize(
    ("wrapped", "expected"),
    [
        (r"a \"b\" \\\"c\\\" d", 'a "b" "c" d'),
        ("a\n b\r\n\tc ", "a b c"),
        (r"a\nb\tc", "a b c"),
        ("a\x00b\u200bc\x7f", "abc"),
        ("\x1b[31mError:\x1b[0m x", "Error: x"),
        (r"\u001b[1;31mError:\x1b[0m \033[32mx", "Error: x"),
        (r"a \u003cb\u003e \u0026 \u201cc\u201d \u000ad", 'a <b> & "c" d'),
        ("\ud800a\udfffb", "ab"),
        ("", ""),
    ],
)
def test_a_message_becomes_one_plain_line(wrapped: str, expected: str) -> None:
    assert plain(wrapped) == expected


WRAPS = (
    "{}",
    "rpc error: code = Unknown desc = {}",
    'rpc error: code = Unavailable desc = connection error: desc = "{}"',
    'E1122 10:00:00.000000 1 kuberuntime_image.go:55] "Failed to pull image" err="{}" image="r.example.com/a:1"',
    'time="2026-11-22T10:00:00Z" level=error msg="PullImage \\"r.example.com/a:1\\" failed" error="{}"',
    "Nov 22 10:00:00 node-1 kubelet[123]: {}",
    'Warning  Failed  3s (x2 over 9s)  kubelet  Failed to pull image "r.example.com/a:1": {}',
    "\x1b[31mError:\x1b[0m {}",
    "{}\n",
    "{} ",
)


@pytest.mark.parametrize("wrap", WRAPS)
def test_what_a_message_is_wrapped_in_changes_nothing(wrap: str) -> None:
    for text in (REFUSED, "x509: certificate signed by unknown authority", "toomanyrequests: slow down"):
        cause = classify(text).cause
        assert classify(wrap.format(text)).cause == cause
        assert classify(json.dumps({"log": wrap.format(text) + "\n", "stream": "stderr"})).cause == cause
        assert classify(json.dumps(json.dumps(wrap.format(text)))).cause == cause


TRAPS = (
    "timeout denied x509 429 401 403 404 500 503 not-found unauthorized forbidden eof proxyconnect manifest-unknown "
)
TRAPS += "toomanyrequests no-such-host connection-refused tls no-space-left-on-device exec-format-error blob unknown "
TRAPS += "context-deadline-exceeded certificate expired refused reset broken-pipe signature policy quota"
PLACES = (
    'Failed to pull image "r.example.com/team/{}:1": {cause}',
    'Failed to pull image "r.example.com/{}/app:1": {cause}',
    'Failed to pull image "r.example.com/team/app:{}": {cause}',
    'Failed to pull image "{}.example.com/team/app:1": {cause}',
    'Failed to pull image "team/{}": {cause}',
    'Get "https://{}.example.com/v2/": {cause}',
    'Get "https://r.example.com/v2/{}/manifests/1": {cause}',
    'Get "https://r.example.com/v2/app/manifests/{}": {cause}',
    'Get "https://{}@r.example.com/v2/": {cause}',
    "initializing source docker://r.example.com/{}:1: {cause}",
    'secret "{}" in namespace "{}": {cause}',
    "pod default/{}-7d9f: {cause}",
)


@pytest.mark.parametrize("place", PLACES)
def test_a_name_that_reads_like_a_fault_changes_no_cause(place: str) -> None:
    told = {REFUSED: "connect_refused", "no space left on device": "disk_full"}
    if "https" not in place:  # a short answer behind an address may be a proxy's
        told["nobody has read this"] = "unknown"
    for word in TRAPS.split():
        for name in (word, f"{word}-app", f"my-{word}", f"a.{word}", f"{word}_{word}"):
            for text, cause in told.items():
                message = place.replace("{}", name).replace("{cause}", text)
                assert classify(message).causes == [cause], message


def test_of_a_truncated_message_the_words_still_there_count() -> None:
    whole = f'rpc error: code = Unknown desc = failed to pull and unpack image "r.example.com/a:1": {REFUSED}'
    for end in range(len(whole) - 3, len(whole) + 1):
        assert classify(whole[:end]).cause == "connect_refused", whole[:end]
        assert classify(whole[:end] + "...").cause == "connect_refused", whole[:end]


def test_of_a_line_over_64_kb_the_head_and_the_tail_are_read() -> None:
    long = "x " * LINE_CHARACTERS
    assert classify(f"{REFUSED} {long}").cause == "connect_refused"
    assert classify(f"{long} {REFUSED}").cause == "connect_refused"
    assert classify(f"{long} {REFUSED} {long}").cause == "unknown"


@pytest.mark.parametrize("place", [LINE_CHARACTERS // 2, LINE_CHARACTERS // 2 - 30, LINE_CHARACTERS // 2 + 4000])
def test_half_a_secret_beside_the_cut_is_left_out(place: int) -> None:
    secret = "s3cr3t" * 100
    filler = "x " * LINE_CHARACTERS
    for text in (filler[:place] + f"token={secret} " + filler, filler + f"token={secret} " + filler[:place]):
        assert "s3cr3t" not in plain(text).replace(f"token={secret}", "")


def test_no_more_than_one_long_word_is_left_out_beside_the_cut() -> None:
    line = plain("a" * 3_000_000)
    assert len(line) > LINE_CHARACTERS - 2 * SECRET_CHARACTERS - 9


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("pull image err: a; artifact err: b", 2),
        ("2 errors occurred: * error a * initializing b", 3),
        ("[rpc error: code = a, rpc error: code = b]", 2),
        ("(mirrors also failed: [a]): b", 2),
        ("(mirrors also failed: [a", 1),
        ("a, b, c", 1),
    ],
)
def test_a_message_of_several_attempts_is_split(text: str, count: int) -> None:
    spans = split(text)
    assert len(spans) == count
    assert all(0 <= start <= end <= len(text) for start, end in spans)


def test_thousands_of_attempts_are_read() -> None:
    told = classify("pull image err: " + "manifest unknown; artifact err: " * 5000 + REFUSED)
    assert set(told.causes) == {"image_not_found", "connect_refused"}


def test_the_words_of_a_text_are_its_letters_and_digits() -> None:
    assert words(lowered("MANIFEST_UNKNOWN: a-b.c/4\ud800ü429")) == [
        b"manifest",
        b"unknown",
        b"a",
        b"b",
        b"c",
        b"4",
        b"429",
    ]
    assert lowered("İA") == "?a"


def test_no_pattern_holds_a_capturing_group() -> None:
    assert not [rule for rule in RULES if re.compile(source(rule)).groups]


def test_the_first_words_of_a_long_line_are_read() -> None:
    told = "http2: frame too large, and more"
    assert classify(told).cause == classify(told + " x" * SHORT_CHARACTERS).cause != "unknown"
