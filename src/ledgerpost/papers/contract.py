"""An asset's contract: a text people can read, with a small head for machines, signed by the issuer.

The idea is Ian Grigg's Ricardian contract, which the second seed builds on. The SHA-256 of what was signed names the
asset (O6), so decimals and unit always come from the words everybody agreed to.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from ledgerpost import fields as f
from ledgerpost.errors import WrongShape
from ledgerpost.papers.card import key_within
from ledgerpost.papers.kinds import Paper
from ledgerpost.sealed import Sealed, read, verify
from ledgerpost.terms import MAX_INT, Fingerprint, PublicKey

MAX_CONTRACT: Final = 16384
FIRST_LINE: Final = "ledgerpost contract 1"
_HEAD: Final = ("name", "unit", "decimals", "limit")


@dataclass(frozen=True, slots=True)
class Head:
    """What a machine reads: ``unit`` is the short word after an amount, ``limit`` the most units ever issued."""

    name: str
    unit: str
    decimals: int
    limit: int


@dataclass(frozen=True, slots=True)
class Contract(Paper):
    """The issuer is the signer; ``text`` is the whole contract, head included."""

    TYPE: ClassVar = "contract"
    FIELDS: ClassVar = (f.fingerprint, f.public_key, f.text(MAX_CONTRACT))

    bank: Fingerprint
    key: PublicKey
    text: str

    def check(self) -> None:
        """The head must read."""
        read_head(self.text)

    @property
    def head(self) -> Head:
        """What the text's head says."""
        return read_head(self.text)


def open_contract(raw: bytes, bank: Fingerprint | None = None) -> tuple[Contract, Sealed]:
    """Verify a contract with the key it carries. Raises BadBytes."""
    claim = read(raw, 2 * MAX_CONTRACT)
    sealed = verify(claim, key_within(claim.body))
    return Contract.of(sealed, bank), sealed


def read_head(text: str) -> Head:
    """The head: the first line, then ``name``, ``unit``, ``decimals``, ``limit``, one a line, then a blank line.

    Raises WrongShape that says which line is wrong.
    """
    lines = text.split("\n")
    if lines[0] != FIRST_LINE:
        raise WrongShape(f"a contract starts with the line '{FIRST_LINE}'")
    values = [_value(lines, number, key) for number, key in enumerate(_HEAD, 1)]
    if len(lines) < 7 or lines[5] != "" or not "".join(lines[6:]).strip():
        raise WrongShape("after the head, a contract has a blank line and then its words")
    name, unit, decimals, limit = values
    if not 1 <= len(unit) <= 12 or not unit.isalnum():
        raise WrongShape("unit: a short word of letters and digits belongs here")
    return Head(name, unit, _whole(decimals, "decimals", 9), _whole(limit, "limit", MAX_INT))


def _value(lines: list[str], number: int, key: str) -> str:
    line = lines[number] if number < len(lines) else ""
    start = f"{key}: "
    value = line.removeprefix(start)
    if not line.startswith(start) or not value.strip() or value != value.strip() or not value.isprintable():
        raise WrongShape(f"line {number + 1} of a contract reads '{key}: …'")
    return value


def _whole(text: str, key: str, most: int) -> int:
    if not (text.isascii() and text.isdigit()) or str(int(text)) != text or int(text) > most:
        raise WrongShape(f"{key}: a whole number up to {most} belongs here")
    return int(text)
