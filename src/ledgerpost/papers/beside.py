"""What stands beside a receipt: letters, chequebooks, evidence, and the base statement (L5)."""

from collections.abc import Iterable, Mapping

from ledgerpost.papers.instrument import digest_of_instrument, is_instrument
from ledgerpost.papers.receipt import Receipt
from ledgerpost.sealed import identity_in, identity_of, is_message, read
from ledgerpost.statement import digest_of, is_statement
from ledgerpost.terms import Digest


def identity_of_part(raw: bytes) -> Digest:
    """A message's identity (S2), or the digest of a statement or instrument. Raises BadBytes."""
    if is_instrument(raw):
        return digest_of_instrument(raw)
    return digest_of(raw) if is_statement(raw) else identity_of(read(raw))


def missing(receipt: Receipt, parts: Mapping[Digest, bytes]) -> tuple[Digest, ...]:
    """Identities the receipt names that are not at hand."""
    return tuple(part for part in receipt.parts() if part not in parts)


def beside(receipt: Receipt, parts: Mapping[Digest, bytes]) -> dict[Digest, bytes]:
    """Just what the receipt names, of all that is at hand."""
    return {part: parts[part] for part in receipt.parts() if part in parts}


def indexed_own(parts: Iterable[bytes]) -> dict[Digest, bytes]:
    """As ``indexed``, of parts from our own store: it reads no message's payload, which was read when it came."""
    return {identity_in(part) if is_message(part) else identity_of_part(part): part for part in parts}


def indexed(parts: Iterable[bytes]) -> dict[Digest, bytes]:
    """Parts by identity. Raises BadBytes."""
    return {identity_of_part(part): part for part in parts}
