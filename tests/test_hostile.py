"""Letters, envelopes and bank mail by somebody who means harm: nothing crashes, and the books stay right.

The bank answers whatever a party signs; the wallet meets whatever a bank signs with an error of ledgerpost or with an
account that still works. What neither side signed never gets past ``prepare`` or ``sort_mail``.
"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledgerpost import cbor, envelope
from ledgerpost.bank.prepare import Prepared, prepare
from ledgerpost.bank.records import NoticeRecord, read_record
from ledgerpost.errors import BadBytes, LedgerpostError, Refusal
from ledgerpost.papers import notice as n
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.cheque import Cheque
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.contract import Contract
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.depositcheque import DepositCheque
from ledgerpost.papers.instrument import Instrument, check_chain, endorse
from ledgerpost.papers.kinds import Waiting
from ledgerpost.papers.letter import AHEAD, MAX_ORDERS
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import KINDS
from ledgerpost.papers.receipt import Base
from ledgerpost.papers.redeemcertificate import RedeemCertificate
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import is_message, read, trusted
from ledgerpost.statement import KIND, Span, digest_of, is_statement
from ledgerpost.store.memory import MemoryStore
from ledgerpost.terms import MAX_INT, Digest, Fingerprint, PublicKey
from ledgerpost.wallet.account import Account
from ledgerpost.wallet.mail import sort_mail
from ledgerpost.wallet.reading import take_in
from ledgerpost.wallet.records import from_records, to_records
from ledgerpost.wallet.writing import dead_notices, has_something_to_say, may_write, write_letter
from town import Bank, Party, receipt_in

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


class Template:
    """A town with notices of every kind waiting, made once; each example plays in its own copy."""

    bank: Bank
    people: list[Party]
    carol: Party
    assets: tuple[Digest, Digest]
    records: dict[bytes, bytes]
    accounts: dict[str, Account]
    presentable: "list[DepositCheque | RedeemCertificate]"

    def __init__(self) -> None:
        bank = Bank()
        people = [Party(name, bank) for name in ("treasurer", "alice", "bob")]
        treasurer, alice, bob = people
        treasurer.open()
        grain, token = (treasurer.issue(name, limit=MAX_INT) for name in ("grain", "token"))
        treasurer.trip()
        for other in (alice, bob):
            other.open()
            other.trip()
            for asset in (grain, token):
                treasurer.pay(other, asset, 1000)
        treasurer.trip()
        for other in (alice, bob):
            other.wish("getq")
            other.trip()
            other.accept_all()
            other.trip()
        fees = (("cancelspend", 1), ("depositcheque", 1), ("getsequence", 3), ("issueasset", 2), ("spendto", 1))
        bank.set_terms(token=token, fees=fees, second="lien")
        for payer, payee in ((alice, bob), (bob, alice)):
            payer.wish("getq")
            payer.trip()
            for amount, days in ((1, 1), (2, 30), (3, 30), (4, 30), (5, 30)):
                payer.pay(payee, grain, amount, days=days)
            payer.wish("spendto", party=Party("carol", bank).me, asset=token, amount=9, until=bank.now + 30 * DAY)
            payer.trip()
        for payee in (bob, alice):  # by hand from here on, so that nobody takes in what comes
            payee.hand_in()
            notes = [each for each in payee.account.waiting if each.kind == "receipt"]
            seq = payee.account.statement.seq + 1
            rows = [(BANK_ID, seq, each.other, each.number, each.asset, each.amount, each.notice) for each in notes]
            payee.hand_in(ConfirmReceipt(*rows[1]), DenyReceipt(*rows[2], "no"))  # type: ignore[arg-type]
        for payer, payee in ((alice, bob), (bob, alice)):
            number, _, asset, amount, _ = payer.account.statement.outstanding[3]
            payer.hand_in(CancelSpend(BANK_ID, payer.account.statement.seq + 1, payee.me, number, asset, amount))
        self.bank, self.people, self.assets = bank, people, (grain, token)
        self.present_instruments(treasurer, alice, bob, grain)
        bank.now += 2 * DAY
        for payer in (alice, bob, treasurer):
            payer.hand_in()
        self.carol = Party("carol", bank)
        self.records = bank.records
        self.accounts = {each.name: each.account for each in (*people, self.carol)}
        assert bank.audit().good

    def present_instruments(self, treasurer: Party, alice: Party, bob: Party, grain: Digest) -> None:
        """Cheques of Alice's cleared, bounced and not yet presented; certificates redeemed once, twice, and not yet."""
        bank, until = self.bank.signer.key, self.bank.now + 30 * DAY

        def spell(number: int, payee: Party | None, amount: int) -> Instrument:
            whom = None if payee is None else payee.me
            raw = Cheque(BANK_ID, number, whom, grain, amount, self.bank.now, until, "").sign(alice.signer)
            return endorse(check_chain(Instrument(raw), alice.signer.key, BANK_ID), bob.signer, bank)

        def deposit(number: int, payee: Party | None, amount: int) -> DepositCheque:
            body, first, chain = (given := spell(number, payee, amount)).body, given.first, given.endorsements
            return DepositCheque(body, alice.signer.key, first or bank, chain, number, grain, amount)

        def passed(body: bytes, *hands: tuple[Party, PublicKey]) -> RedeemCertificate:
            given = Instrument(body)
            for by, to in hands:
                given = endorse(check_chain(given, bank, BANK_ID), by.signer, to)
            paper = Certificate.read(trusted(body).body)
            return RedeemCertificate(body, given.endorsements, paper.number, paper.asset, paper.amount)

        numbers = [block.first for block in alice.account.statement.numbers]
        top = numbers[-1] + 4
        cheques = [
            deposit(top, bob, 10),
            deposit(top + 1, bob, 10**6),
            deposit(top + 2, bob, 10),
            deposit(top + 3, None, 9),
        ]
        seq = alice.account.statement.seq + 1
        bought = [SpendTo(BANK_ID, seq, None, top - 1 - at, grain, 10 + at, until, "") for at in range(3)]
        bought.append(SpendTo(BANK_ID, seq, None, top - 4, grain, alice.has(grain) - 100, until, ""))
        assert alice.hand_in(*bought) == [Refusal.DONE] * 4
        parts = [raw for raw in alice.account.parts.values() if is_message(raw)]
        bodies = [raw for raw in parts if read(raw).type == "certificate"]
        bodies.sort(key=lambda raw: Certificate.read(trusted(raw).body).amount)
        to_bob, to_him = (alice, bob.signer.key), (alice, treasurer.signer.key)
        first = [passed(body, to_him, (treasurer, bank)) for body in bodies[1:]]
        second = [passed(body, to_bob, (bob, bank)) for body in bodies]
        assert treasurer.hand_in(first[0], first[2]) == [Refusal.DONE] * 2
        done, used, funds = Refusal.DONE, Refusal.USED, Refusal.FUNDS
        assert bob.hand_in(cheques[0], cheques[1], second[0], second[1], second[3]) == [done, funds, done, done, used]
        self.presentable = [*cheques, *first, *second]

    def copy(self) -> tuple[Bank, dict[str, Party]]:
        store = MemoryStore()
        with store.hold([]) as held:
            held.commit(self.records)
        bank = Bank(store=store, now=self.bank.now)
        people = {}
        for name, account in self.accounts.items():
            people[name] = Party(name, bank)
            people[name].account = account
        return bank, people


