"""The malformed samples, and the reader that each of them names, all of them the ones that the program uses.

Reads ``samples/malformed`` as its README says, with nothing else at hand but the keys beside it.
"""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

import fuzz_seeds as s
from fuzz_readers import PAPERS
from ledgerpost import cbor, envelope, paperkey, spelling, vault
from ledgerpost.bank.prepare import prepare
from ledgerpost.desk.backup import check
from ledgerpost.desk.delivery import read_word
from ledgerpost.desk.home import BANKS, WALLETS
from ledgerpost.errors import BadBytes, Refusal
from ledgerpost.papers.agreement import Retraced, retrace
from ledgerpost.papers.bankcard import open_bank_card
from ledgerpost.papers.beside import indexed
from ledgerpost.papers.card import open_card
from ledgerpost.papers.contract import open_contract
from ledgerpost.papers.instrument import check_offline, read_instrument
from ledgerpost.papers.letter import Letter, Seen
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.orders import read_order
from ledgerpost.papers.proof import brought, check_brought, check_notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.terms import Terms
from ledgerpost.pictures import parts
from ledgerpost.pictures.parts import Part
from ledgerpost.sealed import identity_of, open_message, read
from ledgerpost.statement import digest_of, read_statement
from ledgerpost.terms import Digest

FOLDER: Final = s.SAMPLES / "malformed"
FIRST_LINE: Final = "ledgerpost malformed sample 1"
NAMES: Final = ("reader", "error", "says", "fault", "good", "bytes")


class Sample(NamedTuple):
    """A file as it says it is."""

    reader: str
    error: str
    says: str
    fault: str
    good: str
    raw: bytes


def sample(path: Path) -> Sample:
    """One file, to the letter of the README."""
    first, *lines, end = path.read_bytes().decode("ascii").split("\n")
    assert (first, end) == (FIRST_LINE, "")
    pairs = [line.partition(": ") for line in lines]
    assert tuple(name for name, _, _ in pairs) == NAMES
    *told, raw = (value for _, _, value in pairs)
    reader, error, says, fault, good = told
    return Sample(reader, error, says, fault, good, bytes.fromhex(raw))


@cache
def samples() -> dict[str, Sample]:
    """All of them by their path."""
    return {path.relative_to(FOLDER).as_posix(): sample(path) for path in sorted(FOLDER.glob("*/*.txt"))}


def read_as(reader: str, raw: bytes) -> object:
    """Read bytes as a sample says. Raises what the reader raises; a refusal is returned."""
    name, *words = reader.split()
    return READERS[name](raw, *words)


def _message(raw: bytes, kind: str, signer: str) -> object:
    return PAPERS[kind].of(open_message(raw, s.cast()[signer].key, kind), s.BANK.fingerprint)


def _order(raw: bytes) -> object:
    alice, nothing = s.cast()["alice"], digest_of(b"")
    letter = Letter(s.BANK.fingerprint, 1, None, Seen(0, nothing), nothing, 0, bytes(16), nothing, (raw,))
    return read_order(raw, letter, alice.key)


def _notice(raw: bytes) -> object:
    notice = Notice.of(open_message(raw, s.BANK.key, Notice.TYPE), s.BANK.fingerprint)
    check_notice(notice, s.key_of)
    return notice


def _receipt(raw: bytes, party: str) -> Retraced:
    first, *rest = s.unbundle(raw)
    key = s.cast()[party].key
    receipt = Receipt.of(open_message(first, s.BANK.key, Receipt.TYPE), s.BANK.fingerprint)
    found = indexed(rest)
    retraced = retrace(receipt, found, key, terms().get)
    for each in brought(retraced):
        check_brought(each, key, found, terms().get(each.letter.terms))
    return retraced


@cache
def terms() -> dict[Digest, Terms]:
    """The bank's terms by name."""
    return {identity_of(read(raw)): Terms.read(read(raw).body) for raw in s.under("terms")}


def _envelope(raw: bytes) -> object:
    envelope.look(raw)
    prepared = prepare(raw, s.BANK.seed, s.BANK.fingerprint)
    if isinstance(prepared, BadBytes):
        raise prepared
    return prepared


def _key_file(raw: bytes) -> object:
    vault.read_public(raw)
    return vault.open_key(raw, None)


def _texts(raw: bytes) -> object:
    found = [parts.read(line) for line in raw.decode().splitlines()]
    return parts.restore([each for each in found if isinstance(each, Part)])


READERS: Final[dict[str, Callable[..., object]]] = {
    "item": cbor.decode,
    "message": _message,
    "card": open_card,
    "bankcard": open_bank_card,
    "contract": lambda raw: open_contract(raw, s.BANK.fingerprint),
    "order": _order,
    "statement": read_statement,
    "instrument": lambda raw: check_offline(read_instrument(raw), s.BANK.key),
    "notice": _notice,
    "receipt": _receipt,
    "envelope": _envelope,
    "delivered": read_word,
    "key-file": _key_file,
    "backup": lambda raw, kind: check(BytesIO(raw), {"bank": BANKS, "wallet": WALLETS}[kind]),
    "text": lambda raw: parts.read(raw.decode()),
    "texts": _texts,
    "paper-key": lambda raw: paperkey.from_words(raw.decode()),
    "fingerprint": lambda raw: spelling.read_fingerprint(raw.decode()),
    "amount": lambda raw, decimals: spelling.read_amount(raw.decode(), int(decimals)),
    "end": lambda raw, now: spelling.read_until(raw.decode(), int(now)),
}


def refusal(answer: object) -> str:
    """The name of a refusal, or nothing."""
    return answer.name if isinstance(answer, Refusal) else ""
