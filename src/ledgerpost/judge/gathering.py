"""From files to evidence: every document that verifies, whoever brought it, by keys that documents bring themselves.

What does not verify counts for nothing. Knows no rule of what is owed.
"""

from collections.abc import Iterable, Mapping

from ledgerpost.errors import BadBytes
from ledgerpost.judge.declared import Base, Declared
from ledgerpost.judge.evidence import Evidence, Told, Word
from ledgerpost.judge.within import claim_in, everything, instrument_in, keys_in
from ledgerpost.papers.agreement import Disagreement, Incomplete, Retraced, retrace
from ledgerpost.papers.bankcard import open_bank_card
from ledgerpost.papers.beside import identity_of_part
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.instrument import Chain, check_chain, claim_of, digest_of_instrument, paper_of
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Sealed, is_message, verify
from ledgerpost.statement import read_statement
from ledgerpost.terms import Digest, Fingerprint, PublicKey

OF_BANKS = (Receipt.TYPE, Notice.TYPE, Sequence.TYPE, Certificate.TYPE)
"""What only a bank signs."""


def gather(documents: Iterable[bytes]) -> Evidence:
    """Verify what can be verified, in an order that does not matter. Never raises for bad documents.

    A message has its name from what was signed, not from its signature (S2), so only one that verifies bears it:
    else a copy with a spoilt signature, laid beside a good receipt, would speak against the bank.
    """
    raws = sorted(set(documents))
    within = everything(raws)
    keys = keys_in(within)
    verified = {raw: each for raw in within if (each := _verified(raw, keys)) is not None}
    sealed = {each.identity: each for each in reversed(verified.values())}
    parts = _parts(raws, verified)
    terms = _terms(verified.values())
    told = {each: _told(each) for _, each in sorted(sealed.items()) if each.type == Notice.TYPE}
    receipts = [each for _, each in sorted(sealed.items()) if each.type == Receipt.TYPE]
    words = {each: _word(each, parts, keys, terms) for each in receipts}
    named = {each.identity: word for each, word in words.items()}
    declared = Declared.of(sealed.values(), keys, lambda receipt: _base(named.get(receipt)))
    notices = (each for each in told.values() if each is not None)
    return Evidence(
        keys,
        parts,
        sealed,
        terms,
        tuple(each for each in words.values() if each and not declared.voids_receipt(each.receipt, each.identity)),
        tuple(each for each in notices if not declared.voids_notice(each.notice, each.identity)),
        {digest_of_instrument(raw): found for raw in within if (found := _chain(raw, keys)) is not None},
        _strangers(within, keys),
        tuple(each for found in (words, told) for each, read_ in found.items() if read_ is None),
        declared,
    )


def _base(word: Word | None) -> Base | None:
    return Base(word.receipt, word.retraced.states) if word and isinstance(word.retraced, Retraced) else None


def _verified(raw: bytes, keys: Mapping[Fingerprint, PublicKey]) -> Sealed | None:
    claim = claim_in(raw)
    key = keys.get(claim.signer) if claim else None
    try:
        return verify(claim, key) if claim and key else None
    except BadBytes:
        return None


def _parts(raws: Iterable[bytes], verified: Mapping[bytes, Sealed]) -> dict[Digest, bytes]:
    parts: dict[Digest, bytes] = {}
    for raw in raws:
        try:
            if raw in verified or not is_message(raw):
                parts.setdefault(identity_of_part(raw), raw)
        except BadBytes:
            continue
    return parts


def _strangers(raws: Iterable[bytes], keys: Mapping[Fingerprint, PublicKey]) -> tuple[Fingerprint, ...]:
    claims = [claim for raw in raws if (claim := claim_in(raw)) is not None]
    said = {claim.signer for claim in claims if claim.type in OF_BANKS}
    return tuple(sorted(said - keys.keys()))


def _terms(verified: Iterable[Sealed]) -> dict[Digest, Terms]:
    found: dict[Digest, Terms] = {}
    for each in verified:
        try:
            if each.type == Terms.TYPE:
                found[each.identity] = Terms.of(each, each.signer)
            if each.type == "bankcard":
                card, terms = open_bank_card(each.raw)
                found[identity_of_part(card.terms)] = terms
        except BadBytes:
            continue
    return found


def _word(
    sealed: Sealed, parts: Mapping[Digest, bytes], keys: Mapping[Fingerprint, PublicKey], terms: Mapping[Digest, Terms]
) -> Word | None:
    try:
        receipt = Receipt.of(sealed, sealed.signer)
        statement = read_statement(receipt.statement)
    except BadBytes:
        return None
    key = keys.get(receipt.party)
    retraced: Retraced | Incomplete | Disagreement
    try:
        if key is None:
            raise Incomplete(f"the card of the party {receipt.party.hex()[:16]}…")
        retraced = retrace(receipt, parts, key, terms.get)
    except (Incomplete, Disagreement) as error:
        retraced = error
    except BadBytes as error:
        retraced = Disagreement(f"what stands beside the receipt is not good: {error.what}")
    return Word(receipt, sealed.identity, statement, retraced)


def _told(sealed: Sealed) -> Told | None:
    try:
        return Told(Notice.of(sealed, sealed.signer), sealed.identity)
    except BadBytes:
        return None


def _chain(raw: bytes, keys: Mapping[Fingerprint, PublicKey]) -> Chain | None:
    instrument = instrument_in(raw)
    if instrument is None:
        return None
    try:
        key = keys.get(claim_of(instrument.body).signer)
        return check_chain(instrument, key, paper_of(instrument.body).bank) if key else None
    except BadBytes:
        return None
