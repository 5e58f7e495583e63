"""Cheats through the real code paths, and what the judge says: who owes whom what, of everything that all sides hold.

Banks cheat with their own signer, parties past their wallets. Each case has its converse: what looks alike and is
honest convicts nobody.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from ledgerpost.errors import Refusal
from ledgerpost.judge.court import judge
from ledgerpost.judge.verdict import Finding
from ledgerpost.papers import notice as n
from ledgerpost.papers.card import Card
from ledgerpost.papers.certificate import Certificate
from ledgerpost.papers.instrument import Instrument, digest_of_instrument, identity_of_body, paper_of
from ledgerpost.papers.kinds import About
from ledgerpost.papers.notice import Notice
from ledgerpost.papers.receipt import Receipt, Result, Waits
from ledgerpost.papers.terms import DAY
from ledgerpost.sealed import trusted
from ledgerpost.statement import Block, Span, digest_of, read_statement
from market import Market, endorsed, lead, market, present
from test_certificates import twice
from test_cheques import cheque, deposit, spend, stop, told
from town import Party

NAMES = ("alice", "bob", "carol", "dora")
GRACE = 60 * DAY


class Case(NamedTuple):
    """Files, and who must owe (or, without amount, be at fault): debtor, creditor, amount."""

    files: tuple[bytes, ...]
    found: tuple[tuple[str, str | None, int | None], ...]


CASES: dict[str, Callable[[Market], Case]] = {}


def case(function: Callable[[Market], Case]) -> Callable[[Market], Case]:
    CASES[function.__name__.replace("_", " ")] = function
    return function


def cards(m: Market) -> tuple[bytes, ...]:
    """Of the bank and everybody."""
    people = (m.treasurer, *m.people.values())
    return (m.bank.card, *(card(party) for party in people))


def card(party: Party) -> bytes:
    return Card(party.bank.signer.fingerprint, party.signer.key, party.name).sign(party.signer)


def held(party: Party) -> tuple[bytes, ...]:
    """The newest receipt and what stands beside it; the notices and terms at hand."""
    account = party.account
    assert account.receipt is not None
    rest = (*account.parts.values(), *account.notices.values(), *account.terms.values())
    return (account.receipt, *rest)


def refused(m: Market, holder: str, instrument: Instrument) -> tuple[bytes, ...]:
    """What a wallet keeps of a refused instrument."""
    item = m[holder].account.items[identity_of_body(instrument.body)]
    assert item.state == "refused"
    return (item.instrument, *item.proof)


def cash(m: Market, holder: str, instrument: Instrument, code: Refusal) -> tuple[bytes, ...]:
    m[holder].take(instrument)
    m[holder].queue(instrument)
    [news] = m[holder].trip()
    assert [each.code for each in news.answered[0].results] == [code]
    return refused(m, holder, instrument)


def said(m: Market, finding: Finding) -> tuple[str, str | None, int | None]:
    names: dict[bytes, str] = {Party(name, m.bank).me: name for name in (*NAMES, "rogue", "treasurer", "bank")}
    creditor = names[finding.creditor] if finding.creditor else None
    assert finding.asset in (None, m.grain)
    return names[finding.debtor], creditor, finding.amount if finding.asset else None


# --- receipts forged by the bank ----------------------------------------------------------------------------------


BANK_AT_FAULT: tuple[tuple[str, str | None, int | None], ...] = (("bank", "alice", None),)


def forged(m: Market, change: Callable[[Receipt], Receipt]) -> tuple[bytes, ...]:
    """Alice's next receipt as the bank would like it, on the base before, with what stands beside it."""
    before, old = held(m["alice"]), m["alice"].account.held
    assert old is not None
    m["alice"].wish("getq")
    raw = m["alice"].send()
    letters = m["alice"].account.letters
    [reply] = m.bank.judge(raw).replies
    [good] = [raw for raw in reply.messages if raw[:1] == b"\xd2" and trusted(raw).type == "receipt"]
    m["alice"].take_mail(reply.messages)
    receipt = replace(Receipt.read(trusted(good).body), base=old.base)
    false = change(receipt).sign(m.bank.signer)
    return (false, *before[1:], *letters, old.statement)


