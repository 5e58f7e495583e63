"""Worlds with somebody dishonest in them: a rogue with two accounts, or a bank that signs whatever it likes.

All others deal honestly, as in ``histories``. The rogue's letters reach the real bank past any wallet; the rogue bank
answers through the real counter with a teller that lies, from copies of its store, and signs altered papers besides.
Whatever they make is kept with their files, to be laid before a judge.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Final

from nacl import bindings

from histories import History
from ledgerpost import cbor
from ledgerpost.bank import counter
from ledgerpost.bank.teller import Teller
from ledgerpost.errors import BadBytes, Cheating, LedgerpostError, Refusal
from ledgerpost.judge.verdict import Finding
from ledgerpost.papers import notice as n
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.dropnotices import DropNotices
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.instrument import (
    Instrument,
    check_chain,
    digest_of_instrument,
    endorse,
    identity_of_body,
    is_instrument,
    paper_of,
    read_instrument,
)
from ledgerpost.papers.issueasset import IssueAsset
from ledgerpost.papers.kinds import About, Refused
from ledgerpost.papers.letter import Letter, Seen
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import KINDS, carried_out, read_orders
from ledgerpost.papers.receipt import Answer, Base, Receipt, Result
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.release import Release
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.takein import TAKE_INS, ConfirmRecoveredCertificate, ConfirmWithdrawn
from ledgerpost.papers.terms import DAY, Terms
from ledgerpost.sealed import Claim, Signer, fingerprint, identity_of, is_message, read, trusted
from ledgerpost.statement import Inapplicable, Span, Statement, digest_of, is_statement, read_statement
from ledgerpost.store.memory import MemoryStore
from ledgerpost.terms import Digest, Fingerprint
from ledgerpost.wallet.account import Account
from market import forged
from town import Party

ROGUES: Final = ("mallory", "malik")
BANKS_TOO: Final = ("letter", "terms", "contract", "bankcard")
"""What a bank has anyway, and can show; true receipts and notices it may hold back."""


def claim(raw: bytes) -> Claim | None:
    """A message as it says of itself, if it is one."""
    try:
        return read(raw) if is_message(raw) else None
    except BadBytes:
        return None


# --- a rogue with two accounts ------------------------------------------------------------------------------------


class RogueHistory(History):
    """Honest business with one rogue, known to the others by two names; the bank is honest.

    ``depth``: how many dishonest things are done at each step.
    """

    depth = 2

    def _begin(self) -> None:
        super()._begin()
        self.rogues = [Party(name, self.bank) for name in ROGUES]
        self.made: list[Instrument] = []
        for rogue in self.rogues:
            rogue.open()
            self.people["treasurer"].pay(rogue, self.grain, self.dice.randint(50, 300))
            self._now(self.people["treasurer"])
            for _ in range(3):
                rogue.accept_all()
                rogue.wish("getq")
                self._now(rogue)

    def everybody(self) -> Iterator[Party]:
        yield from super().everybody()
        yield from getattr(self, "rogues", ())

    def honest(self) -> set[Fingerprint]:
        return super().honest() - {rogue.me for rogue in self.rogues}

    def contradicted(self, party: Party, error: Cheating) -> None:
        if party not in self.rogues:
            super().contradicted(party, error)

    def turn(self) -> None:
        super().turn()
        for _ in range(self.depth):
            rogue = self.dice.choice(self.rogues)
            deed = self.dice.choice(ROGUERY)
            with suppress(LedgerpostError, IndexError):  # the wallet says no; or there is nothing yet to cheat with
                deed(self, rogue)
            self.look(rogue)

    def play(self) -> "RogueHistory":
        super().play()
        for rogue in self.rogues:
            for _ in range(25):
                with suppress(LedgerpostError, IndexError):
                    self.files.add(rogue.name, self.at, *fabricated(self, rogue.signer))
        return self

    # --- what the rogue does

    def submit(self, rogue: Party, *orders: Order | bytes, **said: Any) -> None:
        """A letter of any orders, past the wallet, straight to the bank; its answer is taken in."""
        account = rogue.account
        rogue.account = replace(account, letters=())
        fields_ = {"nonce": self.dice.choice([bytes(16), self.dice.randbytes(16)]), **said}
        raw = rogue.by_hand(*orders, **fields_)
        self.files.add(rogue.name, self.at, raw)
        rogue.account = replace(account, letters=(raw,))
        self.inbox = [each for each in self.inbox if each[0] is not rogue]
        for to, answer in self._answer((rogue, rogue.seal((raw,)))):
            if to is rogue:
                self._receive(rogue, answer)
        if rogue.account.letters:
            rogue.account = replace(rogue.account, letters=())

    def instruments(self) -> list[Instrument]:
        """Every cheque and certificate that anybody ever saw: the rogue's is all that it can get."""
        raws = [raw for raw in self.files.kept if is_instrument(raw)]
        return self.made + [read_instrument(raw) for raw in raws]

    def number(self, rogue: Party) -> int:
        return self.dice.choice([1, 2, 3, 4, 5, self.dice.randint(1, 70)])