BANK_ID = Bank().signer.fingerprint
TEMPLATE = Template()
GRAIN, TOKEN = TEMPLATE.assets
NAMES = tuple(TEMPLATE.accounts)
WHO = [each.me for each in (*TEMPLATE.people, TEMPLATE.carol)]


def test_the_template_has_notices_of_every_kind() -> None:
    kinds = {each.kind for party in TEMPLATE.people for each in TEMPLATE.bank.page(party.me).pending}
    assert kinds == set(n.KINDS) - {n.CREDITED}


# --- hostile letters ------------------------------------------------------------------------------------------------

small = st.integers(1, 24)
edges = st.sampled_from([1, 2, MAX_INT, MAX_INT - 1, 2**32, 1000, 1001])
numbers = st.one_of(small, small, edges)
moments = st.one_of(
    st.integers(TEMPLATE.bank.now - DAY, TEMPLATE.bank.now + 40 * DAY), st.sampled_from([0, MAX_INT, TEMPLATE.bank.now])
)
parties = st.sampled_from([*WHO, BANK_ID, Fingerprint(b"?" * 20)])
assets = st.sampled_from([GRAIN, GRAIN, TOKEN, Digest(bytes(32))])
spans = st.lists(st.tuples(numbers, numbers), max_size=3).map(lambda rows: tuple(Span(*row) for row in rows))
waiting = st.lists(st.tuples(parties, small, assets, st.sampled_from([9, 1])), max_size=3)
KEYS = [each.signer.key for each in (*TEMPLATE.people, TEMPLATE.carol)] + [TEMPLATE.bank.signer.key]
endorsed = st.sampled_from([raw for each in TEMPLATE.presentable for raw in each.endorsements])
whole = st.sampled_from([each.endorsements for each in TEMPLATE.presentable])
chains = st.one_of(whole, st.lists(st.one_of(endorsed, st.binary(min_size=96, max_size=96)), max_size=4).map(tuple))
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "bank": st.just(BANK_ID),
    "payee": st.one_of(parties, parties, st.none()),
    "spender": parties,
    "number": numbers,
    "asset": assets,
    "amount": numbers,
    "notice": numbers,
    "earlier": numbers,
    "until": moments,
    "comment": st.text(max_size=20),
    "name": st.text(max_size=10),
    "count": numbers,
    "spans": spans,
    "signed": st.sampled_from([each.signed for each in TEMPLATE.presentable]),
    "drawer": st.sampled_from(KEYS),
    "first": st.sampled_from(KEYS),
    "endorsements": chains,
    "waiting": waiting.map(lambda rows: tuple(Waiting(*row) for row in rows)),
}
junk = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**64), 2**64), st.binary(max_size=40), st.text(max_size=9), st.floats()
)


