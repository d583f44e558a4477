"""resolv.conf: read as Go reads it, as glibc where Go leaves the lookup to glibc, and never a crash."""

import random
import socket
from pathlib import Path

import pytest

from agent.host import resolver
from agent.host.resolv_conf import Server
from agent.host.resolver import ResolverConfig
from agent.host.root import Root


def read(folder: Path, content: bytes | str | None, **files: str) -> ResolverConfig:
    (folder / "etc").mkdir()
    if content is not None:
        text = content.encode() if isinstance(content, str) else content
        (folder / "etc/resolv.conf").write_bytes(text)
    for name, words in files.items():
        (folder / "etc" / name.replace("_", ".")).write_text(words)
    return resolver.read(Root(folder))


def addresses(config: ResolverConfig) -> list[str]:
    return [server.address for server in config.servers]


def test_a_plain_file_is_read_as_it_stands(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        "# made by hand\n; old style\nnameserver 10.0.0.2\nnameserver\tfd00::2\nnameserver fe80::1%eth0\n"
        "search a.example b.example.\noptions ndots:3 timeout:4 attempts:3 rotate edns0 trust-ad\n",
    )
    assert addresses(config) == ["10.0.0.2", "fd00::2", "fe80::1%eth0"]
    assert config.search == ("a.example", "b.example")
    assert (config.ndots, config.timeout_s, config.attempts, config.rotate) == (3, 4.0, 3, True)
    assert (config.reader, config.missing, config.ignored, config.edns) == ("go", "", (), True)


def test_without_options_the_defaults_of_both_libraries_hold(tmp_path: Path) -> None:
    config = read(tmp_path, "nameserver 10.0.0.2")
    assert (config.ndots, config.timeout_s, config.attempts, config.rotate) == (1, 5.0, 2, False)
    assert (config.over_tcp, config.single_request, config.no_aaaa) == (False, False, False)


def test_a_fourth_nameserver_is_not_asked_and_is_told(tmp_path: Path) -> None:
    config = read(tmp_path, "".join(f"nameserver 10.0.0.{last}\n" for last in range(2, 7)))
    assert addresses(config) == ["10.0.0.2", "10.0.0.3", "10.0.0.4"]
    assert config.surplus == ("10.0.0.5", "10.0.0.6")


@pytest.mark.parametrize(
    ("lines", "search"),
    [
        ("search a.example\nsearch b.example c.example", ("b.example", "c.example")),
        ("search a.example\ndomain b.example", ("b.example",)),
        ("domain b.example\nsearch a.example", ("a.example",)),
        ("search .", ()),
    ],
)
def test_of_search_and_domain_the_last_counts(tmp_path: Path, lines: str, search: tuple[str, ...]) -> None:
    assert read(tmp_path, f"nameserver 10.0.0.2\n{lines}\n").search == search


def test_without_a_search_line_the_domain_of_the_node_is_searched(tmp_path: Path) -> None:
    assert read(tmp_path, "nameserver 10.0.0.2\n", hostname="node-1.corp.example\n").search == ("corp.example",)


def test_on_this_machine_the_name_is_the_kernels() -> None:
    assert socket.gethostname().partition(".")[2] in ("", *resolver.read(Root()).search)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("ndots:99", ("ndots", 15)),
        ("ndots:0", ("ndots", 0)),
        ("ndots:x", ("ndots", 0)),
        ("timeout:0", ("timeout_s", 1.0)),
        ("timeout:x", ("timeout_s", 1.0)),
        ("timeout:90", ("timeout_s", 90.0)),
        ("timeout:90 inet6", ("timeout_s", 30.0)),
        ("attempts:0", ("attempts", 1)),
        ("attempts:9 inet6", ("attempts", 5)),
        ("use-vc", ("over_tcp", True)),
        ("single-request-reopen", ("single_request", True)),
        ("no-tld-query", ("reader", "glibc")),
        ("no-aaaa", ("no_aaaa", True)),
        ("inet6", ("edns", False)),
        ("inet6 edns0", ("edns", True)),
    ],
)
def test_options_have_their_bounds_and_their_reader(tmp_path: Path, options: str, expected: tuple[str, object]) -> None:
    config = read(tmp_path, f"nameserver 10.0.0.2\noptions {options}\n")
    assert getattr(config, expected[0]) == expected[1]
    assert config.ignored == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "/etc/resolv.conf is missing"),
        ("", "/etc/resolv.conf is empty"),
        (" \n\n", "/etc/resolv.conf is empty"),
        ("search corp.example\n", "/etc/resolv.conf names no resolver"),
        ("nameserver\n", "/etc/resolv.conf names no resolver (line 1: 'nameserver')"),
        ("nameserver 10.0.0.2:53\n", "/etc/resolv.conf names no resolver (line 1: 'nameserver 10.0.0.2:53')"),
        ("nameserver [::1]\n", "/etc/resolv.conf names no resolver (line 1: 'nameserver [::1]')"),
        ("nameserver dns.example\n", "/etc/resolv.conf names no resolver (line 1: 'nameserver dns.example')"),
    ],
)
def test_no_resolver_is_said_and_localhost_is_what_the_library_asks(
    tmp_path: Path, content: str | None, words: str
) -> None:
    config = read(tmp_path, content)
    assert config.missing == words
    assert addresses(config) == ["127.0.0.1", "::1"]


