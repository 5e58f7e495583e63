"""Two chapters of the story: cheques and certificates, which go from hand to hand before the bank sees them."""

from typing import TYPE_CHECKING

from ledgerpost.papers import notice as n
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.instrument import Instrument, check_chain, endorse, identity_of_body, paper_of
from ledgerpost.papers.kinds import Waiting
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.questions import GetQ
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.release import Release
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.takein import TAKE_INS, ConfirmRecoveredCertificate
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import Signer, fingerprint, read, trusted
from ledgerpost.statement import Span
from ledgerpost.terms import PublicKey
from samplemaker.cast import Player, is_signed

if TYPE_CHECKING:
    from samplemaker.story import Story


class Hands:
    """Who holds what; every cheque and certificate becomes a sample each time it changes hands."""

    def __init__(self, story: "Story") -> None:
        self.story = story
        self.folder, self.bank, self.gold = story.folder, story.bank, story.gold
        self.issuer, self.alice, self.bob, self.carol = story.issuer, story.alice, story.bob, story.carol

    def tell(self) -> None:
        """Both chapters."""
        self.neighbour()
        self.cheques()
        self.hearing_of_them()
        self.certificates()
        self.twice()
        self.lien()

    # --- the chapters

    def neighbour(self) -> None:
        """Carol opens an account too; Bob orders numbers."""
        issuer, carol, bob, bank = self.issuer, self.carol, self.bob, self.bank
        tokens = self.story.tokens
        raw = issuer.write(self.story.pay(issuer, carol.me, 4, 100, asset=tokens))
        self.story.send(issuer, raw, what="a spend to a party without account", rules="O3")
        carol.terms = bank.terms
        raw = carol.write(
            CreateAccount(bank.me, 1, carol.signer.key, "Carol", (Waiting(issuer.me, 4, tokens, 100),)),
            GetSequence(5, bank.now + 90 * DAY),
        )
        self.story.send(carol, raw, what="a first letter", rules="L1 O3 N1")
        self.story.send(bob, bob.write(GetSequence(5, bank.now + 90 * DAY)), what="numbers ordered", rules="N1 N4")

    def cheques(self) -> None:
        """Alice draws; Bob and Carol present."""
        bob, carol = self.bob, self.carol
        self.named = self.draw(22, bob, 700, "the rent", what="a cheque made out to Bob")
        self.again = self.draw(22, carol, 600, what="another cheque under the same number: the drawer signed twice")
        self.open = self.draw(23, None, 50, what="an open cheque: whoever presents it first is paid")
        dated = self.draw(24, bob, 5, start=20, what="a post-dated cheque: good from its start on")
        self.large = self.draw(25, bob, 100_000, what="a cheque that is not covered")
        passed = self.draw(26, bob, 30, "for Carol", what="a cheque made out to Bob, which he will sign over")
        self.passed = self.give(passed, bob, carol, "the same, signed over to Carol by Bob")
        self.stopped = self.draw(27, bob, 9, what="a cheque whose number is stopped before it is presented")
        raw = bob.write(*(self.deposit(each, bob) for each in (self.named, dated, self.large, self.open)))
        what = "four cheques presented: made out to Bob, too early, not covered, open"
        self.story.send(bob, raw, what=what, rules="C1 C2", envelopes=True)
        spliced = Instrument(self.passed.body, self.passed.first, self.passed.endorsements * 2, self.passed.chequebook)
        raw = carol.write(
            self.deposit(self.again, carol),
            self.deposit(self.passed, carol),
            self.deposit(self.open, carol),
            self.order(spliced),
        )
        what = "four presented: second under its number, signed over, open and paid before, a chain spliced"
        self.story.send(carol, raw, what=what, rules="C2 C3 C4 B3")

    def hearing_of_them(self) -> None:
        """Alice learns what was paid, and stops a number; Bob tries again."""
        alice, bob, bank = self.alice, self.bob, self.bank
        raw = alice.write(self.story.pay(alice, bob.me, 22, 1), StopCheque(bank.me, alice.next, (Span(27, 27),)))
        what = "a spend under a number that a cheque was paid under: refused, and it stays open; another stopped"
        self.story.send(alice, raw, what=what, rules="L7 N2 N5")
        raw = alice.write(*self.taken_in(alice))
        self.story.send(alice, raw, what="paid and bounced cheques taken in: their debits count now", rules="N5 O1")
        raw = bob.write(*(self.deposit(each, bob) for each in (self.named, self.large, self.stopped)))
        what = "presented again: paid before, still not covered, stopped"
        self.story.send(bob, raw, what=what, rules="C2")
        raw = Release(bank.me, identity_of_body(self.large.body), alice.me, self.gold, 100_000, "in oats").sign(
            bob.signer
        )
        what = "Bob gives up his claim on Alice for the cheque that was not covered"
        self.folder.message("releases/bob-25.cose", raw, bob.signer, what, "C2")

    def certificates(self) -> None:
        """Alice buys three. One she returns, one goes through two hands, one she signs over twice."""
        alice, bank = self.alice, self.bank
        until = bank.now + 60 * DAY
        rows = ((28, 200), (29, 300), (30, 40))
        raw = alice.write(
            *(SpendTo(bank.me, alice.next, None, number, self.gold, amount, until, "") for number, amount in rows)
        )
        self.story.send(alice, raw, what="three certificates bought", rules="B1 O2", envelopes=True)
        self.bought = {number: self.certificate(number) for number, _ in rows}
        raw = alice.write(self.redeem(self.bought[30], alice))
        self.story.send(alice, raw, what="a certificate returned by its buyer", rules="B3")

    def twice(self) -> None:
        """Certificate 28, signed over to Bob and to Carol; Alice can pay for it."""
        alice, bob, carol = self.alice, self.bob, self.carol
        first = self.give(self.bought[28], alice, bob, "certificate 28, signed over to Bob")
        second = self.give(self.bought[28], alice, carol, "the same, signed over to Carol too: Alice signed twice")
        raw = bob.write(self.redeem(first, bob))
        self.story.send(bob, raw, what="a certificate redeemed", rules="B3 B4")
        raw = carol.write(self.redeem(second, carol))
        what = "the same certificate by another chain: done at the cost of who signed twice"
        self.story.send(carol, raw, what=what, rules="B5")
        self.story.send(alice, alice.write(), what="an empty letter, which brings the notices")
        raw = alice.write(*self.taken_in(alice))
        self.story.send(alice, raw, what="two certificates closed, and one recovered from who signed twice", rules="B5")

    def lien(self) -> None:
        """Certificate 29, signed over twice by Bob, who has spent everything."""
        alice, bob, carol, issuer = self.alice, self.bob, self.carol, self.issuer
        held = self.give(self.bought[29], alice, bob, "certificate 29, signed over to Bob")
        first = self.give(held, bob, carol, "the same, signed over to Carol by Bob")
        second = self.give(held, bob, issuer, "the same, signed over to the issuer too: Bob signed twice")
        self.story.send(carol, carol.write(self.redeem(first, carol)), what="a certificate redeemed", rules="B3 B4")
        numbers = bob.statement.numbers[-1]
        raw = bob.write(self.story.pay(bob, alice.me, numbers.first, bob.statement.balance(self.gold) - 10))
        self.story.send(bob, raw, what="nearly everything spent", rules="O2")
        raw = issuer.write(self.redeem(second, issuer))
        self.story.send(issuer, raw, what="a second redemption; who signed twice has no funds: a lien", rules="B5")
        self.story.send(bob, bob.write(), what="an empty letter, which brings the notice")
        spend = bob.statement.outstanding[-1]
        raw = bob.write(CancelSpend(self.bank.me, bob.next, alice.me, spend.number, spend.asset, spend.amount))
        self.story.send(bob, raw, what="a spend withdrawn: the funds are back, and the lien is met", rules="B5 O2")
        self.story.send(bob, bob.write(*self.taken_in(bob)), what="what was recovered is taken in", rules="B5")
        self.story.send(issuer, issuer.write(), what="an empty letter, which brings the notices")
        raw = issuer.write(*self.taken_in(issuer))
        self.story.send(issuer, raw, what="what was credited is taken in", rules="B5")
        raw = carol.write(self.redeem(first, carol), GetQ())
        self.story.send(carol, raw, what="redeemed again by the same chain: paid before", rules="B5 C2")

    # --- small helps

    def draw(
        self, number: int, payee: Player | None, amount: int, memo: str = "", *, start: int = 0, what: str
    ) -> Instrument:
        """A cheque of Alice with its chequebook."""
        now = self.bank.now
        to = payee.me if payee else None
        cheque = Cheque(self.bank.me, number, to, self.gold, amount, now + start * DAY, now + 60 * DAY, memo)
        raw = cheque.sign(self.alice.signer)
        name = f"{number}-to-{payee.name if payee else 'anybody'}"
        self.folder.message(f"instruments/cheque-{name}.cose", raw, self.alice.signer, f"{what}; itself", "C1")
        instrument = Instrument(raw, chequebook=self.chequebook(number))
        self.keep(f"cheque-{name}", instrument, f"{what}; with its chequebook, as it is handed over", "C1 N4")
        return instrument

    def chequebook(self, number: int) -> bytes:
        books = [raw for raw in self.alice.known.values() if is_signed(raw) and read(raw).type == Sequence.TYPE]
        return next(raw for raw in books if read(raw).body[2] <= number <= read(raw).body[3])

    def certificate(self, number: int) -> Instrument:
        """As the bank's answer brought it, ready to be handed on."""
        claims = [read(raw) for raw in self.alice.known.values() if is_signed(raw)]
        found = {claim.body[1]: claim.raw for claim in claims if claim.type == Certificate.TYPE}
        what = f"certificate {number} as it is handed over by its buyer"
        self.keep(f"certificate-{number}", Instrument(found[number]), what, "B1 B2")
        return Instrument(found[number])

    def keep(self, name: str, instrument: Instrument, what: str, rules: str) -> None:
        chain = check_chain(instrument, self.key_of(instrument), self.bank.me)
        self.folder.instrument(f"instruments/{name}.cbor", chain, what, rules)

    def key_of(self, instrument: Instrument) -> PublicKey:
        """The drawer's key, or the bank's."""
        cheque = isinstance(paper_of(instrument.body), Cheque)
        return self.alice.signer.key if cheque else self.bank.signer.key

    def endorsed(self, instrument: Instrument, by: Signer, to: PublicKey) -> Instrument:
        return endorse(check_chain(instrument, self.key_of(instrument), self.bank.me), by, to)

    def give(self, instrument: Instrument, by: Player, to: Player, what: str) -> Instrument:
        """Signed over to another holder."""
        given = self.endorsed(instrument, by.signer, to.signer.key)
        self.keep(self.path(given), given, what, "B2 C4")
        return given

    def path(self, instrument: Instrument) -> str:
        """The name of a file: kind, number, and the hands it went through."""
        paper = paper_of(instrument.body)
        chain = check_chain(instrument, self.key_of(instrument), self.bank.me)
        hands = [self.folder.signers[fingerprint(key)] for key in chain.holders if key is not None]
        return "-".join((paper.TYPE, str(paper.number), *hands))

    def presented(self, instrument: Instrument, by: Player) -> Instrument:
        """Signed over to the bank, without its chequebook."""
        whole = self.endorsed(instrument, by.signer, self.bank.signer.key).bare()
        paper = paper_of(whole.body)
        self.keep(self.path(whole), whole, f"{paper.TYPE} {paper.number} as {by.name} presents it", "B3")
        return whole

    def deposit(self, instrument: Instrument, by: Player) -> Order:
        return self.order(self.presented(instrument, by))

    def redeem(self, instrument: Instrument, by: Player) -> Order:
        return self.order(self.presented(instrument, by))

    def order(self, whole: Instrument) -> Order:
        """The order that presents it."""
        paper = paper_of(whole.body)
        value = (paper.number, paper.asset, paper.amount)
        if isinstance(paper, Certificate):
            return RedeemCertificate(whole.body, whole.endorsements, *value)
        assert whole.first is not None
        return DepositCheque(whole.body, self.alice.signer.key, whole.first, whole.endorsements, *value)

    def taken_in(self, who: Player) -> list[Order]:
        """Orders for all that came and is not taken in yet; incoming spends aside."""
        kinds = {kind.KIND: kind for kind in TAKE_INS}
        orders: list[Order] = []
        for each in self.notices(who):
            if each.kind in kinds:
                orders.append(kinds[each.kind](each.notice, each.number, each.asset, each.amount))
            elif each.kind == n.RECOVERED:
                orders.append(
                    ConfirmRecoveredCertificate(each.notice, each.number, each.asset, each.amount, each.earlier)
                )
        return orders

    def notices(self, who: Player) -> list[Notice]:
        claims = [trusted(raw) for raw in who.known.values() if is_signed(raw)]
        notices = [Notice.read(claim.body) for claim in claims if claim.type == Notice.TYPE]
        mine = [each for each in notices if each.party == who.me and not who.statement.has_taken(each.notice)]
        return sorted(mine, key=lambda each: each.notice)
