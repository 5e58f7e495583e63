"""Faults between fields: what must hold in a statement, letter, receipt, contract and others beyond single fields.

Signed anew by whoever signs such papers, so that only that is broken.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ledgerpost import cbor
from ledgerpost.sealed import read
from ledgerpost.statement import Balance, Block, Span, Spend, Statement
from ledgerpost.terms import MAX_INT
from samplemaker.bad import sign1
from samplemaker.cast import START, signer_of
from samplemaker.malformed.bodies import HIGH, LOW, asked, good_body, good_statement, protected

Row = tuple[str, bytes, str, str, str]


def between_fields(files: dict[str, bytes]) -> Iterator[tuple[str, Row]]:
    """More for the groups of single messages: which group, and the row."""
    yield from (("statement", row) for row in _statements())
    yield from (("cheque", row) for row in _one("cheque", files, _CHEQUE))
    yield from (("terms", row) for row in _one("terms", files, _TERMS))
    yield from (("letter", row) for row in _one("letter", files, _LETTER))
    yield from (("receipt", row) for row in _one("receipt", files, _receipt(files)))
    yield from (("createaccount", row) for row in _one("createaccount", files, _ACCOUNT))
    yield from (("stopcheque", row) for row in _one("stopcheque", files, _SPANS))
    yield from (("restoring", row) for row in _one("restoring", files, _RESTORING))
    yield from (("declaration", row) for row in _one("declaration", files, _DECLARATION))
    yield from (("contract", row) for row in _contracts(files))
    yield from ((kind, _keyless(kind, files)) for kind in ("card", "bankcard", "contract"))


Change = tuple[str, int, Any, str, str, str]
"""Slug, place of the field, what stands there, error, its words, fault."""

SHAPE = "wrong-shape"
ROW = "an array of {} fields belongs here"


def _keyless(kind: str, files: dict[str, bytes]) -> Row:
    (bank, *_), signer = good_body(kind, files)
    return "keyless", signer.sign(kind, (bank,)), "bad-signature", "brings no key", f"{kind}: one field, and no key"


def _one(kind: str, files: dict[str, bytes], changes: tuple[Change, ...]) -> Iterator[Row]:
    body, signer = good_body(kind, files)
    for slug, at, value, error, says, what in changes:
        new = (*body[:at], value, *body[at + 1 :])
        yield slug, sign1(signer, protected(signer, kind), cbor.encode(new)), error, says, f"{kind}: {what}"


_CHEQUE: tuple[Change, ...] = (("backwards", 6, START - 1, SHAPE, "ends before it starts", "it ends before it starts"),)
_FEE = ("spendto", 1)
_TERMS: tuple[Change, ...] = (
    ("fees-order", 4, (_FEE, ("cheque", 1)), SHAPE, "fees must be sorted", "fees not in the order of their names"),
    ("fees-twice", 4, (_FEE, _FEE), SHAPE, "fees must be sorted", "one fee twice"),
    ("fee-zero", 4, (("spendto", 0),), SHAPE, "from 1 to", "a fee of zero"),
    ("fee-nameless", 4, ((7, 1),), SHAPE, "text belongs", "a number for a fee's name"),
    ("fee-long", 4, (("x" * 33, 1),), "over-limit", "more than 32 bytes", "a fee's name of 33 bytes"),
    ("fee-of-three", 4, ((*_FEE, 1),), SHAPE, ROW.format(2), "a fee of three fields"),
    ("fees-many", 4, tuple((f"x{n:02}", 1) for n in range(33)), "over-limit", "at most 32", "33 fees"),
    ("numbers-many", 9, 16385, SHAPE, "caps", "a cap of 16,385 numbers"),
    ("outstanding-many", 10, 2049, SHAPE, "caps", "a cap of 2,049 spends out"),
    ("incoming-many", 11, 2049, SHAPE, "caps", "a cap of 2,049 spends in"),
    ("longest", 14, 17, SHAPE, "at most 16 endorsements", "17 endorsements"),
)
_LETTER: tuple[Change, ...] = (
    ("seen-of-one", 3, (0,), SHAPE, ROW.format(2), "seen has one field"),
    ("seen-of-three", 3, (0, LOW, None), SHAPE, ROW.format(2), "seen has three fields"),
    ("seen-negative", 3, (-1, LOW), SHAPE, "from 0 to", "seen names sequence -1"),
    ("seen-digest", 3, (0, LOW[:-1]), SHAPE, "digest is 32", "seen names a digest of 31 bytes"),
    ("seen-turned", 3, (LOW, 0), SHAPE, "from 0 to", "seen has its fields in the wrong order"),
    ("order-text", 8, ("getq",), SHAPE, "byte string, not empty", "an order is a text"),
    ("order-empty", 8, (b"",), SHAPE, "byte string, not empty", "an order of no bytes"),
    ("order-bare", 8, (("getq",),), SHAPE, "byte string, not empty", "an order is an array and no byte string"),
    ("order-null", 8, (None,), SHAPE, "byte string, not empty", "an order is null"),
    ("order-many", 8, 129 * (b"\x80",), "over-limit", "at most 128", "129 orders"),
)
_ACCOUNT: tuple[Change, ...] = (
    ("waiting-flat", 4, (LOW, 1, LOW, 1), SHAPE, ROW.format(4), "a waiting spend that is no row"),
    ("waiting-of-three", 4, ((bytes(20), 1, LOW),), SHAPE, ROW.format(4), "a waiting spend of three fields"),
    ("waiting-of-five", 4, ((bytes(20), 1, LOW, 1, 1),), SHAPE, ROW.format(4), "a waiting spend of five fields"),
    ("waiting-zero", 4, ((bytes(20), 0, LOW, 1),), SHAPE, "from 1 to", "a waiting spend under number 0"),
    ("waiting-nothing", 4, ((bytes(20), 1, LOW, 0),), SHAPE, "from 1 to", "a waiting spend of nothing"),
    ("waiting-spender", 4, ((bytes(32), 1, LOW, 1),), SHAPE, "fingerprint is 20", "a waiting spend by a key"),
)
_SPANS: tuple[Change, ...] = (
    ("spans-backwards", 2, ((2, 1),), SHAPE, "sorted", "a range that runs backwards"),
    ("spans-overlap", 2, ((1, 3), (3, 4)), SHAPE, "sorted", "two ranges that overlap"),
    ("spans-order", 2, ((5, 6), (1, 2)), SHAPE, "sorted", "two ranges in the wrong order"),
    ("spans-of-one", 2, ((1,),), SHAPE, ROW.format(2), "a range of one field"),
    ("spans-zero", 2, ((0, 1),), SHAPE, "from 1 to", "a range from 0"),
)
_RESTORING: tuple[Change, ...] = (
    ("backwards", 2, START + 2, SHAPE, "ends before it begins", "the restore ends before the backup"),
)
_BANK = signer_of("bank")
_DECLARATION: tuple[Change, ...] = (
    ("asked-other", 1, _BANK.sign("card", (bytes(20),)), SHAPE, "where a restoring", "a card, and no question"),
    ("asked-rubbish", 1, b"x", "unexpected-tag", "tag 18", "no message where the question belongs"),
    ("asked-elsewhere", 1, asked(signer_of("bob"), LOW[:20]), SHAPE, "another bank asked", "another bank's question"),
    ("receipt-none", 3, None, SHAPE, "names its newest", "no receipt, under sequence 3"),
    ("receipt-of-0", 2, 0, SHAPE, "names its newest", "a receipt under sequence 0"),
    ("held-order", 5, (HIGH, LOW), SHAPE, "sorted", "notices held in the wrong order"),
    ("held-twice", 5, (LOW, LOW), SHAPE, "sorted", "one notice held twice"),
    ("held-short", 5, (LOW[:-1],), SHAPE, "digest is 32", "a notice held by a digest of 31 bytes"),
    ("lacking-order", 6, (2, 1), SHAPE, "sorted", "notices that lack in the wrong order"),
    ("lacking-zero", 6, (0,), SHAPE, "from 1 to", "notice 0 lacks"),
)


def _receipt(files: dict[str, bytes]) -> tuple[Change, ...]:
    """Of the receipt for Alice's first letter, rows within rows."""
    body = read(files["receipts/alice-1.cose"]).body
    (letter, results), *_ = body[5]
    statement, agreed = body[4]
    result, about = "a result is a code and at most three fields", (bytes(20), 1, LOW, 1)
    rows: tuple[tuple[str, Any, str, str], ...] = (
        ("empty", (), result, "a result of no fields"),
        ("of-five", (1, LOW, None, LOW, LOW), result, "a result of five fields"),
        ("bare", 0, result, "a result that is a number"),
        ("true", (True,), result, "a code that is true"),
        ("text", ("FUNDS",), result, "a code that is a text"),
        ("null-last", (0, None), "ends in a null", "a result that ends in a null"),
        ("nulls-last", (1, LOW, None, None), "ends in a null", "a result that ends in two nulls"),
        ("code", (99,), "unknown refusal code 99", "a code that the spec does not list"),
        ("negative", (-1,), "unknown refusal code -1", "a code below zero"),
        ("part", (0, LOW[:-1]), "digest is 32", "a part's name of 31 bytes"),
        ("about-of-three", (1, None, about[:3]), ROW.format(4), "three fields on whom it is about"),
        ("about-bare", (1, None, LOW), ROW.format(4), "a digest for whom it is about"),
        ("about-party", (1, None, (LOW, *about[1:])), "fingerprint is 20", "a digest for a party"),
        ("about-letter", (1, None, about, bytes(20)), "digest is 32", "a fingerprint for a letter"),
    )
    spoilt = (
        (f"result-{slug}", 5, ((letter, (row, *results[1:])),), SHAPE, says, what) for slug, row, says, what in rows
    )
    waits = (1, "receipt", 1)
    return (
        *spoilt,
        ("base-of-one", 4, (statement,), SHAPE, ROW.format(2), "a base without its letter"),
        ("base-of-three", 4, (statement, agreed, None), SHAPE, ROW.format(2), "a base of three fields"),
        ("base-stateless", 4, (None, agreed), SHAPE, "digest is 32", "a base without its statement"),
        ("answers-none", 5, (), SHAPE, "at least one letter", "no letter is answered"),
        ("answers-many", 5, 9 * ((letter, ()),), "over-limit", "at most 8", "nine letters are answered"),
        ("answer-of-three", 5, ((letter, results, None),), SHAPE, ROW.format(2), "an answer of three fields"),
        ("answer-letter", 5, ((letter[:-1], results),), SHAPE, "digest is 32", "a letter's name of 31 bytes"),
        ("answer-many", 5, ((letter, 129 * ((0,),)),), "over-limit", "at most 128", "129 results"),
        ("pending-twice", 7, (waits, waits), SHAPE, "pending notices must be sorted", "one notice twice"),
        ("pending-order", 7, ((2, "receipt", 1), waits), SHAPE, "pending notices", "notices 2 and 1, in this order"),
        ("pending-of-two", 7, (waits[:2],), SHAPE, ROW.format(3), "a notice of two fields"),
        ("pending-zero", 7, ((0, *waits[1:]),), SHAPE, "from 1 to", "notice 0"),
        ("pending-kind", 7, ((1, 7, 1),), SHAPE, "text belongs", "a number for a notice's kind"),
        ("pending-long", 7, ((1, "x" * 33, 1),), "over-limit", "more than 32", "a notice's kind of 33 bytes"),
    )  # fmt: skip


