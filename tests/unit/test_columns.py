import subprocess

import pytest

from agent.contract.causes import CATALOGUE
from aggregator.web.columns import WIDTH, ascii_only, command, prose
from aggregator.web.text import PROGRAMS

# A step of the catalogue that is no command begins like this; another beginning belongs here or into PROGRAMS.
SENTENCES = frozenset("or or: look name compare allow correct set".split())


def by_shell(lines: list[str]) -> list[str]:
    """Give what a shell makes of a pasted command: its words, one by one."""
    script = 'show() { printf "%s\\n" "$@"; }; show ' + "\n".join(lines)
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "skopeo copy docker://quay.io/some/where/very/long:1.2.3 docker://registry.example.org/other/place:1.2.3 --all",
        "skopeo inspect docker://quay.io/" + "long/" * 40 + "name@sha256:" + "a" * 64,
        "grep -F '" + 'in single quotes; with $HOME and "double" ones ' * 4 + "' file",
        'grep -F "' + "in double quotes and it's " * 8 + '" file',
        "a '' \"\" b\\ c" + " word" * 30,
        "x " + "'" + "y" * 200 + "'" + '"' + "z" * 200 + '"',
    ],
)
def test_a_wrapped_command_means_the_same_to_a_shell(text: str) -> None:
    lines = command(text, "     ")
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) > 1
    assert by_shell(lines) == by_shell([text])


def test_a_short_command_stays_one_line() -> None:
    assert command("cat /etc/resolv.conf", "  ") == ["  cat /etc/resolv.conf"]


def test_a_comment_goes_above_its_command() -> None:
    assert command("dig @8.8.8.8 x.lab  # a resolver that is good", "  ") == [
        "  # a resolver that is good",
        "  dig @8.8.8.8 x.lab",
    ]


def test_a_hash_in_quotes_or_in_a_word_is_no_comment() -> None:
    assert command("grep '# x' a#b", "") == ["grep '# x' a#b"]


def test_prose_is_wrapped_and_cut_where_it_must_be() -> None:
    lines = prose("word " * 40 + "x" * 200, " - ", "   ")
    assert max(map(len, lines)) <= WIDTH
    assert (lines[0][:4], lines[1][:4]) == (" - w", "   w")
    assert prose("", "  see: ", "") == ["  see:"]


def test_nothing_but_plain_ascii_comes_out() -> None:
    assert ascii_only("a…b\x1b[2J\nü≥\u202e") == "a...b [2J \\xfc>= "


@pytest.mark.parametrize("step", [step for cause in CATALOGUE for step in cause.steps])
def test_every_step_of_the_catalogue_is_a_known_program_or_a_sentence(step: str) -> None:
    assert step.split(" ", 1)[0] in PROGRAMS | SENTENCES
