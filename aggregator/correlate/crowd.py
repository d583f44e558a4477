"""Some nodes of a fleet, by their numbers.

A set while it grows; where crowds are compared, one big number with bit i for node i: `&`, `|` and `bit_count` of
5,000 nodes take less than a microsecond, and of 100,000 a few.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import compress
from operator import itemgetter, or_

FEW = 64  # of so few nodes the big number is made when asked and not kept: 100,000 bits are 13 kB
SHORT_BITS = 8_192  # unless it is no longer than this: 1 kB, and a report asks for hundreds of them
_DIGITS = bytes.maketrans(b"01", b"\0\1")
_LONG = 1 << SHORT_BITS


class Crowd:
    """A set of nodes that can be asked for its bits."""

    __slots__ = ("_bits", "numbers")

    def __init__(self) -> None:
        self.numbers: set[int] = set()
        self._bits: int | None = None

    def add(self, number: int) -> None:
        """Add a node."""
        self.numbers.add(number)
        if self._bits is not None:
            self._bits |= 1 << number

    def discard(self, number: int) -> None:
        """Take a node out, if it is in."""
        self.numbers.discard(number)
        if self._bits is not None:
            self._bits &= ~(1 << number)

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def bits(self) -> int:
        """The same as one number."""
        if self._bits is not None:
            return self._bits
        bits = bits_of(self.numbers)
        if len(self.numbers) > FEW or bits < _LONG:
            self._bits = bits
        return bits


def bits_of(numbers: Collection[int]) -> int:
    """Make one number of many."""
    if len(numbers) <= FEW:
        bits = 0
        for number in numbers:
            bits |= 1 << number
        return bits
    digits = bytearray(b"0") * (max(numbers) + 1)
    for number in numbers:
        digits[number] = 49  # "1"
    digits.reverse()
    return int(digits, 2)


def numbers_of(bits: int) -> list[int]:
    """Give the numbers of the bits that are set."""
    if bits.bit_count() <= FEW:
        numbers = []
        while bits:
            numbers.append(first_of(bits))
            bits &= bits - 1
        return numbers
    return list(compress(range(bits.bit_length()), _flags(bits)))


def chooser(names: Sequence[str]) -> Callable[[int], list[str]]:
    """Give what names the nodes whose bits are set, sorted: as long as the names are these, they are sorted once."""
    order = sorted(range(len(names)), key=names.__getitem__)
    ranked = [names[number] for number in order]
    in_order = itemgetter(*(order or [0]))

    def choose(bits: int) -> list[str]:
        if bits.bit_count() <= FEW:
            return sorted([names[number] for number in numbers_of(bits)])
        return list(compress(ranked, in_order(_flags(bits).ljust(len(order), b"\0"))))

    return choose


def union(crowds: Iterable[Crowd]) -> int:
    """Give the bits of all nodes of these crowds."""
    bits = 0
    for crowd in crowds:
        bits = or_(bits, crowd.bits)
    return bits


def first_of(bits: int) -> int:
    """Give the lowest number among bits that are not 0."""
    return (bits & -bits).bit_length() - 1


def _flags(bits: int) -> bytes:
    return bin(bits)[:1:-1].encode().translate(_DIGITS)