@case
def a_lowered_balance(m: Market) -> Case:
    def change(receipt: Receipt) -> Receipt:
        return replace(receipt, statement=read_statement(receipt.statement).moved(m.grain, -3).encode())

    return Case(forged(m, change), (("bank", "alice", 3),))


@case
def a_balance_taken_whole(m: Market) -> Case:
    def change(receipt: Receipt) -> Receipt:
        return replace(receipt, statement=replace(read_statement(receipt.statement), balances=()).encode())

    return Case(forged(m, change), (("bank", "alice", 1000),))


@case
def a_balance_below_nothing(m: Market) -> Case:
    def change(receipt: Receipt) -> Receipt:
        return replace(receipt, statement=read_statement(receipt.statement).moved(m.grain, -1003).encode())

    return Case(forged(m, change), (("bank", "alice", 1003),))


def _statement(change: Callable[[Any], Any]) -> Callable[[Market], Case]:
    def make(m: Market) -> Case:
        m["alice"].pay(m["bob"], m.grain, 7)
        m["alice"].trip()

        def alter(receipt: Receipt) -> Receipt:
            statement = change(read_statement(receipt.statement))
            return replace(receipt, statement=statement.encode())

        return Case(forged(m, alter), BANK_AT_FAULT)

    return make


CASES["a number dropped from a statement"] = _statement(lambda s: s.closed(15))
CASES["a number added to a statement"] = _statement(lambda s: replace(s, highest=30, numbers=(Block(21, 30, 2**40),)))
CASES["an outstanding spend dropped"] = _statement(lambda s: replace(s, outstanding=()))
CASES["a notice listed as taken that was not"] = _statement(lambda s: replace(s, taken=(*s.taken, Span(90, 91))))
CASES["a statement with another salt"] = _statement(lambda s: replace(s, salt=b"\1" * 16))
CASES["a statement of another party"] = _statement(lambda s: replace(s, party=b"\1" * 20))
CASES["a statement that is raised"] = _statement(lambda s: s.moved(s.balances[0].asset, 5))


@case
def a_letter_omitted(m: Market) -> Case:
    def change(receipt: Receipt) -> Receipt:
        later = replace(read_statement(receipt.statement), seq=read_statement(receipt.statement).seq + 3)
        return replace(receipt, statement=later.encode())

    return Case(forged(m, change), BANK_AT_FAULT)


@case
def a_debit_pending_on_a_number_that_is_not_open(m: Market) -> Case:
    assert stop(m["alice"], 1, 1).code is Refusal.DONE

    def pending(receipt: Receipt) -> Receipt:
        return replace(receipt, highest=receipt.highest + 1, pending=(Waits(receipt.highest + 1, n.CLEARED, 1),))

    return Case(forged(m, pending), BANK_AT_FAULT)


@case
def forked_receipts(m: Market) -> Case:
    files = forged(m, lambda receipt: replace(receipt, highest=receipt.highest + 1))
    return Case((*files, m["alice"].account.receipt or b""), BANK_AT_FAULT)


@case
def time_that_goes_backwards(m: Market) -> Case:
    before = held(m["alice"])
    files = forged(m, lambda receipt: replace(receipt, time=receipt.time - DAY))
    return Case((*before, *files), BANK_AT_FAULT)


@case
def notices_counted_backwards(m: Market) -> Case:
    before = held(m["alice"])
    files = forged(m, lambda receipt: replace(receipt, highest=0))
    return Case((*before, *files), BANK_AT_FAULT)


@case
def a_letter_answered_through_another_statement(m: Market) -> Case:
    """A fork of an older receipt, from which a newer one does not go on."""
    old = Receipt.read(trusted(m["alice"].account.receipt or b"").body)
    other = replace(read_statement(old.statement), salt=b"\2" * 16)
    false = replace(old, statement=other.encode()).sign(m.bank.signer)
    return Case((false, *forged(m, lambda receipt: receipt)), BANK_AT_FAULT)