def _letter(h: RogueHistory, rogue: Party) -> None:
    """Orders of every kind, most of them false; what the letter has seen and expects may be lies."""
    dice, said = h.dice, dict[str, Any]()
    orders: list[Order | bytes] = [_order(h, rogue) for _ in range(dice.randint(1, 4))]
    if dice.random() < 0.4:
        orders += dice.sample(orders, 1)
    if dice.random() < 0.3:
        state = dice.choice([rogue.account.statement, Statement(h.bank.signer.fingerprint, rogue.me)])
        said["seen"] = Seen(dice.choice([0, state.seq, state.seq + 3]), digest_of(state.encode()))
    if dice.random() < 0.2:
        names = [*rogue.account.terms, Digest(dice.randbytes(32))]
        said["terms"] = dice.choice(names)
    if dice.random() < 0.2:
        said["not_after"] = h.bank.now + dice.choice([-5, 0, 5])
    h.submit(rogue, *orders, **said)


def _order(h: RogueHistory, rogue: Party) -> Order | bytes:
    dice, bank, seq = h.dice, h.bank.signer.fingerprint, rogue.account.statement.seq + 1
    asset, amount, number = dice.choice(h.assets), dice.choice([1, 5, 90, 5000]), h.number(rogue)
    waiting = list(rogue.account.waiting)
    other = dice.choice(list(h.everybody())).me
    notice = dice.choice(waiting) if waiting and dice.random() < 0.8 else None
    row = (notice.number, notice.asset, notice.amount) if notice else (number, asset, amount)
    if notice and dice.random() < 0.2:
        row = (row[0], row[1], row[2] + 1)
    at = notice.notice if notice else dice.randint(1, 9)
    spender = notice.other if notice and notice.other and dice.random() < 0.9 else other
    until = h.bank.now + dice.choice([-1, 0, 60, DAY, 9 * DAY, 500 * DAY])
    spans = (Span(number, number + dice.choice([0, 0, 3])),)
    guess: list[Callable[[], Order | bytes]] = [
        lambda: SpendTo(bank, seq, dice.choice([other, None]), number, asset, dice.choice([1, 20, 900]), until, ""),
        lambda: StopCheque(bank, dice.choice([seq, seq, seq + 1]), spans),
        lambda: ConfirmReceipt(bank, seq, spender, *row, at),
        lambda: DenyReceipt(bank, seq, spender, *row, at, "no"),
        lambda: dice.choice(TAKE_INS)(at, *row),
        lambda: ConfirmWithdrawn(at, *row, notice.earlier or 1 if notice else 1),
        lambda: ConfirmRecoveredCertificate(at, *row, notice.earlier if notice else 0),
        lambda: DropNotices((Span(at, at + dice.choice([0, 2])),)),
        lambda: GetSequence(dice.choice([1, 5]), until),
        lambda: CreateAccount(bank, seq, rogue.signer.key, rogue.name),
        lambda: IssueAsset(dice.choice(sorted(rogue.contracts.values()))),
        lambda: presentation_by(h, rogue),
        lambda: presentation_by(h, rogue),
        lambda: _stolen(h),
    ]
    made = dice.choice(guess)
    try:
        return made()
    except (IndexError, LedgerpostError):
        return b"\x81\x64getq"


def _stolen(h: RogueHistory) -> bytes:
    """Somebody else's signed order, out of its letter."""
    signed = [raw for raw in h.files.kept if (said := claim(raw)) and said.type in KINDS]
    return h.dice.choice(sorted(signed))


def presentation_by(h: RogueHistory, rogue: Party) -> Order:
    """Any instrument, endorsed to the bank by the rogue, whoever holds it."""
    instrument = h.dice.choice(h.instruments())
    if not instrument.endorsements or instrument.endorsements[-1][:32] != h.bank.signer.key:
        instrument = handed(instrument, rogue, h.bank.signer.key)
    paper = paper_of(instrument.body)
    value = (paper.number, paper.asset, paper.amount)
    if isinstance(paper, Certificate):
        return RedeemCertificate(instrument.body, instrument.endorsements, *value)
    drawer = next(each for each in h.everybody() if each.me == read(instrument.body).signer)
    first = instrument.first or rogue.signer.key
    return DepositCheque(instrument.body, drawer.signer.key, first, instrument.endorsements, *value)


