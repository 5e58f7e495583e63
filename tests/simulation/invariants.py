"""What must hold after every step: what a bank commits, against the plain ledger; what is kept, against its bounds."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from ledgerpost.bank.keys import ACCOUNTS, ASSETS, DUE, INSTRUMENTS, NOTICES, SENDERS, WAITING, terms_key
from ledgerpost.bank.records import AssetRecord, NoticeRecord, TermsRecord, read_record
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.beside import indexed
from ledgerpost.papers.letter import AHEAD, Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import read_orders
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.redeemcertificate import MOST_CHARGES
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import open_message, trusted
from ledgerpost.statement import Statement, read_statement, seq_of
from ledgerpost.store.port import Snapshot
from ledgerpost.terms import FINGERPRINT_SIZE, Digest, Fingerprint, PublicKey
from ledgerpost.wallet.account import Account as WalletAccount
from pages import Kept, Readable, kept
from simulation.aftermath import Aftermath
from simulation.ledger import Done, Ledger, must

MOST_LETTERS: Final = 2 * AHEAD
"""Letters that may ever stand beside a receipt, or wait in a wallet (L5)."""


class Watch:
    """Beside one bank: looks at each commit, and remembers what every asset came to."""

    def __init__(self, key: PublicKey) -> None:
        self.key = key
        self.ledger: Ledger | Aftermath = Ledger(key)
        self.shares: dict[Fingerprint, Counter[Digest]] = {}
        self.sums: Counter[Digest] = Counter()
        self.seqs: dict[Fingerprint, int] = {}
        self.happened: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def committed(self, changes: Mapping[bytes, bytes | None], store: Snapshot) -> None:
        """One commit of the bank's: nothing else ever changes its books."""
        for key, raw in changes.items():
            if key.startswith(NOTICES) and raw is not None:
                notice = Notice.of(open_message(read_record(NoticeRecord, raw, key).raw, self.key))
                self.happened[f"notice {notice.kind}"] += 1
                self.ledger.told(notice)
        pages = {
            Fingerprint(key[len(ACCOUNTS) :]): kept(store, Fingerprint(key[len(ACCOUNTS) :]))
            for key, raw in changes.items()
            if key.startswith(ACCOUNTS) and raw is not None
        }
        receipts = {party: Receipt.of(open_message(page.receipt, self.key)) for party, page in pages.items()}
        self.ledger.done([each for party in pages for each in self._done(party, pages[party], receipts[party], store)])
        self._stands(pages, receipts)
        for party, receipt in receipts.items():
            self._issuers(party, read_statement(receipt.statement), store)
        self._sums()

    def _stands(self, pages: Mapping[Fingerprint, Kept], receipts: Mapping[Fingerprint, Receipt]) -> None:
        """What the bank now says of these parties is what their orders come to, and is bounded."""
        for party, page in pages.items():
            statement = read_statement(receipts[party].statement)
            self._agrees(party, statement, page)
            self._share(party, statement, page)
            self._bounded(statement, page)

    def _sums(self) -> None:
        for asset, units in self.sums.items():
            must(units == 0, f"asset {asset.hex()[:8]} is off by {units:+} units")

    def _done(self, party: Fingerprint, page: Kept, receipt: Receipt, store: Snapshot) -> list[Done]:
        """Orders newly done in this commit, each verified under its party's key."""
        parts, found = indexed(page.parts), list[Done]()
        seq = seq_of(receipt.statement)
        new, self.seqs[party] = seq - self.seqs.get(party, 0), seq
        must(new >= 0, "the bank goes on from an older statement than it had signed")
        for answer in receipt.answers[-new:] if new else ():
            letter = Letter.of(open_message(parts[answer.letter], page.key), receipt.bank)
            self.ledger.letter(party, letter.seq, answer.letter)
            terms = self._terms(letter.terms, store)
            rows = zip(read_orders(letter, page.key), answer.results, strict=True)
            for index, (written, result) in enumerate(rows):
                self._count(written.order, result.code)
                if isinstance(written.order, Order) and result.code is Refusal.DONE:
                    must(terms is not None, "an order was done under terms that the bank never had")
                    assert terms is not None
                    found.append(Done(party, letter.seq, answer.letter, index, written.order, terms))
        return found

    def _count(self, order: Order | Refusal, code: Refusal) -> None:
        if isinstance(order, Order):
            self.happened[f"order {order.TYPE}"] += code is Refusal.DONE
        self.happened[f"code {code.name}"] += 1

    def _terms(self, identity: Digest, store: Snapshot) -> Terms | None:
        raw = store.get(terms_key(identity))
        if raw is None:
            return None
        return Terms.of(open_message(read_record(TermsRecord, raw, b"").terms, self.key))

    def _agrees(self, party: Fingerprint, statement: Statement, page: Kept) -> None:
        """The statement that the bank signed is what its party's own orders come to."""
        mine = {asset: units for asset, units in self.ledger.balances.get(party, {}).items() if units}
        theirs = dict(statement.balances)
        must(mine == theirs, f"a balance of {page.card[-8:].hex()} moved without its owner's signature")
        listed = {each.number: (each.payee, each.asset, each.amount) for each in statement.outstanding}
        must(listed == self.ledger.outstanding(party), "outstanding spends are not those that were ordered")

    def _share(self, party: Fingerprint, statement: Statement, page: Kept) -> None:
        """What one party has and is owed: over all parties, each asset comes to nothing (O6)."""
        share: Counter[Digest] = Counter()
        for asset, units in (*statement.balances, *page.fees):
            share[asset] += units
        for spend in statement.outstanding:
            share[spend.asset] += spend.amount
        for waits in page.pending:
            if waits.kind in n.MOVED:
                share[waits.asset] -= waits.amount
            elif waits.kind == n.CREDITED:
                share[waits.asset] += waits.amount
        for asset, units in self.shares.pop(party, {}).items():
            self.sums[asset] -= units
        for asset, units in share.items():
            self.sums[asset] += units
        self.shares[party] = share

    def _bounded(self, statement: Statement, page: Kept) -> None:
        """What the bank keeps of one party does not grow with what it did (T1)."""
        must(len(page.pending) == page.account.waiting, "notices are kept that nobody waits for, or lost")
        letters = sum(open_.type == "letter" for open_ in map(trusted, filter(_is_message, page.parts)))
        must(letters <= MOST_LETTERS, f"{letters} letters stand beside one receipt")
        kinds = Counter(each.kind for each in page.pending)
        closing = sum(kinds[kind] for kind in (n.CLOSED, n.DENIED, n.EXPIRED, n.REDEEMED))
        must(closing <= len(statement.outstanding), "more ends of spends wait than there are spends")
        must(kinds[n.CLEARED] + kinds[n.BOUNCED] <= statement.highest, "more cheques wait than there are numbers")
        charges = kinds[n.RECOVERED] + kinds[n.LIEN]
        must(max(charges, kinds[n.CREDITED]) <= 2 * MOST_CHARGES, "liens and recoveries wait without end")

    def _issuers(self, party: Fingerprint, statement: Statement, store: Snapshot) -> None:
        for asset, units in statement.balances:
            if units < 0:
                record = read_record(AssetRecord, store.get(ASSETS + asset) or b"", b"")
                must(record.issuer == party, f"somebody owes {-units} units of an asset and is not its issuer")
                must(-units <= record.limit, "an issuer has issued more than its contract says")

    # --- now and then: the store as a whole

    def whole(self, store: Snapshot) -> None:
        """No record is anybody's leftover: notices are listed, waiting spends open, instruments in their time (T1)."""
        waits = Counter(key[len(NOTICES) :][:FINGERPRINT_SIZE] for key, _ in store.under(NOTICES))
        listed = Counter({bytes(page.party): page.account.waiting for page in pages_of(store)})
        must(waits == listed, "notices are kept that nobody waits for, or lost")
        counted = sum(page.account.incoming for page in pages_of(store))
        must(counted == sum(1 for _ in store.under(SENDERS)), "spends are counted that nobody waits for")
        due = {key[len(DUE) + 8 :]: int.from_bytes(key[len(DUE) :][:8], "big") for key, _ in store.under(DUE)}
        must(due.keys() == {key[len(INSTRUMENTS) :] for key, _ in store.under(INSTRUMENTS)}, "instruments without end")
        waiting = [key[len(WAITING) :] for key, raw in store.under(WAITING) if not self._over(key, raw)]
        named = {(row[:20], row[20:40], int.from_bytes(row[40:], "big")) for row in waiting}
        must(named <= self.ledger.waiting(), "a spend waits for a newcomer that its spender has back")

    def _over(self, key: bytes, raw: bytes) -> bool:
        """Whether the record may stay though its spend is no more; not where nothing was ever lost."""
        return False

    def carried(self, store: Snapshot, before: int) -> None:
        """After the bank's run nothing is kept that ended before ``before``, but what its owner has not taken in."""
        late = [key for key, _ in store.under(DUE) if int.from_bytes(key[len(DUE) :][:8], "big") < before]
        if late:
            waits = {(page.party, row.number) for page in pages_of(store) for row in page.pending if row.kind in _HEARD}
            named = [(key[-28:-8], int.from_bytes(key[-8:], "big")) for key in late]
            must(waits.issuperset(named), "instruments are kept past their end")