# --- notices forged by the bank -----------------------------------------------------------------------------------


def _ended(m: Market, **fields: Any) -> Instrument:
    return endorsed(cheque(m["alice"], m["bob"], m, **fields), m["bob"], m.bank.signer.key)


def _debit(amount: int, make: Callable[[Market], bytes]) -> Callable[[Market], Case]:
    return lambda m: Case((make(m), *held(m["alice"])), (("bank", "alice", amount),))


CLEARED = n.CLEARED
CASES |= {
    "a debit that another signed": _debit(
        100,
        lambda m: told(m, CLEARED, endorsed(cheque(m["carol"], m["bob"], m), m["bob"], m.bank.signer.key), m["bob"]),
    ),
    "a debit of more than was drawn": _debit(999, lambda m: told(m, CLEARED, _ended(m), m["bob"], amount=999)),
    "a debit on another number": _debit(100, lambda m: told(m, CLEARED, _ended(m), m["bob"], number=2)),
    "a debit after the cheque's end": _debit(
        100, lambda m: told(m, CLEARED, _ended(m, until=m.bank.now + DAY), m["bob"], time=m.bank.now + DAY + 1)
    ),
    "a debit before the cheque's start": _debit(
        100, lambda m: told(m, CLEARED, _ended(m, start=m.bank.now + DAY), m["bob"])
    ),
    "a debit nobody presented": _debit(100, lambda m: told(m, CLEARED, cheque(m["alice"], m["bob"], m), m["bob"])),
    "a debit another presented": _debit(100, lambda m: told(m, CLEARED, _ended(m), m["carol"])),
    "a debit with nothing in it": _debit(100, lambda m: told(m, CLEARED, _ended(m), m["bob"], enclosed=None)),
    "a debit with rubbish in it": _debit(100, lambda m: told(m, CLEARED, _ended(m), m["bob"], enclosed=b"\x82\x40")),
    "a lien without proof": _debit(100, lambda m: told(m, n.LIEN, _ended(m), m["bob"], enclosed=b"\x82\x40\x40")),
    "a recovery from one chain": _debit(100, lambda m: told(m, n.RECOVERED, _ended(m), m["bob"])),
}


@case
def a_debit_on_a_number_not_open(m: Market) -> Case:
    ended = _ended(m)
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    return Case((told(m, CLEARED, ended, m["bob"]), *held(m["alice"])), (("bank", "alice", 100),))


@case
def forked_notices(m: Market) -> Case:
    one = told(m, n.BOUNCED, _ended(m), m["bob"])
    return Case((one, told(m, n.BOUNCED, _ended(m), m["bob"], time=m.bank.now + 1)), BANK_AT_FAULT)


@case
def a_number_charged_twice(m: Market) -> Case:
    ended = _ended(m)
    one = told(m, CLEARED, ended, m["bob"])
    return Case((one, told(m, CLEARED, ended, m["bob"], notice=99), *held(m["alice"])), (("bank", "alice", 100),))


@case
def a_number_charged_three_times(m: Market) -> Case:
    ended = _ended(m)
    raws = [told(m, CLEARED, ended, m["bob"], notice=50 + at) for at in range(3)]
    return Case((*raws, *held(m["alice"])), (("bank", "alice", 100), ("bank", "alice", 100)))


# --- parties that cheat -------------------------------------------------------------------------------------------


@case
def a_number_signed_to_two_payees(m: Market) -> Case:
    one, two = cheque(m["alice"], m["bob"], m, 100), cheque(m["alice"], m["carol"], m, 200)
    return Case((one.encode(), two.encode()), (("alice", None, None),))


@case
def a_number_signed_to_two_and_one_of_them_paid(m: Market) -> Case:
    one, two = cheque(m["alice"], m["bob"], m, 100), cheque(m["alice"], m["carol"], m, 200)
    assert deposit(one, m["bob"]).code is Refusal.DONE
    return Case(cash(m, "carol", two, Refusal.USED), (("alice", "carol", 200), ("alice", None, None)))