def handed(instrument: Instrument, by: Party, to: bytes) -> Instrument:
    """Endorsed by its holder if that is ``by``, else as if it were."""
    try:
        keys = {each.me: each.signer.key for each in (by,)}
        key = keys.get(read(instrument.body).signer, by.bank.signer.key)
        chain = check_chain(instrument, key, by.bank.signer.fingerprint)
        return endorse(chain, by.signer, to)  # type: ignore[arg-type]
    except LedgerpostError:
        return forged(instrument, by, to)  # type: ignore[arg-type]


def _draw_twice(h: RogueHistory, rogue: Party) -> None:
    """Cheques on one number to several; on numbers spent, stopped, not given out, or of another chequebook."""
    dice, number = h.dice, h.number(rogue)
    book = dice.choice([*rogue.account.books, *(raw for each in h.rogues for raw in each.account.books)])
    for _ in range(dice.choice([1, 2, 2])):
        payee = dice.choice([None, *h.everybody()])
        until = h.bank.now + dice.choice([1, 9, 30, 800]) * DAY
        start = dice.choice([0, 0, h.bank.now + 3600])
        amount = dice.choice([7, 30, 2000])
        if start > until:
            continue
        paper = Cheque(
            h.bank.signer.fingerprint, number, payee.me if payee else None, h.grain, amount, start, until, ""
        )
        drawn = Instrument(paper.sign(rogue.signer), chequebook=book)
        h.made.append(drawn)
        h.files.add(rogue.name, h.at, drawn.encode())
        for taker in h.everybody():
            with suppress(LedgerpostError):
                if taker not in h.rogues and dice.random() < 0.4:
                    taker.take(drawn)
                    h.present(taker, drawn)


def _not_yet_given(h: RogueHistory, rogue: Party) -> None:
    """A cheque on a number that the bank has not given out yet, presented under the other name; then it is ordered."""
    other = next(each for each in h.rogues if each is not rogue)
    number = rogue.account.statement.highest + h.dice.randint(1, 9)
    bank, until = h.bank.signer.fingerprint, h.bank.now + 9 * DAY
    drawn = Instrument(Cheque(bank, number, other.me, h.grain, 5, 0, until, "").sign(rogue.signer))
    chain = check_chain(drawn, rogue.signer.key, bank)
    ended = endorse(chain, other.signer, h.bank.signer.key)
    key, first = rogue.signer.key, other.signer.key
    h.submit(other, DepositCheque(ended.body, key, first, ended.endorsements, number, h.grain, 5))
    h.bank.now += h.dice.choice([0, 60])
    h.submit(rogue, GetSequence(12, h.bank.now + 15 * DAY))


def _endorse_twice(h: RogueHistory, rogue: Party) -> None:
    """What it has, or had, signed over to several."""
    held = [each for each in h.instruments() if not each.endorsements or each.endorsements[-1][:32] == rogue.signer.key]
    instrument = h.dice.choice(held)
    paper = paper_of(instrument.body)
    if isinstance(paper, Certificate) and not instrument.endorsements and paper.key != rogue.signer.key:
        return
    for taker in h.dice.sample(list(h.everybody()), 2):
        given = handed(instrument, rogue, taker.signer.key)
        h.made.append(given)
        h.files.add(rogue.name, h.at, given.encode())
        with suppress(LedgerpostError):
            if taker not in h.rogues:
                taker.take(given)
                h.present(taker, given)


def _redeemed_twice(h: RogueHistory, rogue: Party) -> None:
    """A certificate that it bought, handed to two who both redeem it at once."""
    papers = [
        Instrument(raw) for raw in h.files.of(rogue.name) if (said := claim(raw)) and said.type == Certificate.TYPE
    ]
    mine = [each for each in papers if paper_of(each.body).until > h.bank.now]
    held = h.dice.choice([each for each in mine if fingerprint(read(each.body).body[5]) == rogue.me])
    for taker in h.dice.sample(list(h.people.values()), 2):
        given = handed(held, rogue, taker.signer.key)
        h.made.append(given)
        taker.take(given)
        h.present(taker, given)
        h._now(taker)


def _buy(h: RogueHistory, rogue: Party) -> None:
    """A certificate, returned and handed on."""
    bank, seq = h.bank.signer.fingerprint, rogue.account.statement.seq + 1
    spend = SpendTo(bank, seq, None, h.number(rogue), h.grain, h.dice.choice([5, 40]), h.bank.now + 9 * DAY, "")
    h.submit(rogue, spend)
    for raw in rogue.account.parts.values():
        if (said := claim(raw)) and said.type == Certificate.TYPE:
            h.made.append(Instrument(raw))
            h.files.add(rogue.name, h.at, Instrument(raw).encode())


def _deal(h: RogueHistory, rogue: Party) -> None:
    """As the honest do."""
    rogue.wish("getq")
    decide: list[Callable[[], None]] = [rogue.accept_all, rogue.deny_all, lambda: None]
    h.dice.choice(decide)()
    h._now(rogue)


