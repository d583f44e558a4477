"""What is to be pulled, and how it went."""

from dataclasses import dataclass

from agent.contract.redact import redact
from agent.contract.reference import Reference

MAX_PULL_BYTES = 200 * 1024 * 1024  # a test image is small; more would be a load on registry, link and disk
_TEXT_CHARACTERS = 2000  # of a runtime's error: its chain of causes ends long before


@dataclass(frozen=True, slots=True)
class Order:
    """One image, as its registry just described it.

    `digest` is what the tag leads to, `config_digest` the configuration of the manifest for this platform: by it
    containerd and CRI-O know the image. `total_bytes` is what a pull onto an empty node transfers.
    """

    reference: Reference
    digest: str
    config_digest: str
    total_bytes: int

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which a runtime may keep it: by tag, where it is asked for by tag, and by digest."""
        repository, reference = self.reference.repository, self.reference
        by_tag = (f"{repository}:{reference.tag}",) if reference.tag and not reference.digest else ()
        return (*by_tag, self.by_digest)

    @property
    def by_digest(self) -> str:
        """The name that means this content and no other."""
        return f"{self.reference.repository}@{self.reference.digest or self.digest}"

    @property
    def asked(self) -> str:
        """The name to pull by: by digest where there is one, as runtimes drop the tag beside it."""
        return self.by_digest if self.reference.digest else self.names[0]


@dataclass(frozen=True, slots=True)
class Pull:
    """How one pull through one runtime went.

    `was_present`: the image was there before, under this or another name. `from_cache`: its content was there already,
    so that nothing but its name was asked of the registry. `kept` tells why something of it is left on the node.
    `refused` tells why no pull was tried; then nothing else says anything. `ended` is false where patience ended first.
    """

    runtime: str
    asked: str = ""
    took_s: float = 0.0
    was_present: bool = False
    from_cache: bool = False
    transferred_bytes: int = 0
    error: str | None = None
    ended: bool = True
    kept: str = ""
    refused: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the image came."""
        return not self.refused and self.ended and self.error is None


def last_words(stderr: str) -> str:
    """Give what a program said at its end, without secrets."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return redact(lines[-1])[-_TEXT_CHARACTERS:] if lines else "it failed without a word"
