"""What is at hand to verify and name things with, for commands that explain files. Decides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ledgerpost.cli import hands
from ledgerpost.cli.words import Book
from ledgerpost.desk.purse import asset_of
from ledgerpost.errors import BadBytes
from ledgerpost.judge.within import keys_in
from ledgerpost.papers.bankcard import BankCard, open_bank_card
from ledgerpost.papers.beside import indexed
from ledgerpost.papers.contract import Contract
from ledgerpost.papers.instrument import is_instrument, read_instrument
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import fingerprint, identity_of, is_message, read
from ledgerpost.statement import is_statement, read_statement
from ledgerpost.terms import Digest, Fingerprint, PublicKey


@dataclass(slots=True)
class Known:
    """What is at hand to verify and name things with: of this computer, and of the file itself."""

    keys: dict[Fingerprint, PublicKey] = field(default_factory=dict)
    terms: dict[Digest, bytes] = field(default_factory=dict)
    parts: dict[Digest, bytes] = field(default_factory=dict)
    book: Book = field(default_factory=Book)

    def learn(self, messages: Iterable[bytes], *keys: PublicKey | None) -> "Known":
        """With what these messages bring to verify one another. A key is worth what its fingerprint is worth."""
        found = {fingerprint(key): key for key in keys if key is not None}
        names, assets, terms = dict(self.book.names), dict(self.book.assets), dict(self.terms)
        good = [raw for raw in messages if _reads(raw)]
        for raw in good:
            if is_instrument(raw) and (drawer := hands.key_in_chequebook(read_instrument(raw))) is not None:
                found[fingerprint(drawer)] = drawer
            claim = read(raw) if is_message(raw) else None
            if claim is None:
                continue
            found |= keys_in((raw,))
            if claim.type == BankCard.TYPE:
                card = open_bank_card(raw)[0]
                terms[identity_of(read(card.terms))] = card.terms
                names.setdefault(claim.signer, card.name)
            if claim.type == Terms.TYPE:
                terms[identity_of(claim)] = raw
            if claim.type == Contract.TYPE:
                assets[asset_of(raw).id] = asset_of(raw)
        return Known(found | self.keys, terms, self.parts | indexed(good), Book(assets, names))

    def terms_of(self, identity: Digest) -> Terms | None:
        """Terms by identity."""
        raw = self.terms.get(identity)
        return None if raw is None else Terms.read(read(raw).body)


def _reads(raw: bytes) -> bool:
    """Whether it can be of use: what can't is explained, and complained of, when its turn comes."""
    try:
        if is_statement(raw) or is_instrument(raw):
            hands.key_in_chequebook(read_instrument(raw)) if is_instrument(raw) else read_statement(raw)
            return True
        claim = read(raw)
        if claim.type == BankCard.TYPE:
            open_bank_card(raw)
        if claim.type == Contract.TYPE:
            asset_of(raw)
        if claim.type == Terms.TYPE:
            Terms.read(claim.body)
    except BadBytes:
        return False
    return True