def _pay(h: RogueHistory, rogue: Party) -> None:
    rogue.pay(h.dice.choice(list(h.people.values())), h.grain, h.dice.choice([1, 9, 60]), days=h.dice.choice([0, 9]))
    spends = rogue.account.statement.outstanding
    if spends and h.dice.random() < 0.4:
        rogue.wish("cancelspend", number=h.dice.choice(spends).number)
    h._now(rogue)


ROGUERY: Final[tuple[Callable[[RogueHistory, Party], None], ...]] = (
    _letter,
    _letter,
    _letter,
    _draw_twice,
    _endorse_twice,
    _endorse_twice,
    _not_yet_given,
    _redeemed_twice,
    _redeemed_twice,
    _buy,
    _buy,
    _deal,
    _deal,
    _pay,
)


# --- papers that somebody signs though they are false -------------------------------------------------------------


def fabricated(h: History, signer: Signer, *, bank: bool = False) -> Iterator[bytes]:
    """False papers by this signer: others' messages signed anew, altered or not; with ``bank`` as the bank itself."""
    dice = h.dice
    raws = list(h.files.kept)
    raw = dice.choice(raws)
    if is_statement(raw):
        yield altered_statement(h, read_statement(raw)).encode()
    elif is_instrument(raw):
        yield from _altered_instrument(h, raw, signer)
    elif (said := claim(raw)) is not None:
        body = list(said.body)
        if dice.random() < 0.8:
            _alter(h, body)
        if not bank and dice.random() < 0.5 and body and body[0] == h.bank.signer.fingerprint:
            body[0] = signer.fingerprint
        yield signer.sign(said.type, tuple(body))
        if not bank and said.signer == signer.fingerprint:
            yield signed_otherwise(said, signer)
    if dice.random() < 0.2:
        yield from _released(h, signer)


def _alter(h: History, body: list[Any]) -> None:
    """One field becomes another value that a field of its type may have."""
    dice, at = h.dice, h.dice.randrange(len(body))
    value = body[at]
    if type(value) is int:
        body[at] = max(0, value + dice.choice([-DAY, -1, 1, 7, DAY, 40 * DAY]))
    elif type(value) is bytes and len(value) == 20:
        body[at] = dice.choice([each.me for each in h.everybody()])
    elif type(value) is bytes and len(value) == 32:
        body[at] = dice.choice([h.grain, h.wood, *(each.signer.key for each in h.everybody())])
    elif type(value) is bytes:
        others = [raw for raw in h.files.kept if is_statement(raw) == is_statement(value) and len(raw) < 8000]
        body[at] = dice.choice(others)
    elif type(value) is tuple and value:
        body[at] = value[:-1] if dice.random() < 0.5 else (*value, *value[-1:])
    elif type(value) is str and value in n.KINDS:
        body[at] = dice.choice(n.KINDS)


def _altered_instrument(h: History, raw: bytes, signer: Signer) -> Iterator[bytes]:
    """Cut, spliced, with another chequebook; or signed on by whoever does not hold it."""
    dice = h.dice
    one = read_instrument(raw)
    other = read_instrument(dice.choice([each for each in h.files.kept if is_instrument(each)]))
    yield replace(one, endorsements=one.endorsements[: dice.randint(0, len(one.endorsements))]).encode()
    yield replace(one, endorsements=(*one.endorsements, *other.endorsements)[:16], first=other.first).encode()
    yield replace(one, chequebook=other.chequebook).encode()
    paper = paper_of(one.body)
    amount = replace(paper, amount=paper.amount + 1)
    yield Instrument(amount.sign(signer), one.first, one.endorsements, one.chequebook).encode()


def _released(h: History, signer: Signer) -> Iterator[bytes]:
    instruments = [read_instrument(raw) for raw in h.files.kept if is_instrument(raw)]
    paper = paper_of(h.dice.choice(instruments).body)
    debtor = h.dice.choice(list(h.everybody())).me
    named = identity_of_body(h.dice.choice(instruments).body)
    yield Release(h.bank.signer.fingerprint, named, debtor, paper.asset, paper.amount, "").sign(signer)


