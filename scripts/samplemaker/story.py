"""The story: some weeks at one bank, told letter by letter; every paper in it becomes a sample."""

from dataclasses import replace

from ledgerpost import cbor, envelope
from ledgerpost.errors import Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.card import Card
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.contract import FIRST_LINE, Contract, read_head
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.dropnotices import DropNotices
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.instrument import is_instrument, read_instruments
from ledgerpost.papers.issueasset import IssueAsset
from ledgerpost.papers.kinds import Waiting
from ledgerpost.papers.letter import Letter
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import read_orders, write_order
from ledgerpost.papers.questions import GetConfirmedBalance, GetConfirmedOutstandingSpends, GetQ
from ledgerpost.papers.receipt import Receipt
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.takein import ConfirmClosedSpend, ConfirmDeniedSpend, ConfirmExpiredSpend, ConfirmWithdrawn
from ledgerpost.papers.terms import DAY, LIEN, Fee, Terms
from ledgerpost.sealed import identity_of, open_message, read
from ledgerpost.statement import Span, digest_of, is_statement
from ledgerpost.terms import MAX_INT, Digest, Fingerprint
from samplemaker.cast import CAST, HOUR, Bank, Player, entropy_of, is_signed, signer_of
from samplemaker.folder import Folder, identity, named, plain
from samplemaker.hands import Hands

TOKENS = f"""{FIRST_LINE}
name: Postage tokens
unit: tok
decimals: 0
limit: 1000000

The issuer hands out tokens. The Bank of Samples takes them for its fees, and for nothing else.
"""
GOLD = f"""{FIRST_LINE}
name: Gold of Mühlbach
unit: g
decimals: 3
limit: 5000000

One unit is a milligramme of fine gold. Whoever brings 1000 g or more to the mint at Mühlbach gets it in bars,
against the signature of the issuer, on any working day.
"""

KIND_SAYS = {
    n.RECEIPT: "a spend waits to be accepted or denied; the spender's spendto is enclosed",
    n.WITHDRAWN: "the spender has withdrawn a spend; its cancelspend is enclosed",
    n.CLOSED: "the payee has accepted a spend; its confirmreceipt or createaccount is enclosed",
    n.DENIED: "the payee has sent a spend back; its denyreceipt is enclosed",
    n.EXPIRED: "nobody took a spend before its end; time did it, so nothing is enclosed",
    n.CLEARED: "a cheque of this party was paid; cheque and chain are enclosed",
    n.BOUNCED: "a cheque of this party was not covered; cheque and chain are enclosed",
    n.REDEEMED: "a certificate that this party bought was redeemed; it is enclosed with its chain",
    n.RECOVERED: "a certificate was signed over twice by this party and is charged to it; both chains are enclosed",
    n.LIEN: "the same, where this party lacks the funds: it counts from now on; both chains are enclosed",
    n.CREDITED: "a lien was met: the second redeemer gets its value after all; both chains are enclosed",
}