@st.composite
def contracts(draw: st.DrawFn) -> bytes:
    from town import contract_text

    by = draw(st.sampled_from([*TEMPLATE.people, TEMPLATE.carol]))
    text = contract_text(draw(st.sampled_from(["hay", "oats"])), limit=draw(edges))
    return (
        Contract(BANK_ID, by.signer.key, text).sign(by.signer) if draw(st.booleans()) else draw(st.binary(min_size=1))
    )


@st.composite
def typed(draw: st.DrawFn, party: Party, seq: int) -> Order:
    """A well-formed order of any kind about anything."""
    kind = draw(st.sampled_from(list(KINDS.values())))
    own: dict[str, st.SearchStrategy[Any]] = {
        "seq": st.just(seq),
        "key": st.sampled_from([party.signer.key, TEMPLATE.bank.signer.key]),
        "contract": contracts(),
    }
    return kind(*(draw((own | BY_NAME)[name]) for name in kind.names()))


@st.composite
def about_a_notice(draw: st.DrawFn, party: Party, seq: int) -> Order:
    """An order about something that does wait or is outstanding, perhaps with one field changed."""
    pages = [each for each in TEMPLATE.people if TEMPLATE.bank.page(each.me).pending]
    whose = draw(st.sampled_from([party, party, *pages]))
    pending = TEMPLATE.bank.page(whose.me).pending if whose in TEMPLATE.people else ()
    spends = TEMPLATE.bank.statement(whose.me).outstanding if whose in TEMPLATE.people else ()
    close = draw(st.booleans())
    if draw(st.integers(0, 2)) == 0:
        order: Order = draw(st.sampled_from(TEMPLATE.presentable))
    elif spends and close:
        spend = draw(st.sampled_from(spends))
        order = CancelSpend(BANK_ID, seq, spend.payee or BANK_ID, spend.number, spend.asset, spend.amount)
    elif pending:
        note = draw(st.sampled_from(pending))
        kinds = [kind for kind in KINDS.values() if "notice" in kind.names()]
        kinds.append(ConfirmReceipt)
        kind = draw(st.sampled_from(kinds))
        values: dict[str, Any] = {
            **{"bank": BANK_ID, "seq": seq, "spender": note.other or BANK_ID, "comment": "", "notice": note.notice},
            **{"number": note.number, "asset": note.asset, "amount": note.amount, "earlier": note.earlier or 1},
        }
        order = kind(*(values[name] for name in kind.names()))
    else:
        order = SpendTo(BANK_ID, seq, WHO[0], 1, GRAIN, 1, TEMPLATE.bank.now, "")
    if draw(st.integers(0, 4)) == 0:
        names = [name for name in order.names() if name in BY_NAME]
        name = draw(st.sampled_from(names))
        order = replace(order, **{name: draw(BY_NAME[name])})
    return order