def altered_statement(h: History, state: Statement) -> Statement:
    """A statement with something moved, closed, spent or taken in."""
    dice = h.dice
    changes: list[Callable[[], Statement]] = [
        lambda: state.moved(dice.choice(h.assets), dice.choice([-50, -1, 1, 50])),
        lambda: state.closed(dice.randint(1, 30)),
        lambda: state.given(5, h.bank.now + DAY),
        lambda: state.took(dice.randint(1, 12)),
        lambda: replace(state, outstanding=state.outstanding[1:]),
        lambda: replace(state, salt=dice.randbytes(16)),
        lambda: replace(state, seq=state.seq + 1),
        lambda: replace(state, party=dice.choice(list(h.everybody())).me),
    ]
    try:
        return dice.choice(changes)()
    except Inapplicable:
        return state


ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""Of the prime-order group of Ed25519."""


def signed_otherwise(said: Claim, signer: Signer) -> bytes:
    """The same message under another signature that verifies as well: its signer may choose the nonce (14.14)."""
    from hashlib import sha512

    secret = bytearray(sha512(signer.seed).digest()[:32])
    secret[0] &= 248
    secret[31] = (secret[31] & 127) | 64
    nonce = int.from_bytes(sha512(b"another" + said.to_be_signed).digest(), "little") % ORDER
    point = bindings.crypto_scalarmult_ed25519_base_noclamp(nonce.to_bytes(32, "little"))
    hashed = int.from_bytes(sha512(point + signer.key + said.to_be_signed).digest(), "little") % ORDER
    scalar = (nonce + hashed * int.from_bytes(secret, "little")) % ORDER
    signature = point + scalar.to_bytes(32, "little")
    protected, unprotected, payload, _ = cbor.decode(said.raw[1:])
    return b"\xd2" + cbor.encode((protected, unprotected, payload, signature))


# --- a bank that signs whatever it likes --------------------------------------------------------------------------


class LyingTeller(Teller):
    """A teller that refuses what is in order, and does what is not; ``history`` has the dice."""

    history: "FalseBank"

    def _judge(self, order: Order) -> tuple[Refused | None, Statement]:
        refused, after = super()._judge(order)
        dice = self.history.dice
        if isinstance(order, CreateAccount) or dice.random() > self.history.lies:
            return refused, after
        if refused is None or dice.random() < 0.6:
            return self._false(order), self.statement
        return refused, after

    def _false(self, order: Order) -> Refused:
        dice = self.history.dice
        codes = [code for code in Refusal if code]
        likely = [Refusal.NUMBER, Refusal.FUNDS, Refusal.USED] if isinstance(order, DepositCheque) else codes
        code = dice.choice([*likely, *likely, dice.choice(codes)])
        parties = list(order.parties())
        side = self.side(dice.choice(parties)) if parties and dice.random() < 0.9 else None
        about = side.about() if side else None
        evidence = self.history.evidence(about, order) if dice.random() < 0.8 else None
        letter = dice.choice([None, self.letter]) if code is Refusal.PAID else None
        return Refused(code, about, evidence, letter)


class FalseBank(History):
    """Honest people at a bank that lies, forks and forges; nobody but the bank may ever be found against.

    ``lies``: how often an order meets a lie; ``forks``: how often the bank answers from an old copy of its books. Some
    banks do neither: their people trade on without a quarrel, so that there is more to forge afterwards.
    """

    def __init__(self, seed: int, **said: Any) -> None:
        self.branches: list[MemoryStore] = []
        self.together: dict[str, tuple[Account, MemoryStore]] = {}
        self.quarrels = 0
        self.lies, self.forks = [(0.0, 0.0), (0.06, 0.0), (0.02, 0.08)][seed % 3]
        super().__init__(seed, careful=True, **said)

    def _begin(self) -> None:
        self.lying = False
        super()._begin()
        self.lying = True

    def honest(self) -> set[Fingerprint]:
        return super().honest() - {self.bank.signer.fingerprint}

    def contradicted(self, party: Party, error: Cheating) -> None:
        """As it should be: the wallet adopts nothing of it."""
        self.quarrels += 1

    def turn(self) -> None:
        """Now and then somebody's wallet is lost, and the bank goes back to when its backup was made."""
        super().turn()
        if self.forks and self.dice.random() < 0.15:
            party = self.dice.choice(list(self.people.values()))
            store = self.bank.store
            assert isinstance(store, MemoryStore)
            if party.name in self.together and self.dice.random() < 0.6:
                backup, branch = self.together.pop(party.name)
                self.bank.store = branch
                self.restore(party, backup)
                for _ in range(3):
                    self._now(party)
            else:
                self.together[party.name] = (party.account, copied(store))

    def _log(self, party: Party) -> None:
        """The bank's books are no truth here, and nobody careful ever owes."""

    def post(self, *raws: bytes) -> list[tuple[Fingerprint, bytes]]:
        """As an honest bank would; or with lies; or from an old copy of the store."""
        if not self.lying:
            return super().post(*raws)
        try:
            with self.another_face():
                return super().post(*raws)
        except (AssertionError, KeyError, LedgerpostError):
            return []  # a lie that its own books cannot bear

    @contextmanager
    def another_face(self) -> Iterator[None]:
        """Meanwhile the bank lies, perhaps from an old copy of its store, which may become its truth."""
        store = self.bank.store
        assert isinstance(store, MemoryStore)
        if self.forks and self.dice.random() < 0.1:
            self.branches.append(copied(store))
        if self.branches and self.dice.random() < self.forks:
            self.bank.store = self.dice.choice(self.branches)
            if self.dice.random() < 0.8:
                store = self.bank.store  # from now on this is the bank's truth
        try:
            with lying(self):
                yield
        finally:
            self.bank.store = store

    def evidence(self, about: About | None, order: Order) -> bytes | None:
        """Something that looks like evidence, true or made for the purpose."""
        dice = self.dice
        if isinstance(order, DepositCheque) and about is not None and dice.random() < 0.7:
            return self.bounced(order, about)
        some = [
            raw for raw in self.files.kept if is_instrument(raw) or ((said := claim(raw)) and said.type == "notice")
        ]
        return dice.choice(some) if some else None

    def bounced(self, order: DepositCheque, about: About) -> bytes:
        """A ``chequebounced`` or ``chequecleared`` that the drawer may never see."""
        dice = self.dice
        presenter = order.endorsements[-2][:32] if len(order.endorsements) > 1 else order.first
        return Notice(
            self.bank.signer.fingerprint,
            about.party,
            about.highest + dice.choice([0, 1, 1, 2]),
            self.bank.now,
            dice.choice([n.BOUNCED, n.BOUNCED, n.CLEARED]),
            about.seq,
            about.digest,
            fingerprint(presenter),
            presenter,  # type: ignore[arg-type]
            order.number,
            order.asset,
            order.amount,
            order.cheque.until,
            0,
            order.instrument.encode(),
        ).sign(self.bank.signer)

    def play(self) -> "FalseBank":
        super().play()
        forgers: list[Callable[[], Iterator[bytes]]] = [
            lambda: fabricated(self, self.bank.signer, bank=True),
            lambda: other_answers(self),
            lambda: other_answers(self),
            lambda: false_notices(self),
            *[lambda: false_refusal(self)] * 5,
        ]
        for _ in range(40):
            self.plot: list[bytes] = []
            with suppress(LedgerpostError, IndexError, KeyError, Inapplicable):
                self.plot += self.dice.choice(forgers)()
            self.files.add("bank", self.at, *self.plot)
            self.plots += [self.plot] if self.plot else []
        own = [raw for raw in self.files.kept if (said := claim(raw)) is None or said.type in BANKS_TOO]
        self.files.add("bank", self.at, *own)
        return self

    def wrong(self, findings: tuple[Finding, ...], files: frozenset[bytes], now: int) -> list[Finding]:
        """Against the honest, nothing stands; but two things only the drawer of a cheque itself can show (C2).

        That its number closed when it was paid, by the ``chequecleared`` that its wallet keeps; and that the statement
        which a refusal names had been followed by another, by the newer receipt.
        """
        false = [each for each in findings if each.debtor in self.honest()]
        return [each for each in false if each.rule != "C2" or not self._is_withheld(each, files)]

    def _is_withheld(self, finding: Finding, files: frozenset[bytes]) -> bool:
        """Whether the drawer holds what ends the claim, and it was not laid before the judge."""
        drawer = next(each for each in self.everybody() if each.me == finding.debtor)
        held = [raw for raw in self.files.of(drawer.name) if raw not in files]
        if "number" in finding.words:
            return any(_shows_paid(raw, finding) for raw in held)
        shown = [each for each, identity in _receipts(self, files) if identity in finding.shown]
        named = max((read_statement(each.statement).seq for each in shown if each.party == drawer.me), default=0)
        refused = max((each.time for each in shown if each.party == finding.creditor), default=0)
        true = [each for each, _ in _receipts(self, self.files.of(drawer.name)) if each.party == drawer.me]
        states = sorted((read_statement(each.statement) for each in true), key=lambda state: state.seq)
        before = [state for state in states if state.seq <= named]
        short = bool(before) and before[-1].balance(finding.asset or self.grain) < finding.amount
        newer = [each for each, _ in _receipts(self, held) if read_statement(each.statement).seq > named]
        return short and any(each.time < refused for each in newer)


