"""What must hold of a bank that lost its store, comes back from an old backup, and asks its parties (L11, T4).

Beside the checks of every bank: it goes on from nothing but what it had signed; it decides nothing about a party that
has not come; and its audit says who did not come, and by how much the books are off: by what the plain ledger makes of
all that ever was done, and for reasons that spec 6.1 names.
"""

from collections import Counter
from collections.abc import Callable, Mapping

from ledgerpost.bank.audit import audit
from ledgerpost.bank.keys import ACCOUNTS, BESIDE, CLOCK, NOTICES, RESTORE, SENDERS, SETTLED, WAITING
from ledgerpost.bank.records import ClockRecord, NoticeRecord, RestoreRecord, SettledRecord, WaitingRecord, read_record
from ledgerpost.papers import notice as n
from ledgerpost.papers.declaration import Declaration
from ledgerpost.papers.instrument import read_instruments
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt
from ledgerpost.sealed import identity_of, open_message, read, trusted
from ledgerpost.spelling import spell_fingerprint
from ledgerpost.statement import Statement, read_statement, seq_of
from ledgerpost.store.port import Snapshot
from ledgerpost.terms import Digest, Fingerprint, Moment, PublicKey
from pages import Kept, Records
from simulation import debts
from simulation.aftermath import Aftermath, Deal, Leg, Node, certificate_of
from simulation.invariants import Watch, pages_of
from simulation.ledger import Done, must

Pages = Mapping[Fingerprint, Kept]