def _contracts(files: dict[str, bytes]) -> Iterator[Row]:
    (bank, key, text), issuer = good_body("contract", files)
    lines = (
        ("first-line-blank", "ledgerpost contract 1", " ledgerpost contract 1", "starts with the line"),
        ("name-missing", "name: Gold\n", "", "line 2"),
        ("name-empty", "name: Gold", "name: ", "line 2"),
        ("name-blank", "name: Gold", "name:  Gold", "line 2"),
        ("name-trailing", "name: Gold", "name: Gold ", "line 2"),
        ("name-control", "name: Gold", "name: Go\x1bld", "line 2"),
        ("name-turned", "name: Gold", "name: Go\u202eld", "line 2"),
        ("unit-missing", "unit: g\n", "", "line 3"),
        ("unit-long", "unit: g", "unit: ggggggggggggg", "unit: a short word"),
        ("unit-two-words", "unit: g", "unit: g g", "unit: a short word"),
        ("unit-sign", "unit: g", "unit: $", "unit: a short word"),
        ("decimals-missing", "decimals: 3\n", "", "line 4"),
        ("decimals-ten", "decimals: 3", "decimals: 10", "decimals: a whole number up to 9"),
        ("decimals-zero", "decimals: 3", "decimals: 03", "decimals: a whole number up to 9"),
        ("decimals-sign", "decimals: 3", "decimals: -3", "decimals: a whole number up to 9"),
        ("decimals-plus", "decimals: 3", "decimals: +3", "decimals: a whole number up to 9"),
        ("decimals-arabic", "decimals: 3", "decimals: \u0663", "decimals: a whole number up to 9"),
        ("limit-missing", "limit: 5000\n", "", "line 5"),
        ("limit-more", "limit: 5000", f"limit: {MAX_INT + 1}", "limit: a whole number up to"),
        ("limit-comma", "limit: 5000", "limit: 5,000", "limit: a whole number up to"),
        ("limit-float", "limit: 5000", "limit: 5e3", "limit: a whole number up to"),
        ("no-blank-line", "5000\n\n", "5000\n", "a blank line and then its words"),
        ("no-words", "One unit is a milligramme.\n", " \n", "a blank line and then its words"),
        ("crlf", "\n", "\r\n", "starts with the line"),
        ("upper", "unit: g", "Unit: g", "line 3"),
        ("turned", "name: Gold\nunit: g", "unit: g\nname: Gold", "line 2"),
    )
    for slug, old, new, says in lines:
        raw = issuer.sign("contract", (bank, key, text.replace(old, new, 1 if slug != "crlf" else -1)))
        yield f"head-{slug}", raw, SHAPE, says, f"contract: the head is wrong: {slug}"