def _shows_paid(raw: bytes, finding: Finding) -> bool:
    notice = Notice.read(trusted(raw).body) if _is_notice(raw) else None
    if notice is None or notice.kind != n.CLEARED or not is_instrument(notice.enclosed or b""):
        return False
    return identity_of_body(read_instrument(notice.enclosed or b"").body) in finding.shown


def _reads(raw: bytes) -> bool:
    try:
        Notice.read(trusted(raw).body)
    except BadBytes:
        return False
    return True


def copied(store: MemoryStore) -> MemoryStore:
    """Another store with the same records."""
    made = MemoryStore()
    with store.snapshot() as snapshot:
        records: dict[bytes, bytes | None] = dict(snapshot.under(b""))
    with made.hold([]) as held:
        held.commit(records)
    return made


@contextmanager
def lying(h: FalseBank) -> Iterator[None]:
    """The bank's counter has a lying teller meanwhile."""
    setattr(counter, "Teller", type("Liar", (LyingTeller,), {"history": h}))  # noqa: B010  # mypy takes no new class
    try:
        yield
    finally:
        setattr(counter, "Teller", Teller)  # noqa: B010


def _receipts(h: History, raws: Iterable[bytes] | None = None) -> list[tuple[Receipt, Digest]]:
    """The bank's receipts among these, or among all files; and their identities."""
    bank = h.bank.signer.fingerprint
    found = []
    for said in map(claim, h.files.kept if raws is None else raws):
        if said is not None and said.type == Receipt.TYPE and said.signer == bank:
            with suppress(BadBytes):
                found.append((Receipt.read(said.body), identity_of(said)))
    return found