@case
def a_cheque_on_a_number_that_became_a_certificate(m: Market) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert spend(m["alice"], None, m, 1, 100).code is Refusal.DONE
    raws = [raw for raw in m["alice"].account.parts.values() if raw[:1] == b"\xd2"]
    [raw] = [raw for raw in raws if trusted(raw).type == "certificate"]
    assert present(lead(Instrument(raw), m["alice"], m["carol"]), m["carol"]).code is Refusal.DONE
    return Case(cash(m, "bob", drawn, Refusal.USED), (("alice", "bob", 100),))


@case
def a_bounced_cheque(m: Market) -> Case:
    return Case(cash(m, "bob", cheque(m["alice"], m["bob"], m, 1001), Refusal.FUNDS), (("alice", "bob", 1001),))


@case
def a_stopped_cheque(m: Market) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    return Case(cash(m, "bob", drawn, Refusal.NUMBER), (("alice", "bob", 100),))


@case
def a_cheque_on_a_number_that_was_spent(m: Market) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert spend(m["alice"], m["carol"], m, 1, 100).code is Refusal.DONE
    return Case(cash(m, "bob", drawn, Refusal.NUMBER), (("alice", "bob", 100),))


@case
def an_open_cheque_that_bounced_twice_is_one_claim(m: Market) -> Case:
    drawn = cheque(m["alice"], None, m, 1001)
    files = cash(m, "bob", drawn, Refusal.FUNDS)
    m.bank.now += 60
    return Case((*files, *cash(m, "carol", drawn, Refusal.FUNDS)), (("alice", "bob", 1001),))


def _parted(places: int) -> Callable[[Market], Case]:
    """A cheque or certificate that its ``places``th holder signed over to two."""

    def make(m: Market) -> Case:
        path = [m[name] for name in ("bob", "carol", "dora")][:places]
        start = cheque(m["alice"], m["bob"], m, 100)
        shared = lead(start, *path)
        rogue, rest = path[-1], [each for each in m.people.values() if each not in (path[-1], m["alice"])]
        one, other = (lead(shared, rogue, each) for each in rest[:2])
        assert present(one, rest[0]).code is Refusal.DONE
        files = cash(m, rest[1].name, other, Refusal.USED)
        return Case(files, ((rogue.name, rest[1].name, 100), (rogue.name, None, None)))

    return make


def _parted_certificate(places: int) -> Callable[[Market], Case]:
    def make(m: Market) -> Case:
        path = [m[name] for name in ("alice", "bob", "carol")][:places]
        shared = lead(m["alice"].buy(m.grain, 400), *path)
        one, other = lead(shared, path[-1], m["dora"]), None
        taker = m["bob"] if path[-1] is not m["bob"] else m["carol"]
        other = lead(shared, path[-1], taker)
        assert present(one, m["dora"]).code is Refusal.DONE
        said_ = present(other, taker)
        assert said_.code is Refusal.USED
        files = (*held(taker), other.encode())
        return Case(files, ((path[-1].name, taker.name, 400), (path[-1].name, None, None)))

    return make


for place_ in (1, 2, 3):
    CASES[f"a cheque endorsed to two at place {place_}"] = _parted(place_)
    CASES[f"a certificate endorsed to two at place {place_}"] = _parted_certificate(place_)


@case
def a_certificate_returned_after_it_was_handed_on(m: Market) -> Case:
    bought = m["alice"].buy(m.grain, 400)
    passed = lead(bought, m["alice"], m["bob"])
    assert present(bought, m["alice"]).code is Refusal.DONE
    return Case(cash(m, "bob", passed, Refusal.USED), (("alice", "bob", 400), ("alice", None, None)))


@case
def two_certificates_under_one_number(m: Market) -> Case:
    bought = m["alice"].buy(m.grain, 100)
    other = Instrument(replace(paper_of(bought.body), amount=300).sign(m.bank.signer))
    return Case((bought.encode(), other.encode()), (("bank", None, None),))


# --- false refusals -----------------------------------------------------------------------------------------------