@st.composite
def raw_orders(draw: st.DrawFn, party: Party, seq: int) -> bytes:
    """Bytes that no order of ours has, signed or not."""
    kind = draw(st.sampled_from([*KINDS, "letter", "receipt", "notice", "frobnicate", ""]))
    body = tuple(draw(st.lists(junk, max_size=8)))
    match draw(st.integers(0, 4)):
        case 0:
            return draw(st.binary(min_size=1, max_size=64))
        case 1:
            return cbor.encode((kind, *body))
        case 2:
            return party.signer.sign(kind, (BANK_ID, seq, *body))
        case 3:
            return cbor.encode(draw(junk))
        case _:
            raw = bytearray(draw(typed(party, seq)).sign(party.signer))
            raw[draw(st.integers(0, len(raw) - 1))] ^= draw(st.integers(1, 255))
            return bytes(raw)


@st.composite
def letters(draw: st.DrawFn, party: Party) -> bytes:
    seq = party.account.statement.seq + 1
    orders = draw(
        st.lists(st.one_of(about_a_notice(party, seq), typed(party, seq), raw_orders(party, seq)), max_size=12)
    )
    orders = draw(st.sampled_from([orders, orders, (orders * MAX_ORDERS)[:MAX_ORDERS]]))
    changed: dict[str, st.SearchStrategy[Any]] = {
        "seq": st.one_of(st.integers(1, seq + 3), edges),
        "prev": st.one_of(st.none(), st.binary(min_size=32, max_size=32)),
        "seen": st.tuples(st.integers(0, seq + 3), st.binary(min_size=32, max_size=32)),
        "terms": st.binary(min_size=32, max_size=32),
        "not_after": moments,
        "expect": st.binary(min_size=32, max_size=32),
    }
    names = draw(st.lists(st.sampled_from(sorted(changed)), max_size=1)) if draw(st.integers(0, 3)) == 0 else []
    return party.by_hand(*orders, **{name: draw(changed[name]) for name in names})


@settings(max_examples=130, suppress_health_check=QUIET)
@given(st.data())
def test_whatever_a_party_signs_is_answered_and_the_books_stay_right(data: st.DataObject) -> None:
    bank, people = TEMPLATE.copy()
    for _ in range(data.draw(st.integers(1, 4))):
        party = people[data.draw(st.sampled_from(NAMES))]
        raw = data.draw(letters(party))
        before = party.account
        party.account = replace(before, letters=(raw,))
        if len(raw) > 65_000:
            continue
        reply = bank.answer_to(party.seal((raw,)))
        audit = bank.audit()
        assert audit.good, audit.findings
        assert all(sheet.difference == 0 and sheet.issued >= 0 for sheet in audit.sheets.values())
        assert reply.answered == (1 if reply.results else reply.answered)
        if reply.answered:
            party.take_mail(reply.messages)  # the honest bank's answer retraces, whatever was asked
            assert party.account.statement == bank.statement(party.me)
            assert party.account.letters == ()
        else:
            party.account = before
        assert len(receipt_in(reply.messages[0]).answers if reply.messages else ()) <= AHEAD


@settings(max_examples=40, suppress_health_check=QUIET)
@given(st.data())
def test_orders_repeated_to_the_limit_are_done_as_often_as_they_can_be(data: st.DataObject) -> None:
    """128 times the same order: nothing that moves value is done twice."""
    bank, people = TEMPLATE.copy()
    party = people[data.draw(st.sampled_from(NAMES[:3]))]
    order = data.draw(about_a_notice(party, party.account.statement.seq + 1))
    codes = party.hand_in(*[order] * MAX_ORDERS)
    assert sum(not code for code in codes) <= 1
    assert bank.audit().good


# --- hostile envelopes ------------------------------------------------------------------------------------------------