def other_answers(h: FalseBank) -> Iterator[bytes]:
    """A party's letters answered otherwise: another receipt, which follows from its base all the same (L5)."""
    dice = h.dice
    receipt, _ = dice.choice(_receipts(h))
    false = _answered_anew(h, receipt, [_results(h, each.results) for each in receipt.answers])
    if false is not None:
        pending = tuple(row for row in false.pending if dice.random() < 0.9)
        time, highest = receipt.time + dice.choice([0, 0, 60, -60, DAY]), receipt.highest + dice.choice([0, 0, 1])
        yield replace(false, pending=pending, time=time, highest=highest).sign(h.bank.signer)
        yield false.statement


def _results(h: FalseBank, results: tuple[Result, ...]) -> tuple[Result, ...]:
    return tuple(_result(h, each) for each in results)


def _result(h: FalseBank, result: Result) -> Result:
    dice = h.dice
    if dice.random() < 0.6:
        return result
    if result.code and dice.random() < 0.4:
        return Result(Refusal.DONE)
    return Result(dice.choice([code for code in Refusal if code]), result.part, result.about)


def _answered_anew(h: FalseBank, receipt: Receipt, results: list[tuple[Result, ...]]) -> Receipt | None:
    """The receipt with these results, and the statement that follows; from an older base if it was agreed itself."""
    parts, base, state = _parts(h), receipt.base, Statement(receipt.bank, receipt.party)
    party = next(each for each in h.everybody() if each.me == receipt.party)
    letters = [Letter.read(trusted(parts[each.letter]).body) for each in receipt.answers]
    if base.letter is not None:
        first = letters[0]
        if base.statement == digest_of(receipt.statement):
            base = Base(first.seen.digest, receipt.answers[0].letter)
        if base.statement not in parts or (base.statement == first.seen.digest and first.seen.seq != first.seq - 1):
            return None
        state = read_statement(parts[base.statement])
        h.plot.append(parts[base.statement])
    for letter, said in zip(letters, results, strict=True):
        if letter.seq == state.seq + 1:
            raw = parts.get(letter.terms)
            terms = Terms.read(trusted(raw).body) if raw else None
            state = carried_out(state, read_orders(letter, party.signer.key), said, terms, letter)
    answers = tuple(Answer(each.letter, said) for each, said in zip(receipt.answers, results, strict=True))
    return replace(receipt, statement=state.encode(), base=base, answers=answers)


def _parts(h: History) -> dict[Digest, bytes]:
    """What may stand beside a receipt, by name; the statements in receipts too."""
    parts: dict[Digest, bytes] = {digest_of(each.statement): each.statement for each, _ in _receipts(h)}
    for raw in h.files.kept:
        with suppress(BadBytes):
            if is_statement(raw):
                parts[digest_of(raw)] = raw
            elif is_instrument(raw):
                parts[digest_of_instrument(raw)] = raw
            else:
                parts[identity_of(read(raw))] = raw
    return parts


def false_notices(h: FalseBank) -> Iterator[bytes]:
    """Notices with other numbers, times, kinds, parties or contents; true ones once more under another number."""
    dice = h.dice
    notices = [raw for raw in h.files.kept if _is_notice(raw)]
    notice = Notice.read(trusted(dice.choice(notices)).body)
    other = Notice.read(trusted(dice.choice(notices)).body)
    changes: list[dict[str, Any]] = [
        {"notice": notice.notice + dice.choice([1, 2, 5, 20])},
        {"time": notice.time + dice.choice([-DAY, DAY, 40 * DAY])},
        {"kind": other.kind},
        {"enclosed": other.enclosed, "key": other.key, "other": other.other},
        {"amount": notice.amount + 1},
        {"party": other.party},
        {"until": notice.until + dice.choice([-DAY, DAY])},
        {"seq": other.seq, "digest": other.digest},
        {"earlier": other.notice},
    ]
    change: dict[str, Any] = {}
    for each in dice.sample(changes, dice.choice([1, 1, 2])):
        change |= each
    yield replace(notice, **change).sign(h.bank.signer)


