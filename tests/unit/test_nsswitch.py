"""nsswitch.conf: the order of sources, the answers that end it, and when Go leaves it to glibc."""

from pathlib import Path

import pytest

from agent.host import nsswitch
from agent.host.nsswitch import DEFAULT, Source, as_go_asks, left_to_glibc, parse
from agent.host.root import Root


def names(line: str) -> list[str]:
    return [source.name for source in parse(f"hosts: {line}\n")]


def ends_on(line: str) -> list[str]:
    return sorted(parse(f"hosts: {line}\n")[0].ends_on)


@pytest.mark.parametrize("text", ["", "passwd: files\n", "hosts\n", "no colon here\n", "\0\xff: [\n"])
def test_a_file_without_a_line_for_hosts_means_files_then_dns(text: str) -> None:
    assert parse(text) == DEFAULT


@pytest.mark.parametrize("text", ["hosts:\n", "hosts: # files\n", "hosts: [x]"])
def test_an_empty_line_means_files_then_dns_to_go_and_nothing_to_glibc(text: str) -> None:
    assert (parse(text), as_go_asks(parse(text)), left_to_glibc(parse(text))) == ((), DEFAULT, False)


@pytest.mark.parametrize("place", ["missing", "directory"])
def test_no_file_that_can_be_used_means_files_then_dns(tmp_path: Path, place: str) -> None:
    if place == "directory":
        (tmp_path / "etc/nsswitch.conf").mkdir(parents=True)
    assert nsswitch.read(Root(tmp_path)) == DEFAULT


def test_the_order_of_the_file_is_kept_and_comments_are_not() -> None:
    assert names("dns files # mdns") == ["dns", "files"]
    assert names("\tfiles mdns4_minimal [NOTFOUND=return] dns") == ["files", "mdns4_minimal", "dns"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("files", ["success"]),
        ("files [NOTFOUND=return]", ["notfound", "success"]),
        ("files [notfound=RETURN]", ["notfound", "success"]),
        ("resolve [!UNAVAIL=return]", ["notfound", "success", "tryagain"]),
        ("dns [UNAVAIL=return TRYAGAIN=return]", ["success", "tryagain", "unavail"]),
        ("dns [NOTFOUND=continue]", ["success"]),
        ("dns [rubbish]", ["success"]),
    ],
)
def test_a_criterion_says_which_answers_end_the_asking(line: str, expected: list[str]) -> None:
    assert ends_on(line) == expected


@pytest.mark.parametrize(
    ("line", "name", "expected"),
    [
        ("files dns", "quay.io", False),
        ("files myhostname dns", "quay.io", False),
        ("files myhostname dns", "localhost", True),
        ("files mdns4_minimal [NOTFOUND=return] dns", "quay.io", False),
        ("files mdns4_minimal [NOTFOUND=return] dns", "reg.local", True),
        ("files resolve dns", "quay.io", True),
        ("myhostname", "quay.io", True),
        ("files [NOTFOUND=return] dns", "quay.io", False),  # Go sees nothing special in a return that stands last
        ("files [!NOTFOUND=return] dns", "quay.io", True),
        ("dns [UNAVAIL=return NOTFOUND=continue] files", "quay.io", True),
    ],
)
def test_go_leaves_to_glibc_what_it_does_not_know(line: str, name: str, expected: bool) -> None:
    assert left_to_glibc(parse(f"hosts: {line}"), name) is expected


def test_go_asks_files_and_dns_alone() -> None:
    assert as_go_asks(parse("hosts: dns mdns [NOTFOUND=return] files")) == (Source("dns"), Source("files"))
    assert as_go_asks(parse("hosts: mdns")) == DEFAULT