def refuse(
    m: Market, result: Callable[[Market], Result], *beside: bytes, drawn: Instrument | None = None, taken: bool = False
) -> tuple[bytes, ...]:
    """Bob's good cheque of Alice's, which the bank refuses with a false reason: what Bob has in hand then."""
    drawn = drawn or m["alice"].draw(m["bob"], m.grain, 100)
    if not taken:
        m["bob"].take(drawn)
    m["bob"].queue(drawn)
    raw = m["bob"].send()
    letters = m["bob"].account.letters
    before = m["bob"].account
    assert before.receipt is not None
    false = result(m)
    [reply] = m.bank.judge(raw).replies
    [good] = [each for each in reply.messages if each[:1] == b"\xd2" and trusted(each).type == "receipt"]
    receipt = Receipt.read(trusted(good).body)
    (answer,) = receipt.answers[-1:]
    old = Receipt.read(trusted(before.receipt).body)
    state = replace(before.statement, seq=before.statement.seq + 1, salt=read_statement(receipt.statement).salt)
    letter = trusted(letters[-1])
    base = old.base._replace(statement=digest_of(old.statement), letter=letter.identity)
    answers = (answer._replace(results=(false,)),)
    signed = replace(receipt, statement=state.encode(), base=base, answers=answers).sign(m.bank.signer)
    return (drawn.encode(), signed, *letters, old.statement, *before.terms.values(), *beside)


def _about(m: Market, **fields: Any) -> About:
    statement, held_ = m["alice"].account.statement, m["alice"].account.held
    assert held_ is not None
    return About(m["alice"].me, statement.seq, digest_of(statement.encode()), held_.highest)._replace(**fields)


@case
def a_false_refusal_for_the_number(m: Market) -> Case:
    return Case((*held(m["alice"]), *refuse(m, lambda m: Result(Refusal.NUMBER, None, _about(m)))), BOB_FROM_BANK)


BOB_FROM_BANK = (("bank", "bob", 100),)


@case
def a_false_refusal_that_names_a_statement_never_signed(m: Market) -> Case:
    files = refuse(m, lambda m: Result(Refusal.NUMBER, None, _about(m, digest=b"\1" * 32)))
    return Case((*held(m["alice"]), *files), BOB_FROM_BANK)


def _funds(m: Market, raw: bytes) -> Case:
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    files = refuse(m, lambda m: Result(Refusal.FUNDS, trusted(raw).identity, _about(m)), raw, drawn=drawn)
    return Case((*held(m["alice"]), *files), BOB_FROM_BANK)


@case
def a_false_refusal_for_funds(m: Market) -> Case:
    return _funds(m, told(m, n.BOUNCED, _ended(m), m["bob"]))


@case
def a_refusal_for_funds_of_which_the_drawer_never_heard(m: Market) -> Case:
    return _funds(m, told(m, n.BOUNCED, _ended(m), m["bob"], notice=1, seq=0))


@case
def a_refusal_for_funds_that_shows_another_notice(m: Market) -> Case:
    return _funds(m, told(m, CLEARED, _ended(m, number=2), m["bob"]))


@case
def a_refusal_for_anothers_cheque(m: Market) -> Case:
    other = endorsed(cheque(m["carol"], m["dora"], m, 50), m["dora"], m.bank.signer.key).encode()
    return Case(refuse(m, lambda m: Result(Refusal.USED, digest_of_instrument(other)), other), BOB_FROM_BANK)


@case
def a_refusal_for_a_certificate_that_the_drawer_never_signed_over(m: Market) -> Case:
    """The bank alone can sign one on any number: without its buyer's endorsement it proves nothing."""
    key = m["alice"].signer.key
    body = Certificate(m.bank.signer.fingerprint, 1, m.grain, 5, m.bank.now + DAY, key, 8).sign(m.bank.signer)
    other = Instrument(body).encode()
    return Case(refuse(m, lambda m: Result(Refusal.USED, digest_of_instrument(other)), other), BOB_FROM_BANK)


# --- the cases, one by one ----------------------------------------------------------------------------------------


def decided(m: Market, files: tuple[bytes, ...], now: int | None = None) -> set[tuple[str, str | None, int | None]]:
    return {said(m, each) for each in judge(files, now or m.bank.now).findings}