_HEARD: Final = (n.CLEARED, n.BOUNCED, n.REDEEMED)


def pages_of(store: Readable) -> list[Kept]:
    """Every account with what stands beside it and waits for it."""
    return [kept(store, Fingerprint(key[len(ACCOUNTS) :])) for key, _ in store.under(ACCOUNTS)]


def _is_message(raw: bytes) -> bool:
    return raw[:1] == b"\xd2"


def wallet_bounded(account: WalletAccount) -> None:
    """What a wallet keeps has an end too (T1)."""
    grace, now, statement = account.conditions.grace, account.time, account.statement
    must(len(account.letters) <= MOST_LETTERS, f"{len(account.letters)} letters wait in a wallet")
    must(len(account.terms) <= MOST_LETTERS + 3, f"a wallet keeps {len(account.terms)} terms")
    if account.receipt is None:
        return
    held = account.held
    assert held is not None
    dead = [each for each in account.items.values() if each.until + grace < now]
    must(not dead, f"{len(dead)} instruments are kept past their end")
    must(all(not statement.has_taken(each) for each in account.notices), "notices are kept that were taken in")
    blocks = statement.numbers
    open_ = sum(block.last - block.first + 1 for block in blocks)
    must(len(account.books) <= open_ + len(account.letters), "chequebooks are kept that have no open number")