def _statements() -> Iterator[Row]:
    good = good_statement()
    for slug, says, what, changes in _states(good):
        yield slug, replace(good, **changes).encode(), SHAPE, says, f"statement: {what}"


def _states(good: Statement) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    low, high = good.balances
    first, second = good.numbers
    one, two = good.outstanding
    spans, sorted_ = "sorted ranges", "must be sorted"
    yield "balances-order", sorted_, "balances in the wrong order", {"balances": (high, low)}
    yield "balances-twice", sorted_, "one asset twice", {"balances": (low, low)}
    yield "balances-split", sorted_, "one asset in two parts", {"balances": (low, Balance(LOW, 9))}
    units: tuple[tuple[str, Any], ...] = (
        ("zero", 0), ("more", 2**63), ("less", -(2**63)), ("true", True), ("null", None), ("text", "5"),
    )  # fmt: skip
    for slug, value in units:
        yield f"balance-{slug}", "a balance from", f"a balance: {slug}", {"balances": (Balance(LOW, value),)}
    yield "balance-asset", "digest is 32", "an asset of 31 bytes", {"balances": (Balance(LOW[:-1], 5),)}  # type: ignore[arg-type]
    yield "balance-of-one", ROW.format(2), "a balance of one field", {"balances": ((LOW,),)}
    yield "balance-of-three", ROW.format(2), "a balance of three fields", {"balances": ((LOW, 5, 5),)}
    yield "numbers-order", spans, "ranges in the wrong order", {"numbers": (second, first)}
    yield "numbers-twice", spans, "one range twice", {"numbers": (first, first)}
    yield "numbers-overlap", spans, "ranges that overlap", {"numbers": (Block(2, 6, START), second)}
    yield "numbers-split", spans, "ranges that should be one", {"numbers": (Block(2, 5, START), second)}
    yield "numbers-within", spans, "a range within another", {"numbers": (Block(2, 9, START), Block(3, 4, START))}
    yield "numbers-backwards", "out of bounds", "a range that runs backwards", {"numbers": (Block(9, 6, START),)}
    yield "numbers-beyond", "out of bounds", "an open number above the highest", {"highest": 8}
    yield "numbers-none-given", "out of bounds", "open numbers, and none given out", {"highest": 0}
    yield "number-zero", "from 1 to", "number 0", {"numbers": (Block(0, 4, START),)}
    yield "number-of-two", ROW.format(3), "a range without its end", {"numbers": ((2, 4),)}
    yield "number-until", "from 0 to", "an end below zero", {"numbers": (Block(2, 4, -1),)}
    yield "spends-order", sorted_, "spends in the wrong order", {"outstanding": (two, one)}
    yield "spends-twice", sorted_, "one spend twice", {"outstanding": (one, one)}
    yield "spends-number", sorted_, "two spends under one number", {"outstanding": (one, two._replace(number=1))}
    for slug, says, other in (
        ("number", "from 1 to", one._replace(number=0)),
        ("amount", "from 1 to", one._replace(amount=0)),
        ("negative", "from 1 to", one._replace(amount=-3)),
        ("payee", "fingerprint is 20", Spend(1, LOW[:19], LOW, 3, START)),  # type: ignore[arg-type]
        ("asset", "digest is 32", Spend(1, None, LOW[:20], 3, START)),  # type: ignore[arg-type]
        ("until", "from 0 to", one._replace(until=-1)),
        ("of-four", ROW.format(5), one[:4]),
        ("of-six", ROW.format(5), (*one, None)),
    ):
        yield f"spend-{slug}", says, f"a spend whose {slug} is wrong", {"outstanding": (other,)}
    yield "taken-order", spans, "notices in the wrong order", {"taken": (Span(5, 5), Span(1, 2))}
    yield "taken-overlap", spans, "notices that overlap", {"taken": (Span(1, 3), Span(3, 5))}
    yield "taken-split", spans, "notices that should be one range", {"taken": (Span(1, 2), Span(3, 5))}
    yield "taken-twice", spans, "notices twice", {"taken": (Span(1, 2), Span(1, 2))}
    yield "taken-backwards", "out of bounds", "notices that run backwards", {"taken": (Span(2, 1),)}
    yield "taken-zero", "from 1 to", "notice 0", {"taken": (Span(0, 1),)}
    yield "taken-of-one", ROW.format(2), "a range of one field", {"taken": ((1,),)}
    yield "taken-of-three", ROW.format(2), "a range of three fields", {"taken": ((1, 2, 3),)}