@pytest.mark.parametrize("which", list(CASES))
def test_a_cheat_is_convicted(which: str) -> None:
    m = market(*NAMES)
    files, found = CASES[which](m)
    assert decided(m, (*cards(m), *files)) >= set(found)
    debtors = {each[0] for each in found}
    assert {each[0] for each in decided(m, (*cards(m), *files))} == debtors


@pytest.mark.parametrize("which", list(CASES))
def test_nothing_else_changes_the_verdict(which: str) -> None:
    """Not the order, nor doubles, rubbish, spoilt copies, or what a third party holds."""
    m = market(*NAMES)
    files = (*cards(m), *CASES[which](m).files)
    verdict = judge(files, m.bank.now)
    dice = random.Random(which)
    spoilt = [raw[:-1] + bytes((raw[-1] ^ 1,)) for raw in files if raw]
    for more in ((), files, spoilt, held(m["dora"]), (b"", b"rubbish", b"\x84\x58", b"\xd2")):
        mixed = [*files, *more]
        dice.shuffle(mixed)
        assert set(judge(mixed, m.bank.now).findings) == set(verdict.findings)


BELIED = ("false refusal", "never heard")
"""Here the drawer's own files clear it: without them it owes on the bank's word, as 12.8 has it."""


@pytest.mark.parametrize("which", list(CASES))
def test_with_a_file_fewer_the_verdict_is_the_same_or_there_is_none(which: str) -> None:
    m = market(*NAMES)
    case_ = CASES[which](m)
    files = tuple(dict.fromkeys((*cards(m), *case_.files)))
    whole = decided(m, files)
    for at in range(len(files)):
        some = files[:at] + files[at + 1 :]
        found = decided(m, some)
        if any(words in which for words in BELIED):
            assert {each[1:] for each in found} <= {each[1:] for each in whole}
            assert {each[0] for each in found} <= {"bank", "alice"}
        else:
            assert found <= whole or {each[0] for each in found} <= {each[0] for each in whole}


# --- the converse -------------------------------------------------------------------------------------------------


def test_honest_business_convicts_nobody() -> None:
    m = market(*NAMES)
    drawn = m["alice"].draw(m["bob"], m.grain, 100)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    bought = m["alice"].buy(m.grain, 50)
    assert present(lead(bought, m["alice"], m["carol"], m["dora"]), m["dora"]).code is Refusal.DONE
    m["alice"].ask()
    files = [raw for party in m.people.values() for raw in held(party)]
    verdict = judge([*cards(m), *files, drawn.encode(), bought.encode()], m.bank.now)
    assert not verdict.findings and not verdict.undecidable


def _open_cheque(m: Market) -> tuple[bytes, ...]:
    drawn = m["alice"].draw(None, m.grain, 100)
    assert m["carol"].deposit(drawn) == [Refusal.DONE]
    return cash(m, "bob", drawn, Refusal.USED)


def _too_early(m: Market) -> tuple[bytes, ...]:
    return cash(m, "bob", m["alice"].draw(m["bob"], m.grain, 100, start=m.bank.now + DAY), Refusal.DATES)


def _too_late(m: Market) -> tuple[bytes, ...]:
    drawn = m["alice"].draw(m["bob"], m.grain, 100, days=1)
    m["bob"].take(drawn)
    m.bank.now += 2 * DAY
    assert stop(m["alice"], 1, 1).code is Refusal.DONE
    m["bob"].queue(drawn)
    m["bob"].trip()
    return (*refused(m, "bob", drawn), *held(m["alice"]))


def _number_refused_after_the_end(m: Market) -> tuple[bytes, ...]:
    """A bank that says NUMBER where an honest one says DATES: no claim on Alice, who stopped it after its end."""
    drawn = m["alice"].draw(m["bob"], m.grain, 100, days=1)
    m["bob"].take(drawn)
    m.bank.now += 2 * DAY
    return refuse(m, lambda m: Result(Refusal.NUMBER, None, _about(m)), drawn=drawn, taken=True)


