"""A quarter of a simulated town with an honest bank, and rogues among its parties (``rogues``)."""

from typing import Final

from ledgerpost.bank.keys import account_key
from ledgerpost.errors import Cheating
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.sealed import is_message, trusted
from ledgerpost.statement import seq_of
from ledgerpost.terms import Fingerprint
from ledgerpost.wallet.account import Account, open_at
from ledgerpost.wallet.checks import Contradiction
from ledgerpost.wallet.restored import declaration
from rogues import RogueHistory
from simulation.ledger import must
from simulation.people import Resident
from simulation.relapse import RelapseWatch
from simulation.streets import Streets
from town import Party

PASTS: Final = 12
"""States of its wallet that a rogue keeps, to come back as."""


class Quarter(Streets, RogueHistory):
    """An honest bank, with two rogues among its parties."""

    def contradicted(self, party: Party, error: Cheating) -> None:
        """No wallet may find an honest bank cheating; a rogue's may, which has lied to itself.

        Nor may one that came when its bank waited no longer: that is the price of not waiting (R7). And a wallet that
        was restored after it had declared has lost its own word, by which late answers are void; its bank still has it,
        whatever the wallet may have declared once more, to a question that came late too (seed 5294).
        """
        known = party in getattr(self, "rogues", ()) or party.me in self.late or self._rests_on_void(party, error)
        must(known, f"{party.name} found the honest bank cheating: {error}")
        if self._forgot(party):
            self.begin_again(party)

    def begin_again(self, party: Party) -> None:
        """Its owner is shown the word that the wallet has forgotten, and starts again from nothing but the key (R7)."""
        if isinstance(party, Resident):
            self.restore(party, open_at(self.bank.card, party.signer.key, party.name, restored=True))

    def speaks_otherwise(self, party: Party) -> bool:
        """Whether it declared, was restored, and declared once more what makes its bank's own receipt void (R7).

        Or whether it took a void answer since that is ahead of that receipt. It passes over the receipt for ever, and
        finds nothing wrong: no later one comes before it goes on from this.
        """
        if not self._forgot(party) or account_key(party.me) not in self.bank.records:
            return False
        said, sealed = declaration(party.account), trusted(self.bank.page(party.me).receipt)
        receipt = Receipt.read(sealed.body)
        again = said is not None and said.voids_receipt(receipt, sealed.identity)
        return again or self._is_ahead(party, seq_of(receipt.statement))

    def _is_ahead(self, party: Party, seq: int) -> bool:
        """Whether its receipt is beyond the ``seq`` of its bank's own, and void by a word that it has forgotten.

        Not while the bank, which has lost its store again, may still go on from that receipt.
        """
        raw, came = party.account.receipt, self.watch.came if isinstance(self.watch, RelapseWatch) else set()
        if raw is None or party.me not in came or party.account.statement.seq <= seq:
            return False
        sealed = trusted(raw)
        receipt = Receipt.read(sealed.body)
        words = (Declaration.read(trusted(each).body) for each in self._forgotten(party))
        return any(word.voids_receipt(receipt, sealed.identity) for word in words)

    def _rests_on_void(self, party: Party, error: Cheating) -> bool:
        """Whether something that its wallet holds against the bank is void by a word that it has forgotten."""
        evidence = error.evidence if isinstance(error, Contradiction) else ()
        words = [Declaration.read(trusted(each).body) for each in self._forgotten(party)]
        sealed = [trusted(raw) for raw in evidence if is_message(raw)]
        receipts = [(Receipt.read(each.body), each.identity) for each in sealed if each.type == Receipt.TYPE]
        notices = [(Notice.read(each.body), each.identity) for each in sealed if each.type == Notice.TYPE]
        return any(
            any(word.voids_receipt(*each) for each in receipts) or any(word.voids_notice(*each) for each in notices)
            for word in words
        )

    def _forgot(self, party: Party) -> bool:
        return bool(self._forgotten(party))

    def _forgotten(self, party: Party) -> set[bytes]:
        """Declarations that its bank has settled it by, and that its wallet has lost."""
        settled = self.watch.words if isinstance(self.watch, RelapseWatch) else set()
        return settled & self.forgotten.get(party.me, set())

    def look(self, *parties: Party) -> None:
        """Also keeps what rogues were, for them to come back as."""
        super().look(*parties)
        for rogue in getattr(self, "rogues", ()) if self.burns else ():
            past = self.pasts.setdefault(rogue.name, [])
            if not past or past[-1] is not rogue.account:
                past.append(rogue.account)
                del past[:-PASTS]

    @property
    def late(self) -> set[Fingerprint]:
        """For whom the bank signed in a lost time, and who had not come when it waited no longer."""
        return self.watch.late() if isinstance(self.watch, RelapseWatch) else set()

    @property
    def doubtful(self) -> set[Fingerprint]:
        """Who may have kept something back, or lost it: rogues, the late, and wallets restored before they came."""
        return self.late | self.shaken | {each.me for each in self.rogues}

    def restore(self, party: Party, backup: Account) -> None:
        """Also says whether the wallet may have lost what its bank will ask for, or its word."""
        said = party.account.declared
        if said is not None and said != backup.declared:
            self.forgotten.setdefault(party.me, set()).add(said)
        super().restore(party, backup)
        if self.may_be_asked(party.me):
            self.shaken.add(party.me)