class RelapseWatch(Watch):
    """Remembers every receipt of the bank, so that a party may stand at any of them again.

    ``came``: who was settled since the last loss; ``standing``: the receipt that each stands at; ``lost_sight``: those
    of the ``doubtful`` whose story can't be followed, and with it the sums. ``doubtful``: rogues, the late, and wallets
    restored before they came. ``words``: the declarations by which parties were ever settled; ``charged``: what was
    debited for what was lost: cheques that others brought as paid (R6), debits that their party brought (R4).
    ``twice``: deals that somebody brought as paid when another had been paid (R7).
    """

    def __init__(self, key: PublicKey) -> None:
        super().__init__(key)
        self.nodes: dict[Digest, Node] = {}
        self.standing: dict[Fingerprint, Digest] = {}
        self.notices: dict[tuple[Fingerprint, int], Deal] = {}
        self.restore: RestoreRecord | None = None
        self.came: set[Fingerprint] = set()
        self.clock: Moment = 0
        self.lost = False
        self._doing: dict[Fingerprint, list[Done]] = {}
        self._late: set[Fingerprint] = set()
        self.lost_sight: set[Fingerprint] = set()
        self.doubtful: Callable[[], set[Fingerprint]] = self.late
        self.spoken: set[tuple[Fingerprint, Moment]] = set()
        self.named: dict[Deal, set[Fingerprint]] = {}
        self.words: set[bytes] = set()
        self.twice: set[Deal] = set()
        self.charged: debts.Owed = Counter()
        self._charges: list[Notice] = []

    def late(self) -> set[Fingerprint]:
        """For whom something was signed in a lost time, and who had not come when the bank waited no longer."""
        if self.restore is None or self.restoring:
            return self._late
        first, last = self.restore[:2]
        lost = {node.party for node in self.nodes.values() if first < node.time <= last}
        lost |= {party for party, time in self.spoken if first < time <= last}
        return self._late | (lost - self.came)

    # --- a loss

    def relapsed(self, records: Mapping[bytes, bytes]) -> None:
        """The store is gone, and these are what the backup had: parties stand where they stood then."""
        self.ledger = Aftermath(self.key, self.nodes, self.notices)
        self._late = self.late()
        self.restore, self.came, self.lost = None, set(), True
        self.standing, self.seqs, self.shares, self.sums = {}, {}, {}, Counter()
        for page in pages_of(Records(records)):
            party = page.party
            name, receipt = identity_of(read(page.receipt)), Receipt.read(trusted(page.receipt).body)
            self._stand(party, name)
            self._share(party, read_statement(receipt.statement), page)

    def _stand(self, party: Fingerprint, receipt: Digest) -> None:
        assert isinstance(self.ledger, Aftermath)
        must(receipt in self.nodes and self.nodes[receipt].party == party, "it goes on from what it never signed")
        self.ledger.stand(party, receipt)
        self.standing[party], self.seqs[party] = receipt, self.nodes[receipt].seq

    @property
    def restoring(self) -> bool:
        """Whether it waits for anybody."""
        return self.restore is not None and not self.restore.over and self.clock <= self.restore.until

    # --- a commit

    def committed(self, changes: Mapping[bytes, bytes | None], store: Snapshot) -> None:
        """As with every bank; before that, who came, and whether anything was decided about whoever did not."""
        raw = changes.get(CLOCK)
        self.clock = read_record(ClockRecord, raw, CLOCK).now if raw else self.clock
        for key, record in changes.items():
            if key.startswith(SETTLED) and record is not None:
                self._settled(Fingerprint(key[len(SETTLED) :]), read_record(SettledRecord, record, key))
        if self.restoring:
            for key in changes:
                for prefix in (ACCOUNTS, BESIDE, NOTICES, SENDERS):
                    who = Fingerprint(key[len(prefix) :][:20]) if key.startswith(prefix) else None
                    must(who is None or who in self.came, "something was decided about a party that had not come")
        for key, record in changes.items():
            if key.startswith(NOTICES) and record is not None:
                self._remember(Notice.of(open_message(read_record(NoticeRecord, record, key).raw, self.key)))
        self._doing = {}
        super().committed(changes, store)
        self._charges = []
        if changes.get(RESTORE):
            self.restore = read_record(RestoreRecord, changes[RESTORE] or b"", RESTORE)

    def _is_lost(self, time: Moment) -> bool:
        return self.restore is not None and time <= self.restore.last

    def _remember(self, notice: Notice) -> None:
        self.spoken.add((notice.party, notice.time))
        if notice.kind in (n.CLEARED, n.REDEEMED, n.CLOSED) and notice.other is not None:
            deal = ("cheque" if notice.kind == n.CLEARED else "spend", notice.party, notice.number)
            self.named.setdefault(deal, set()).add(notice.other)
        if notice.kind == n.CLEARED or (notice.kind == n.RECOVERED and self._is_lost(notice.time)):
            self._charges.append(notice)
        if notice.kind in (n.RECOVERED, n.LIEN, n.CREDITED):
            one, _ = read_instruments(notice.enclosed or b"")
            self.notices[notice.party, notice.notice] = certificate_of(self.key, one)

    def _settled(self, party: Fingerprint, record: SettledRecord) -> None:
        must(self.restoring and self.restore is not None, "a party was settled, and nobody is waited for")
        assert self.restore is not None
        must(party not in self.came, "a party was settled twice")
        self.came.add(party)
        self.words.add(record.declaration)
        said = Declaration.read(trusted(record.declaration).body)
        must((said.question.first, said.question.last) == self.restore[:2], "settled by the word for another restore")
        self.happened["restore: a party came"] += 1
        if said.seq > self.seqs.get(party, 0):
            assert said.receipt is not None
            self._stand(party, said.receipt)
            node = self.nodes[said.receipt]
            must(self.restore.first <= node.time <= self.restore.last, "adopted from another time than was lost")
            self.happened["restore: a receipt adopted"] += 1
            self.twice |= self._got(lambda each: each == party) & self._got(lambda each: each != party)

    def _got(self, who: Callable[[Fingerprint], bool]) -> set[Deal]:
        """What some of these were paid for, as things stand."""
        assert isinstance(self.ledger, Aftermath)
        legs = (leg for story in self.ledger.stories.values() for leg in story.legs)
        return {leg.deal for leg in legs if leg.units > 0 and who(leg.party)}

    def _done(self, party: Fingerprint, page: Kept, receipt: Receipt, store: Snapshot) -> list[Done]:
        """Who is doubtful may have seen other receipts: answers that its letters say to know are let go."""
        if len(receipt.answers) < seq_of(receipt.statement) - self.seqs.get(party, 0):
            must(party in self.doubtful(), "answers are gone that its party has not seen")
            self.lost_sight.add(party)
        if party in self.lost_sight:
            self._doing[party], self.seqs[party] = [], seq_of(receipt.statement)
            return []
        self._doing[party] = super()._done(party, page, receipt, store)
        return self._doing[party]

    def _stands(self, pages: Pages, receipts: Mapping[Fingerprint, Receipt]) -> None:
        super()._stands(pages, receipts)
        self.charged += debts.made_good(self._charges, (each for done in self._doing.values() for each in done))
        for party, receipt in receipts.items():
            name, before = identity_of(read(pages[party].receipt)), self.standing.get(party)
            if name not in self.nodes:
                done = tuple(self._doing[party])
                self.nodes[name] = Node(party, seq_of(receipt.statement), receipt.time, before, done)
            must(before in (name, self.nodes[name].before), "another receipt stands than was signed last")
            self.standing[party] = name

    def _agrees(self, party: Fingerprint, statement: Statement, page: Kept) -> None:
        if party not in self.lost_sight:
            super()._agrees(party, statement, page)

    def _issuers(self, party: Fingerprint, statement: Statement, store: Snapshot) -> None:
        debts.check(party, statement, store, self.charged)

    def _sums(self) -> None:
        if not self.lost:
            super()._sums()

    def paid(self) -> set[Digest]:
        """Instruments that were paid, as things stand."""
        assert isinstance(self.ledger, Aftermath)
        return self.ledger.paid()

    # --- the books as a whole

    def _over(self, key: bytes, raw: bytes) -> bool:
        """A backup may have it though its spender has taken in its end since.

        Nobody can take it any more, or only the newcomer that had it in the lost time, and has not come again.
        """
        return self.lost and (read_record(WaitingRecord, raw, key).until < self.clock or self._to_be_had(key))

    def _to_be_had(self, key: bytes) -> bool:
        assert isinstance(self.ledger, Aftermath)
        row = key[len(WAITING) :]
        deal = ("spend", Fingerprint(row[20:40]), int.from_bytes(row[40:], "big"))
        legs = [leg for story in self.ledger.stories.values() for leg in story.legs if leg.deal == deal]
        return [(leg.party, leg.units < 0) for leg in legs] == [(deal[1], True)]

    def whole(self, store: Snapshot) -> None:
        """The audit says what the plain ledger knows."""
        if not self.lost_sight:
            super().whole(store)
        if not self.lost or self.lost_sight:
            return
        said = audit(store, self.key)
        off = {asset: sheet.difference for asset, sheet in said.sheets.items() if sheet.difference}
        true = self.off(store)
        must(off == true, f"the audit says that the books are off by {_words(off)}, and they are by {_words(true)}")
        named = {(each.where, each.what) for each in said.findings}
        books = {(f"asset {asset.hex()}", f"the books are off by {units:+} units") for asset, units in true.items()}
        assert isinstance(self.ledger, Aftermath)
        balances = {party: story.balances for party, story in self.ledger.stories.items()}
        books |= set(debts.short(pages_of(store), balances, store, self.charged))
        must(named == books, f"the audit finds {named ^ books}")
        missing = {each.where for each in said.missing if "did not come since" in each.what}
        there = {
            f"party {spell_fingerprint(party)}"
            for party in (page.party for page in pages_of(store))
            if party not in self.came
        }
        must(missing == there, "the audit names others than those who did not come")
        must(said.restoring == self.restoring, "the audit does not know whether the bank waits")

    def uneven(self, store: Snapshot) -> dict[tuple[Deal, Digest], list[Leg]]:
        """Deals that do not come out even."""
        assert isinstance(self.ledger, Aftermath)
        return self.ledger.deals([(page.party, row) for page in pages_of(store) for row in page.pending])

    def off(self, store: Snapshot) -> dict[Digest, int]:
        """By how much the books must be off: deals that are not even, and fees that were paid and not brought."""
        assert isinstance(self.ledger, Aftermath)
        sums: Counter[Digest] = Counter()
        for (_, asset), legs in self.uneven(store).items():
            sums[asset] += sum(leg.units for leg in legs)
        for story in self.ledger.stories.values():
            sums.subtract(story.fees)
        for page in pages_of(store):
            for asset, units in page.fees:
                sums[asset] += units
        return {asset: units for asset, units in sums.items() if units}


def _words(off: Mapping[Digest, int]) -> str:
    return ", ".join(f"{units:+} of {asset.hex()[:8]}" for asset, units in sorted(off.items())) or "nothing"