def false_refusal(h: FalseBank) -> Iterator[bytes]:
    """A presentation that was answered, answered anew: not covered or not open, about any statement of the drawer's."""
    dice, everybody = h.dice, {each.me: each for each in h.everybody()}
    receipt, at, place, order = dice.choice(list(_presentations(h)))
    drawer = everybody[read(order.signed).signer]
    shown = _newest_said(h, drawer)
    pile = list(_piled(h, drawer, shown)) if dice.random() < 0.4 else []
    highest = shown.highest + len(pile) + dice.choice([0, 0, 1, 2])
    about = About(drawer.me, read_statement(shown.statement).seq, digest_of(shown.statement), highest)
    code, part = dice.choice([Refusal.NUMBER, Refusal.FUNDS, Refusal.FUNDS]), None
    if code is Refusal.FUNDS:
        bounced = h.bounced(order, about)
        part = trusted(bounced).identity
        pile.append(bounced)
    results = [each.results for each in receipt.answers]
    results[at] = (*results[at][:place], Result(code, part, about), *results[at][place + 1 :])
    false = _answered_anew(h, receipt, results)
    if false is not None:
        cheque = order.cheque
        time = dice.choice(
            [receipt.time, receipt.time, max(cheque.start, min(receipt.time, cheque.until)), cheque.until]
        )
        yield from (replace(false, time=time).sign(h.bank.signer), false.statement, *pile)


def _presentations(h: FalseBank) -> Iterator[tuple[Receipt, int, int, DepositCheque]]:
    """Every deposit in a letter that a receipt answers: the receipt, which letter, and which of its orders."""
    parts, keys = _parts(h), {each.me: each.signer.key for each in h.everybody()}
    for receipt, _ in _receipts(h):
        for at, answer in enumerate(receipt.answers):
            if answer.letter not in parts or receipt.party not in keys:
                continue
            letter = Letter.read(trusted(parts[answer.letter]).body)
            for place, each in enumerate(read_orders(letter, keys[receipt.party])):
                if isinstance(each.order, DepositCheque) and len(answer.results) > place:
                    yield receipt, at, place, each.order


CREDITS: Final = ("confirmreceipt", "depositcheque", "redeemcertificate", "confirmdeniedspend", "confirmexpiredspend")


def _newest_said(h: FalseBank, drawer: Party) -> Receipt:
    """A receipt of the drawer's; or one made for the purpose, in which what came in was refused."""
    dice = h.dice
    parts, results = _parts(h), []
    receipts = [each for each, _ in _receipts(h) if each.party == drawer.me]
    receipt = dice.choice(receipts)
    if dice.random() < 0.4:
        return receipt
    credited = [each for each in receipts if any(any(row) for row in _brings(each, drawer, parts))]
    receipt = dice.choice(credited or receipts)
    for answer, brings in zip(receipt.answers, _brings(receipt, drawer, parts), strict=True):
        false = Result(dice.choice([Refusal.EXPIRED, Refusal.NO_NOTICE, Refusal.CAP]))
        rows = zip(answer.results, brings, strict=True)
        results.append(tuple(false if bring or dice.random() < 0.1 else said for said, bring in rows))
    made = _answered_anew(h, receipt, results)
    if made is None:
        return receipt
    h.plot += [made.sign(h.bank.signer), made.statement]
    return made


def _brings(receipt: Receipt, drawer: Party, parts: dict[Digest, bytes]) -> list[list[bool]]:
    """Of each order of each letter answered, whether it would bring something."""
    letters = [Letter.read(trusted(parts[each.letter]).body) for each in receipt.answers if each.letter in parts]
    rows = [[each.order for each in read_orders(letter, drawer.signer.key)] for letter in letters]
    return [[isinstance(order, Order) and order.TYPE in CREDITS for order in orders] for orders in rows]


def _piled(h: FalseBank, drawer: Party, shown: Receipt) -> Iterator[bytes]:
    """Debits of the drawer's signed once more, under the numbers that follow."""
    notices = [Notice.read(trusted(raw).body) for raw in h.files.kept if _is_notice(raw)]
    debits = [each for each in notices if each.kind == n.CLEARED and each.party == drawer.me]
    for at in range(h.dice.randint(1, 12) if debits else 0):
        yield replace(h.dice.choice(debits), notice=shown.highest + 1 + at).sign(h.bank.signer)


def _is_notice(raw: bytes) -> bool:
    said = claim(raw)
    return said is not None and said.type == Notice.TYPE and _reads(raw)
