"""One malformed sample as a file: a few lines of ASCII that say what is wrong, and the bytes in hexadecimal."""

from collections.abc import Iterator
from dataclasses import dataclass, field

FIRST_LINE = "ledgerpost malformed sample 1"


@dataclass(frozen=True, slots=True)
class Sheet:
    """``error``: the code that must come of it, ``none`` for a good one; ``says``: words of the message it comes with.

    ``reader``: how it is to be read, in words that the README explains; ``good``: what it was before it was spoilt.
    """

    file: str
    reader: str
    error: str
    says: str
    fault: str
    good: str
    raw: bytes

    def encode(self) -> bytes:
        """The file."""
        lines = (f"reader: {self.reader}", f"error: {self.error}", f"says: {self.says}", f"fault: {self.fault}")
        told = (FIRST_LINE, *lines, f"good: {self.good}", f"bytes: {self.raw.hex()}")
        return "".join(f"{line}\n" for line in told).encode("ascii")


@dataclass
class Group:
    """A good original, in a folder of its own, and the faults made of it."""

    name: str
    reader: str
    raw: bytes
    sheets: dict[str, Sheet] = field(default_factory=dict)

    @property
    def good(self) -> str:
        return f"{self.name}/good.txt"

    def put(self, slug: str, raw: bytes, error: str, says: str, fault: str) -> None:
        """One more, with one fault. No two are alike, and none is like the good one."""
        file = f"{self.name}/{slug}.txt"
        assert file not in self.sheets and file != self.good, file
        if raw != self.raw and all(raw != each.raw for each in self.sheets.values()):
            self.sheets[file] = Sheet(file, self.reader, error, says, fault, self.good, raw)

    def __iter__(self) -> Iterator[Sheet]:
        yield Sheet(self.good, self.reader, "none", "", "none: this is what the others here were", self.good, self.raw)
        yield from self.sheets.values()