def test_of_all_rubbish_the_line_that_means_a_resolver_is_told(tmp_path: Path) -> None:
    config = read(tmp_path, b"\xff\x00\xfe\x01ab\nfoo\nnameserver dns.example\n" + b"x" * 99)
    assert config.missing == "/etc/resolv.conf names no resolver (line 3: 'nameserver dns.example')"
    assert config.ignored[0] == "line 1: 6 characters that are no text"
    assert config.ignored[-1] == f"line 4: '{'x' * 60}'…"


def test_a_directory_in_place_of_the_file_is_no_resolver(tmp_path: Path) -> None:
    (tmp_path / "etc/resolv.conf").mkdir(parents=True)
    assert "not a regular file" in resolver.read(Root(tmp_path)).missing


def test_a_dangling_link_is_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/resolv.conf").symlink_to("/run/systemd/resolve/stub-resolv.conf")
    assert resolver.read(Root(tmp_path)).missing == "/etc/resolv.conf is missing"


@pytest.mark.parametrize(
    ("content", "reader", "servers"),
    [
        ("  nameserver 10.0.0.2\n", "go", ["10.0.0.2"]),
        ("nameserver 10.0.0.2\r\n", "go", ["10.0.0.2"]),
        ("foo bar\n  nameserver 10.0.0.2\nnameserver 10.0.0.3\n", "glibc", ["10.0.0.3"]),
        ("foo bar\nnameserver 10.0.0.2\r\n", "glibc", ["127.0.0.1"]),
        ("foo bar\nnameserver 10.1\n", "glibc", ["10.0.0.1"]),
        ("foo bar\nnameserver 10.0.0.2\0rubbish\n", "glibc", ["10.0.0.2"]),
        ("foo bar\nnameserver fe80::1%lo trailing\n", "glibc", ["fe80::1%lo"]),
        ("NAMESERVER 10.0.0.2\n", "glibc", ["127.0.0.1"]),
        ("sortlist 10.0.0.0\nnameserver 10.0.0.2\n", "glibc", ["10.0.0.2"]),
        ("lookup file bind\nnameserver 10.0.0.2\n", "go", ["10.0.0.2"]),
    ],
)
def test_where_the_libraries_differ_the_one_that_reads_decides(
    tmp_path: Path, content: str, reader: str, servers: list[str]
) -> None:
    config = read(tmp_path, content)
    assert (config.reader, addresses(config)) == (reader, servers)


def test_a_source_that_go_does_not_know_makes_glibc_the_reader(tmp_path: Path) -> None:
    config = read(tmp_path, "nameserver 10.1\n", nsswitch_conf="hosts: files resolve [!UNAVAIL=return] dns\n")
    assert (config.reader, addresses(config)) == ("glibc", ["10.0.0.1"])


def test_lines_without_sense_are_told_with_their_number_and_counted(tmp_path: Path) -> None:
    rubbish = "\n".join(f"line that means nothing {number}" for number in range(1, 41))
    config = read(tmp_path, f"{rubbish}\nnameserver 10.0.0.2\n{'x' * 500}\n")
    assert addresses(config) == ["10.0.0.2"]
    assert config.ignored[0] == "line 1: 'line that means nothing 1'"
    assert config.ignored[-1] == "and 36 more"
    assert len(config.ignored) == 6


def test_a_line_longer_than_any_sense_ends_gos_reading(tmp_path: Path) -> None:
    config = read(tmp_path, f"nameserver 10.0.0.2\n#{'x' * 70_000}\nnameserver 10.0.0.3\n")
    assert addresses(config) == ["10.0.0.2"]
    assert "Go reads no further" in config.ignored[0]


def test_no_rubbish_crashes_the_reader(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    seeded = random.Random(9)
    words = [
        b"nameserver",
        b"search",
        b"options",
        b"domain",
        b"ndots:",
        b"timeout:9999999999",
        b"\0",
        b"\xff",
        b"%",
        b":",
    ]
    for _ in range(300):
        parts = [seeded.choice([*words, b" ", b"\n", b"\t", b"\r", seeded.randbytes(5)]) for _ in range(60)]
        (tmp_path / "etc/resolv.conf").write_bytes(b"".join(parts))
        (tmp_path / "etc/nsswitch.conf").write_bytes(b"hosts:" + b"".join(parts).replace(b"\n", b" "))
        config = resolver.read(Root(tmp_path))
        assert config.servers
        assert all(line.isprintable() for line in config.ignored)


def test_what_stands_behind_the_stub_of_systemd_resolved_is_read_too(tmp_path: Path) -> None:
    behind = tmp_path / "run/systemd/resolve"
    behind.mkdir(parents=True)
    (behind / "resolv.conf").write_text("nameserver 10.0.0.2\nnameserver 10.0.0.3\n")
    config = read(tmp_path, "nameserver 127.0.0.53\noptions edns0 trust-ad\n")
    assert config.behind == (Server("10.0.0.2"), Server("10.0.0.3"))


def test_behind_a_resolver_that_is_no_stub_nothing_is_read(tmp_path: Path) -> None:
    behind = tmp_path / "run/systemd/resolve"
    behind.mkdir(parents=True)
    (behind / "resolv.conf").write_text("nameserver 10.0.0.2\n")
    assert read(tmp_path, "nameserver 10.0.0.9\n").behind == ()


def test_a_stub_with_nothing_behind_it_is_no_error(tmp_path: Path) -> None:
    assert read(tmp_path, "nameserver 127.0.0.53\n").behind == ()


def test_a_server_is_written_with_its_port_only_where_it_is_another() -> None:
    assert [str(Server("::1")), str(Server("127.0.0.1", 5353))] == ["::1", "127.0.0.1#5353"]