def _paid_to_another_after_it_bounced(m: Market) -> tuple[bytes, ...]:
    drawn = cheque(m["alice"], None, m, 1001)
    files = cash(m, "bob", drawn, Refusal.FUNDS)
    m.fund(m["alice"], 1)
    m["carol"].take(drawn)
    assert m["carol"].deposit(drawn) == [Refusal.DONE]
    m["alice"].wish("getq")
    m["alice"].trip()
    return (*files, *m["alice"].account.notices.values())


def _recovered(m: Market) -> tuple[bytes, ...]:
    m.bank.set_terms(second="lien")
    m.settle()
    _, two = twice(m, spend=500)
    assert present(two, m["carol"], ended=True).code is Refusal.USED
    files = held(m["carol"])
    m.fund(m["alice"], 500)
    m["alice"].wish("getq")
    m["alice"].trip()
    return (*files, *(raw for raw in m["alice"].account.kept.values()), *m["alice"].account.notices.values())


def _numbers_alike(m: Market) -> tuple[bytes, ...]:
    one, two = (cheque(m[name], m["bob"], m, 10).encode() for name in ("alice", "carol"))
    return (one, two, m["alice"].buy(m.grain, 5).encode(), m["carol"].buy(m.grain, 5).encode())


CONVERSE = (
    _open_cheque,
    _too_early,
    _too_late,
    _number_refused_after_the_end,
    _paid_to_another_after_it_bounced,
    _recovered,
    _numbers_alike,
)


@pytest.mark.parametrize("make", CONVERSE)
def test_what_looks_alike_and_is_honest_convicts_nobody(make: Callable[[Market], tuple[bytes, ...]]) -> None:
    m = market(*NAMES)
    files = (*cards(m), *make(m))
    owed = [each for each in judge(files, m.bank.now).findings if each.asset]
    assert owed == []


def test_a_claim_lapses_after_the_cheques_end_and_grace() -> None:
    m = market(*NAMES)
    files = (*cards(m), *CASES["a bounced cheque"](m).files)
    end = m.bank.now + 30 * DAY + GRACE
    assert decided(m, files, end) == {("alice", "bob", 1001)}
    assert decided(m, files, end + 1) == set()


def test_a_cheque_paid_later_ends_the_claim_whoever_shows_it() -> None:
    m = market(*NAMES)
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    files = (*cards(m), *cash(m, "bob", drawn, Refusal.FUNDS))
    m.fund(m["alice"], 1)
    assert m["bob"].deposit(drawn) == [Refusal.DONE]
    m["alice"].wish("getq")
    m["alice"].trip()
    assert decided(m, files) == {("alice", "bob", 1001)}
    assert decided(m, (*files, *held(m["bob"]))) == set()
    [notice] = [raw for raw in m["alice"].account.notices.values() if Notice.read(trusted(raw).body).kind == CLEARED]
    assert decided(m, (*files, notice)) == set()


def test_a_notice_of_the_debtors_own_making_ends_no_claim() -> None:
    m = market(*NAMES)
    drawn = cheque(m["alice"], m["bob"], m, 1001)
    files = (*cards(m), *cash(m, "bob", drawn, Refusal.FUNDS))
    false = Notice.read(trusted(told(m, CLEARED, drawn, m["bob"])).body)
    forged_ = replace(false, bank=m["alice"].me).sign(m["alice"].signer)
    assert ("alice", "bob", 1001) in decided(m, (*files, forged_))


@pytest.mark.parametrize("type_", ["letter", "bankcard", "instrument", "notice"])
def test_what_is_missing_is_named(type_: str) -> None:
    m = market(*NAMES)
    files = (*cards(m), *CASES["a bounced cheque"](m).files)
    some = [raw for raw in files if (trusted(raw).type if raw[:1] == b"\xd2" else "instrument") != type_]
    verdict = judge(some, m.bank.now)
    assert verdict.undecidable or type_ in ("instrument", "bankcard")
    assert {said(m, each) for each in verdict.findings} <= {("alice", "bob", 1001)}