def an_envelope() -> bytes:
    party = TEMPLATE.people[1]
    return party.seal((party.by_hand(SpendTo(BANK_ID, 9, WHO[0], 1, GRAIN, 1, 2, "")), party.by_hand()))


ENVELOPE = an_envelope()
INNER = cbor.encode((TEMPLATE.people[1].signer.key, BANK_ID, (TEMPLATE.people[1].by_hand(),)))


def prepared(raw: bytes) -> Prepared | BadBytes:
    return prepare(raw, TEMPLATE.bank.signer.seed, BANK_ID)


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda raw: ENVELOPE[:16] + raw)))
@example(b"")
@example(b"\xd9")
@example(cbor.SELF_DESCRIBED)
@example(ENVELOPE[:20])
def test_arbitrary_bytes_are_never_an_envelope_and_never_an_exception(raw: bytes) -> None:
    assert isinstance(prepared(raw), BadBytes)


@settings(max_examples=200)
@given(st.data())
def test_a_changed_envelope_is_never_an_exception(data: st.DataObject) -> None:
    raw = bytearray(ENVELOPE)
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    cut = bytes(raw[: data.draw(st.integers(0, len(raw)))]) if data.draw(st.booleans()) else bytes(raw)
    result = prepared(cut)
    if isinstance(result, Prepared):  # only the day on the outside may change unnoticed: it binds nobody
        assert envelope.look(cut).body == envelope.look(ENVELOPE).body


@settings(max_examples=200)
@given(st.data())
def test_changed_contents_are_never_an_exception(data: st.DataObject) -> None:
    """Whoever knows the bank's key can seal anything to it."""
    inner = bytearray(INNER)
    inner[data.draw(st.integers(0, len(inner) - 1))] ^= data.draw(st.integers(1, 255))
    sealed = envelope._seal(bytes(inner), TEMPLATE.bank.signer.key, bytes(32))
    raw = cbor.SELF_DESCRIBED + cbor.encode((envelope.MAGIC, "sealed", BANK_ID, 0, sealed))
    assert isinstance(prepared(raw), BadBytes)


# --- hostile mail -------------------------------------------------------------------------------------------------


def mail_for_alice() -> tuple[Account, tuple[bytes, ...]]:
    """Alice's account with three letters under way, and the bank's whole answer."""
    _, people = TEMPLATE.copy()
    alice = people["alice"]
    for amount in (10**6, 7, 8):
        alice.pay(people["bob"], GRAIN, amount)
        alice.wish("getsequence", amount=2, until=alice.bank.now + DAY)
        alice.write()
    alice.bank.set_terms()
    return alice.account, alice.bank.answer_to(alice.seal(alice.account.letters)).messages


ALICE, MAIL = mail_for_alice()


def still_works(account: Account) -> None:
    """Whatever was adopted, the wallet can go on: read itself back from its store, look, and write."""
    assert from_records(account.bank.bank, to_records(account)) == account
    account.usable(GRAIN)
    has_something_to_say(account)
    if may_write(account):
        write_letter(account, TEMPLATE.people[1].signer, TEMPLATE.bank.now, bytes(16))


def receive(messages: tuple[bytes, ...]) -> bool:
    try:
        account, _ = take_in(ALICE, sort_mail(ALICE, messages))
    except LedgerpostError:
        return False
    still_works(account)
    return True


def test_the_mail_as_it_is_is_adopted() -> None:
    assert receive(MAIL)
    assert {"receipt", "notice", "sequence", "terms"} <= {read(raw).type for raw in MAIL if raw[:1] == b"\xd2"}
    assert any(map(is_statement, MAIL))


@settings(max_examples=200)
@given(st.data())
def test_changed_mail_is_an_error_of_ours_or_nothing_new(data: st.DataObject) -> None:
    messages = [bytearray(raw) for raw in MAIL]
    which = data.draw(st.sampled_from(messages))
    which[data.draw(st.integers(0, len(which) - 1))] ^= data.draw(st.integers(1, 255))
    assert not receive(tuple(map(bytes, messages)))


@given(st.lists(st.one_of(st.binary(max_size=99), st.sampled_from(MAIL)), max_size=6))
def test_arbitrary_mail_is_an_error_of_ours(messages: list[bytes]) -> None:
    receive(tuple(messages))