class Story:
    """Who is in it, and the folder that what they write goes to."""

    def __init__(self) -> None:
        self.folder = Folder()
        for name in CAST:
            self.folder.key(name, signer_of(name))
        self.bank = Bank()
        first = self.bank.terms
        self.issuer = Player("issuer", self.bank, first)
        self.alice = Player("alice", self.bank, first)
        self.bob = Player("bob", self.bank, first)
        self.carol = Player("carol", self.bank, first)
        self.tokens, self.tokens_raw = self._contract("tokens", TOKENS)
        self.gold, self.gold_raw = self._contract("gold", GOLD)
        self.orders: dict[str, str] = {}

    def tell(self) -> Folder:
        """The whole of it, in order."""
        self.paper_office()
        self.opening()
        self.fees()
        self.moving_in()
        self.spending()
        self.answering()
        self.taking_back()
        self.much_at_once()
        self.refusals()
        self.endings()
        Hands(self).tell()
        self.open_post()
        return self.folder

    # --- what the samples are made of

    def _contract(self, name: str, text: str) -> tuple[Digest, bytes]:
        signer = signer_of("issuer")
        raw = Contract(self.bank.me, signer.key, text).sign(signer)
        head = read_head(text)
        expect = {"name": head.name, "unit": head.unit, "decimals": head.decimals, "limit": head.limit}
        what = f"the words of the contract of {head.name}; its head is read by machines"
        self.folder.put(f"contracts/{name}.txt", text.encode(), "contract-text", what, "O6", expect=expect)
        what = f"the contract of {head.name}, signed by its issuer; its identity names the asset"
        self.folder.message(f"contracts/{name}.cose", raw, signer, what, "S1 S5 O6")
        return identity_of(read(raw)), raw

    def send(self, player: Player, *letters: bytes, what: str, rules: str = "L1 L2", envelopes: bool = False) -> None:
        """Letters travel to the bank and its answer back; an hour passes."""
        folder, bank, name = self.folder, self.bank, player.name
        files = [self._letter(player, raw, what, rules) for raw in letters]
        sealed = player.seal(*letters)
        reply = bank.answer(sealed)
        receipt = player.take(reply.messages)
        for raw in reply.messages[1:]:
            self._brought(player, raw)
        seq = player.statement.seq
        folder.statement(
            f"statements/{name}-{seq}.cbor", receipt.statement, f"the statement of {name} after {files[-1]}"
        )
        file = f"receipts/{name}-{seq}.cose"
        self._receipt(player, file, reply.messages[0], receipt, files)
        there = [folder.kept[identity(raw)] for raw in reply.messages]
        folder.steps.append({"bank_time": bank.now, "letters": files, "answer": there})
        if envelopes:
            self._envelopes(player, sealed, reply.messages, files, there)
        bank.now += HOUR

    def _letter(self, player: Player, raw: bytes, what: str, rules: str) -> str:
        letter = Letter.of(open_message(raw, player.signer.key), self.bank.me)
        file = f"letters/{player.name}-{letter.seq}.cose"
        written = read_orders(letter, player.signer.key)
        orders = [self._order(player, each.raw, each.order) for each in written]
        self.folder.message(file, raw, player.signer, what, f"{rules} L4 L6", orders=orders)
        return file

    def _order(self, player: Player, raw: bytes, order: Order | Refusal) -> dict[str, object]:
        """What a letter's entry says of one order; the first good one of each kind is a file of its own."""
        if isinstance(order, Refusal):
            return {"refused": {"code": int(order), "name": order.name}, "raw": plain(raw)}
        kind = order.TYPE
        if kind not in self.orders:
            self.orders[kind] = f"orders/{kind}.{'cose' if order.SIGNED else 'cbor'}"
            what = f"the order {kind}, as it stands in a letter"
            if order.SIGNED:
                self.folder.message(self.orders[kind], raw, player.signer, f"{what}: signed on its own", "L4 L7")
            else:
                expect = {"order": kind, "fields": named(type(order), cbor.decode(raw)[1:])}
                self.folder.put(self.orders[kind], raw, "order", f"{what}: not signed on its own", "L4", expect=expect)
        if order.SIGNED:
            return {"order": kind, "signed": True, "identity": identity_of(read(raw)).hex()}
        return {"order": kind, "signed": False, "fields": named(type(order), cbor.decode(raw)[1:])}

    def _brought(self, player: Player, raw: bytes) -> None:
        """What the bank's answer brings besides the receipt."""
        folder, name, bank = self.folder, player.name, self.bank
        if is_instrument(raw):
            assert identity(raw) in folder.kept, "evidence that nobody presented in this story"
        if not is_signed(raw) or read(raw).type in ("contract", "letter"):
            return
        claim = read(raw)
        if claim.type == "notice":
            notice = Notice.of(open_message(raw, bank.signer.key), bank.me)
            name = folder.signers[notice.party]  # a bounced cheque's presenter is shown its drawer's notice
            enclosed = self._enclosed(notice)
            what = f"notice {notice.notice} to {name}: {KIND_SAYS[notice.kind]}"
            file = f"notices/{name}-{notice.notice}-{notice.kind}.cose"
            folder.message(file, raw, bank.signer, what, "L2 S6", enclosed=enclosed)
        elif claim.type == "sequence":
            first, last = claim.body[2:4]
            what = f"the chequebook of {name}: numbers {first} to {last}"
            folder.message(f"chequebooks/{name}-{first}-{last}.cose", raw, bank.signer, what, "N1 N4")
        elif claim.type == "certificate":
            what = f"certificate {claim.body[1]}, bought by {name}; itself"
            folder.message(f"instruments/certificate-{claim.body[1]}.cose", raw, bank.signer, what, "B1")

    def _enclosed(self, notice: Notice) -> str | None:
        """The other party's message or instrument in a notice, as a file of its own; its path."""
        if notice.enclosed is None:
            return None
        if is_instrument(notice.enclosed):
            return self.folder.kept[identity(notice.enclosed)]
        if notice.kind in (n.RECOVERED, n.LIEN, n.CREDITED):
            assert len(read_instruments(notice.enclosed)) == 2
            file = f"instruments/proof-{notice.number}-{digest_of(notice.enclosed).hex()[:8]}.cbor"
            self.folder.proof(file, notice.enclosed, "two chains of one certificate that part at somebody's signature")
            return self.folder.kept[digest_of(notice.enclosed)]
        claim = read(notice.enclosed)
        name = self.folder.signers[claim.signer]
        what = f"{claim.type} of {name}, as it travels to others in notices"
        file = f"orders/{claim.type}-{name}-{claim.body[1]}-{identity_of(claim).hex()[:8]}.cose"
        self.folder.message(file, notice.enclosed, signer_of(name), what, "L7")
        return self.folder.kept[identity_of(claim)]

    def _receipt(self, player: Player, file: str, raw: bytes, receipt: Receipt, letters: list[str]) -> None:
        for part in receipt.parts():
            if is_statement(player.known[part]):
                what = f"the statement of {player.name} before its first letter: nothing"
                self.folder.statement(f"statements/{player.name}-0.cbor", player.known[part], what)
        agreed = receipt.base.letter is not None and receipt.base.statement == player.seen.digest
        results = [
            {"letter": each.letter.hex(), "results": [result.code.name for result in each.results]}
            for each in receipt.answers
        ]
        self.folder.message(
            file,
            raw,
            self.bank.signer,
            f"the bank's answer to {', '.join(letters)}",
            "L3 L4 L5 L8 S6",
            party=player.name,
            statement=self.folder.kept[player.seen.digest],
            beside=[self.folder.kept[part] for part in receipt.parts()],
            agreed=agreed,
            answers=results,
        )

    def _envelopes(
        self, player: Player, sealed: bytes, messages: tuple[bytes, ...], letters: list[str], answer: list[str]
    ) -> None:
        """Both ways, sealed."""
        stem = letters[-1].removeprefix("letters/").removesuffix(".cose")
        self.envelope(f"{stem}-to-bank.lpe", sealed, player.name, "bank", letters, sealed=True)
        raw = envelope.pack(
            messages,
            sender=self.bank.signer.key,
            recipient=player.signer.key,
            until=self.bank.now + 60 * DAY,
            entropy=entropy_of("bank"),
        )
        self.envelope(f"bank-to-{stem}.lpe", raw, "bank", player.name, answer, sealed=True)

    def envelope(
        self, file: str, raw: bytes, sender: str, recipient: str | None, inside: list[str], *, sealed: bool
    ) -> None:
        """One envelope, with all that is needed to open it and to make it again."""
        outside = envelope.look(raw)
        names = [sender, *([recipient] if recipient else [])]
        seeds = {name: self.folder.seeds[name] for name in names}
        expect = {
            "kind": outside.kind,
            "recipient": outside.recipient.hex() if outside.recipient else None,
            "until": outside.until,
            "sender": signer_of(sender).key.hex(),
            "messages": inside,
        }
        entropy = {"entropy": entropy_of(sender).hex()} if sealed else {}
        what = f"{'sealed' if sealed else 'open'} envelope from {sender} to {recipient or 'whoever holds it'}"
        self.folder.put(
            f"envelopes/{file}", raw, "envelope", what, "S3", opened_by=recipient, seeds=seeds, **entropy, expect=expect
        )

    # --- the chapters

    def paper_office(self) -> None:
        """Cards and terms."""
        folder, bank = self.folder, self.bank
        folder.message("terms/terms-1.cose", bank.terms, bank.signer, "the bank's first terms: no fees", "O3 O7")
        what = "the bank's card: its key, its name, its terms"
        folder.message("cards/bank-1.cose", bank.record.card, bank.signer, what, "S5 O3")
        for name, called in (("alice", "Alice"), ("bob", "Bob’s Bäckerei"), ("carol", "")):
            signer = signer_of(name)
            raw = Card(bank.me, signer.key, called).sign(signer)
            folder.message(f"cards/{name}.cose", raw, signer, f"the contact card of {name}", "S5")

    def opening(self) -> None:
        """The issuer opens an account without fee, and issues two assets."""
        issuer, bank = self.issuer, self.bank
        raw = issuer.write(
            CreateAccount(bank.me, issuer.next, issuer.signer.key, "The Issuer"),
            IssueAsset(self.tokens_raw),
            IssueAsset(self.gold_raw),
            GetSequence(50, bank.now + 365 * DAY),
        )
        what = "a first letter: createaccount, two assets issued, numbers ordered"
        self.send(issuer, raw, what=what, rules="L1 O3 O6 N1")

    def fees(self) -> None:
        """New terms with fees; the old ones hold on. Spends to fingerprints that have no account wait for them."""
        issuer, bank = self.issuer, self.bank
        fees = (Fee("certificate", 3), Fee("createaccount", 5), Fee("getsequence", 1), Fee("spendto", 2))
        bank.put_in_force(Terms(bank.me, 1, bank.now, self.tokens, fees, share=20, longest=4, second=LIEN))
        self.folder.message("terms/terms-2.cose", bank.terms, bank.signer, "terms with fees in tokens", "O3 O7")
        self.folder.message("cards/bank-2.cose", bank.record.card, bank.signer, "the card with the new terms", "S5 O3")
        raw = issuer.write(
            self.pay(issuer, self.alice.me, 1, 100, asset=self.tokens, comment="Zum Anfangen"),
            self.pay(issuer, self.alice.me, 2, 5000, comment="five grammes"),
            self.pay(issuer, self.bob.me, 3, 100, asset=self.tokens),
        )
        self.send(issuer, raw, what="three spends to parties without account, under the old terms", rules="O2 O3")

    def moving_in(self) -> None:
        """Alice and Bob open their accounts with what waits for them; the issuer hears of it."""
        issuer, alice, bob, bank = self.issuer, self.alice, self.bob, self.bank
        alice.terms = bob.terms = bank.terms
        raw = alice.write(
            CreateAccount(
                bank.me,
                alice.next,
                alice.signer.key,
                "Alice",
                (Waiting(issuer.me, 1, self.tokens, 100), Waiting(issuer.me, 2, self.gold, 5000)),
            ),
            GetSequence(20, bank.now + 365 * DAY),
        )
        what = "a first letter: createaccount, its fee paid from what waits, and numbers"
        self.send(alice, raw, what=what, rules="L1 O3 N1", envelopes=True)
        raw = bob.write(
            CreateAccount(bank.me, bob.next, bob.signer.key, "Bob", (Waiting(issuer.me, 3, self.tokens, 100),)),
            GetSequence(5, bank.now + 30 * DAY),
        )
        self.send(bob, raw, what="another first letter", rules="L1 O3 N1")
        self.send(issuer, issuer.write(GetQ()), what="a question: what waits?")
        raw = issuer.write(*self.confirmed(issuer))
        self.send(issuer, raw, what="three notices taken in: the spends are closed", rules="L2 O2")

    def spending(self) -> None:
        """Alice pays: four spends; Bob asks what came."""
        alice, bob = self.alice, self.bob
        raw = alice.write(self.pay(alice, bob.me, 1, 250, comment="Für zwei Brote 🍞"))
        self.send(alice, raw, what="one spend", rules="L1 O2 N2", envelopes=True)
        raw = alice.write(
            self.pay(alice, bob.me, 2, 300),
            self.pay(alice, bob.me, 3, 400),
            self.pay(alice, signer_of("carol").fingerprint, 4, 10, days=90),
        )
        self.send(alice, raw, what="three spends, one to a party without account", rules="L1 O2 O3")
        self.send(bob, bob.write(), what="an empty letter, which brings the notices")

    def answering(self) -> None:
        """Bob accepts one and denies one; Alice takes the answers in."""
        alice, bob, bank = self.alice, self.bob, self.bank
        good, bad = self.come(bob, n.RECEIPT, 1, 2)
        raw = bob.write(
            ConfirmReceipt(bank.me, bob.next, alice.me, 1, self.gold, 250, good.notice),
            DenyReceipt(bank.me, bob.next, alice.me, 2, self.gold, 300, bad.notice, "not mine"),
        )
        self.send(bob, raw, what="one spend accepted, one denied", rules="L2 O2", envelopes=True)
        raw = alice.write(GetConfirmedBalance(self.gold), GetConfirmedOutstandingSpends())
        self.send(alice, raw, what="questions: the answer brings the agreed base along", rules="L3 L5")

    def taking_back(self) -> None:
        """Alice withdraws what is still open; Bob takes the withdrawal in."""
        alice, bob, bank = self.alice, self.bob, self.bank
        raw = alice.write(
            *self.confirmed(alice),
            CancelSpend(bank.me, alice.next, bob.me, 3, self.gold, 400),
            CancelSpend(bank.me, alice.next, signer_of("carol").fingerprint, 4, self.gold, 10),
        )
        self.send(alice, raw, what="notices taken in, two spends withdrawn", rules="L2 O2")
        first, second = bob.write(), bob.write(GetQ())
        self.send(
            bob, first, second, what="one of two letters in one envelope, answered by one receipt", envelopes=True
        )
        (gone,) = self.come(bob, n.WITHDRAWN)
        order = ConfirmWithdrawn(gone.notice, gone.number, gone.asset, gone.amount, gone.earlier)
        self.send(bob, bob.write(order), what="a withdrawal taken in")

    def much_at_once(self) -> None:
        """Ten orders in one letter."""
        alice, bob, bank = self.alice, self.bob, self.bank
        raw = alice.write(
            *(self.pay(alice, bob.me, number, 10 * number, comment=f"rate {number} of 9") for number in range(5, 10)),
            StopCheque(bank.me, alice.next, (Span(11, 12), Span(20, 20))),
            GetSequence(10, bank.now + 700 * DAY),
            GetQ(),
            GetConfirmedBalance(self.tokens),
            GetConfirmedOutstandingSpends(),
        )
        self.send(alice, raw, what="ten orders", rules="L1 N1 N5 O2", envelopes=True)

    def refusals(self) -> None:
        """One refused order among good ones; then everything that can be wrong with an order, in one letter."""
        alice, bob, bank = self.alice, self.bob, self.bank
        raw = alice.write(self.pay(alice, bob.me, 13, 10**9), self.pay(alice, bob.me, 14, 7))
        what = "a spend beyond the balance is refused and its number closed; the other is done"
        self.send(alice, raw, what=what, rules="L4 L7 O1", envelopes=True)
        self.send(alice, alice.write(), what="an empty letter that agrees afterwards", rules="L3")
        one = self.pay(alice, bob.me, 15, 1)
        fine = write_order(one, alice.signer)
        other = signer_of("other-bank").fingerprint
        raw = alice.write(
            cbor.encode(("makecoffee", 2)),
            cbor.encode(("spendto", *one.body())),
            cbor.encode(("getq", 1)),
            cbor.encode(("getsequence", True, bank.now + DAY)),
            fine[:-1],
            b"\xff",
            write_order(one, signer_of("mallory")),
            write_order(replace(one, bank=other), alice.signer),
            write_order(replace(one, seq=one.seq - 1), alice.signer),
            CreateAccount(bank.me, alice.next, alice.signer.key, "Alice again"),
            IssueAsset(self.gold_raw),
            self.pay(alice, bob.me, 15, 1, asset=Digest(bytes(32))),
            self.pay(alice, alice.me, 16, 1),
            self.pay(alice, bob.me, 1, 1),
            self.pay(alice, bob.me, 17, 1, days=181),
            GetSequence(10, bank.now + 731 * DAY),
            GetSequence(10_000, bank.now + 30 * DAY),
            ConfirmReceipt(bank.me, alice.next, bob.me, 1, self.gold, 1, 99),
            *self.confirmed(alice, 1),
            CancelSpend(bank.me, alice.next, bob.me, 2, self.gold, 300),
            StopCheque(bank.me, alice.next, (Span(18, 20),)),
            DropNotices((Span(99, 99),)),
            self.pay(alice, bob.me, 18, MAX_INT),
        )
        self.send(alice, raw, what="orders that are all refused, each for a reason of its own", rules="L4 L7 L8")

    def endings(self) -> None:
        """Time passes: spends expire, a letter comes late."""
        alice, bob, bank = self.alice, self.bob, self.bank
        bank.now += 40 * DAY
        self.send(alice, alice.write(GetQ()), what="after forty days: expired spends come back by notices", rules="O4")
        listed = self.come(alice, n.EXPIRED)
        raw = alice.write(*self.confirmed(alice, *(each.number for each in listed)))
        self.send(alice, raw, what="expired spends taken back", rules="L2 O4")
        self.send(bob, bob.write(), what="an empty letter: what expired is listed no longer")
        last = bob.statement.taken[-1].last
        raw = bob.write(DropNotices((Span(last + 1, last + 6),)))
        self.send(bob, raw, what="notices dropped that the newest receipt does not list", rules="L2")
        raw = alice.write(self.pay(alice, bob.me, 21, 1), GetQ(), end=-1)
        self.send(alice, raw, what="a letter past its last day: all its orders are refused", rules="L6 L7")

    def open_post(self) -> None:
        """Open envelopes: a card for anyone, a contract for Bob."""
        until = self.bank.now + 30 * DAY
        raw = envelope.pack(
            (self.folder.files["cards/alice.cose"],), sender=signer_of("alice").key, recipient=None, until=until
        )
        self.envelope("alice-card-open.lpe", raw, "alice", None, ["cards/alice.cose"], sealed=False)
        raw = envelope.pack(
            (self.gold_raw,), sender=signer_of("issuer").key, recipient=signer_of("bob").key, until=until
        )
        self.envelope("issuer-to-bob-open.lpe", raw, "issuer", "bob", ["contracts/gold.cose"], sealed=False)

    # --- small helps

    def pay(
        self,
        who: Player,
        payee: Fingerprint,
        number: int,
        amount: int,
        *,
        asset: Digest | None = None,
        days: int = 30,
        comment: str = "",
    ) -> SpendTo:
        until = self.bank.now + days * DAY
        return SpendTo(self.bank.me, who.next, payee, number, asset or self.gold, amount, until, comment)

    def come(self, who: Player, kind: str, *numbers: int) -> list[Notice]:
        """The notices of that kind, about those numbers (or any), that have come to this player."""
        claims = [read(raw) for raw in who.known.values() if is_signed(raw)]
        notices = [Notice.read(claim.body) for claim in claims if claim.type == "notice"]
        mine = [each for each in notices if each.party == who.me]
        return [each for each in mine if each.kind == kind and (each.number in numbers or not numbers)]

    def confirmed(self, who: Player, *numbers: int) -> list[Order]:
        """Orders that take in every closing notice about those numbers (or any) that has come to this player."""
        kinds = {n.CLOSED: ConfirmClosedSpend, n.DENIED: ConfirmDeniedSpend, n.EXPIRED: ConfirmExpiredSpend}
        return [
            order(each.notice, each.number, each.asset, each.amount)
            for kind, order in kinds.items()
            for each in self.come(who, kind, *numbers)
        ]
