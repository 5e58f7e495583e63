"""Papers in words: every order, notice and file has a sentence, and nothing unverified is called good."""

import pytest

from ledgerpost.cli import words as w
from ledgerpost.cli.explain import explain
from ledgerpost.cli.known import Known
from ledgerpost.cli.words import Book
from ledgerpost.errors import Refusal
from ledgerpost.papers.cancelspend import CancelSpend
from ledgerpost.papers.confirmreceipt import ConfirmReceipt
from ledgerpost.papers.createaccount import CreateAccount
from ledgerpost.papers.denyreceipt import DenyReceipt
from ledgerpost.papers.dropnotices import DropNotices
from ledgerpost.papers.getsequence import GetSequence
from ledgerpost.papers.issueasset import IssueAsset
from ledgerpost.papers.kinds import Waiting
from ledgerpost.papers.notice import KINDS as NOTICES
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.order import Order
from ledgerpost.papers.orders import KINDS
from ledgerpost.papers.questions import GetConfirmedBalance, GetConfirmedOutstandingSpends, GetQ
from ledgerpost.papers.sequence import Sequence
from ledgerpost.papers.spendto import SpendTo
from ledgerpost.papers.stopcheque import StopCheque
from ledgerpost.papers.takein import ConfirmClosedSpend, ConfirmDeniedSpend, ConfirmExpiredSpend, ConfirmWithdrawn
from ledgerpost.papers.terms import Terms
from ledgerpost.sealed import Signer
from ledgerpost.statement import Span, Statement
from ledgerpost.terms import Digest
from ledgerpost.wallet.account import Wish
from town import START, Bank, Party, seed_of

A, B = Signer.from_seed(seed_of("a")), Signer.from_seed(seed_of("b"))
ME, BANK = A.fingerprint, B.fingerprint
ASSET = Digest(bytes(32))
BOOK = Book(names={ME: "Amina"})

ORDERS: dict[Order, str] = {
    CreateAccount(BANK, 1, A.key, "Amina", (Waiting(ME, 1, ASSET, 5),)): "open the account of Amina, taking in 5 units",
    GetSequence(20, START): "20 numbers, good until 2027-01-15",
    SpendTo(BANK, 1, ME, 7, ASSET, 5, START, "hi"): 'until 2027-01-15 "hi"',
    CancelSpend(BANK, 1, ME, 7, ASSET, 5): "take back spend 7",
    ConfirmReceipt(BANK, 1, ME, 7, ASSET, 5, 3): "from Amina (lp1",
    DenyReceipt(BANK, 1, ME, 7, ASSET, 5, 3, "no"): 'notice 3 "no"',
    ConfirmClosedSpend(3, 7, ASSET, 5): "notice 3: accepted, spend 7",
    ConfirmDeniedSpend(3, 7, ASSET, 5): "sent back, spend 7",
    ConfirmExpiredSpend(3, 7, ASSET, 5): "expired, spend 7",
    ConfirmWithdrawn(3, 7, ASSET, 5, 2): "withdrawn by its spender, spend 7",
    DropNotices((Span(1, 1), Span(3, 5))): "let go of notice 1, 3–5",
    StopCheque(BANK, 1, (Span(7, 9),)): "close number 7–9",
    IssueAsset(b"junk"): "issue an asset whose contract does not read",
    GetQ(): "ask what waits",
    GetConfirmedBalance(ASSET): "ask for the last agreed balance",
    GetConfirmedOutstandingSpends(): "ask what was outstanding",
}


def test_every_order_has_words() -> None:
    assert {order.TYPE for order in ORDERS} <= set(KINDS)
    missing = [kind for kind in KINDS if kind not in {order.TYPE for order in ORDERS}]
    assert all(w.order_text(BOOK, order) for order in ORDERS), missing


@pytest.mark.parametrize(("order", "part"), ORDERS.items(), ids=lambda each: getattr(each, "TYPE", ""))
def test_orders_in_words(order: Order, part: str) -> None:
    assert part in w.order_text(BOOK, order)
    assert w.order_text(BOOK, Refusal.MALFORMED) == "an order that does not read"


@pytest.mark.parametrize("kind", NOTICES)
def test_notices_in_words(kind: str) -> None:
    notice = Notice(BANK, ME, 3, START, kind, 1, ASSET, ME, A.key, 7, ASSET, 5, START, 0, b"junk")
    text = w.notice_text(BOOK, notice)
    assert "5 units of an asset without contract here" in text
    assert "{" not in text


@pytest.mark.parametrize("order", ["createaccount", "cancelspend", "stopcheque", "getsequence", "getq"])
def test_wishes_in_words(order: str) -> None:
    text = w.wish_text(BOOK, Wish(1, order, number=7, amount=3, until=START), ())
    assert text != order
    assert w.wish_text(BOOK, Wish(1, "denyreceipt", number=7, text="no"), ()) == 'deny notice 7 "no"'


def test_explaining_what_is_signed() -> None:
    known = Known({ME: A.key, BANK: B.key})
    for raw, part in (
        (Terms(BANK, 1, START).sign(B), "no fees"),
        (Sequence(BANK, A.key, 1, 20, START, START).sign(B), "numbers 1–20"),
        (SpendTo(BANK, 1, ME, 7, ASSET, 5, START, "").sign(A), "number 7"),
    ):
        found = explain(raw, known)
        assert found.good is True
        assert any(part in line for line in found.lines)
        assert explain(raw, Known()).good is None
        altered = raw[:-1] + bytes([raw[-1] ^ 1])
        assert explain(altered, known).good is False
        assert explain(raw[:-1], known).good is False


def test_explaining_what_no_version_knows() -> None:
    found = explain(A.sign("poem", ("roses",)), Known({ME: A.key}))
    assert found.good is False
    assert "poem" in found.why
    assert explain(b"junk", Known()).kind == "unreadable"
    wrong = Signer.from_seed(seed_of("a")).sign("terms", (BANK,))
    assert explain(wrong, Known({ME: A.key})).good is False


def test_a_statement_is_good_by_its_receipt() -> None:
    bank = Bank()
    party = Party("amina", bank)
    party.open()
    party.trip()
    receipt = party.account.receipt
    assert receipt is not None
    known = Known({party.me: party.signer.key, bank.signer.fingerprint: bank.signer.key})
    raw = party.account.statement.encode()
    assert explain(raw, known).good is None
    messages = [receipt, *party.account.letters, *party.account.parts.values(), bank.card]
    known = known.learn(messages)
    assert explain(raw, known).good is True
    text = "\n".join(explain(receipt, known).lines)
    assert "agreed by both" in text
    assert "open the account of amina: done" in text
    assert "the statement follows" in text
    other = Statement(bank.signer.fingerprint, party.me, seq=9).encode()
    assert explain(other, known).good is None
    without = Known({bank.signer.fingerprint: bank.signer.key})
    assert any("cannot be checked" in line for line in explain(receipt, without).lines)


def test_a_false_notice_is_not_good() -> None:
    notice = Notice(BANK, ME, 3, START, "receipt", 1, ASSET, ME, A.key, 7, ASSET, 5, START, 0, b"junk").sign(B)
    found = explain(notice, Known({BANK: B.key}))
    assert found.good is False
    assert "proves nothing" in found.why