values = st.one_of(
    st.sampled_from(
        [None, 0, 1, 2, -1, 5, 40, MAX_INT, True, b"", b"x" * 20, b"x" * 32, (), "", "receipt", "withdrawn"]
    ),
    st.sampled_from([ALICE.me, BANK_ID, GRAIN, *(digest_of(raw) for raw in MAIL), WHO[2], "expiredspend", False]),
)


def changed(draw: st.DrawFn, value: Any) -> Any:
    """The value with one thing in it changed, anywhere; a statement's bytes count as what is in them."""
    if type(value) is tuple and value and draw(st.integers(0, 9)):
        at = draw(st.integers(0, len(value) - 1))
        match draw(st.integers(0, 9)):
            case 0:
                return value[:at] + value[at + 1 :]
            case 1:
                return (*value[:at], value[at], *value[at:])
            case 2:
                other = draw(st.integers(0, len(value) - 1))
                return (*value[:at], value[other], *value[at + 1 :])
            case _:
                return (*value[:at], changed(draw, value[at]), *value[at + 1 :])
    if type(value) is bytes and value[2:15] == KIND.encode() and draw(st.integers(0, 9)):
        return cbor.encode(changed(draw, cbor.decode(value)))
    if type(value) is int and draw(st.booleans()):
        return value + draw(st.sampled_from([-1, 1, -2, 2]))
    return draw(values)


@st.composite
def resigned(draw: st.DrawFn, raw: bytes) -> bytes:
    """A message of the bank's with its contents changed, and signed by the bank all the same."""
    sealed = trusted(raw)
    body = sealed.body
    for _ in range(draw(st.integers(1, 2))):
        body = changed(draw, body)
        body = body if type(body) is tuple else (body,)
    if sealed.type == "receipt" and len(body) == 9 and type(body[3]) is bytes and draw(st.booleans()):
        base = Base(digest_of(body[3]), sealed.body[4][1])
        body = (*body[:4], tuple(base), *body[5:])
    return TEMPLATE.bank.signer.sign(sealed.type, body)


@settings(max_examples=500, suppress_health_check=QUIET)
@given(st.data())
def test_whatever_a_bank_signs_is_an_error_of_ours_or_leaves_a_wallet_that_works(data: st.DataObject) -> None:
    signed = [raw for raw in MAIL if raw[:1] == b"\xd2" and read(raw).type != "letter"]
    which = data.draw(st.sampled_from([signed[0], *signed]))
    lie = data.draw(resigned(which))
    messages = [lie if raw == which else raw for raw in MAIL]
    extra = [trusted(lie).body[3]] if read(lie).type == "receipt" and len(trusted(lie).body) > 3 else []
    messages += [raw for raw in extra if type(raw) is bytes and raw[2:15] == KIND.encode()]
    receive(tuple(messages))


@pytest.mark.parametrize("type_", ["letter", "bankcard", "frobnicate", "spendto"])
def test_mail_of_a_type_that_no_bank_sends(type_: str) -> None:
    assert not receive((TEMPLATE.bank.signer.sign(type_, (BANK_ID,)),))


def test_mail_for_another() -> None:
    others = TEMPLATE.bank.page(WHO[2])
    assert not receive((others.receipt,))
    start = b"notice/" + WHO[2]
    key, record = next((key, raw) for key, raw in TEMPLATE.records.items() if key.startswith(start))
    notice = read_record(NoticeRecord, record, key).raw
    account, news = take_in(ALICE, sort_mail(ALICE, (notice,)))
    assert (account, news.notices, news.adopted) == (ALICE, (), False), "at most it is evidence beside a receipt"


def test_a_bank_that_counts_notices_without_end_does_not_stop_the_wallet() -> None:
    """Found here: the wallet looked at every notice number up to the highest, one by one."""
    receipt = receipt_in(MAIL[0])
    lie = replace(receipt, highest=MAX_INT).sign(TEMPLATE.bank.signer)
    account, news = take_in(ALICE, sort_mail(ALICE, (lie, *MAIL[1:])))
    assert news.adopted
    assert dead_notices(account, account.coming)[-1].last == MAX_INT
    still_works(account)
